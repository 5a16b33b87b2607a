/** 32 bits of a name, spread evenly; another seed gives an independent hash. Murmur3's finaliser on a rotating FNV state. */
export function hash32(bytes: Uint8Array, seed: number): number {
  let hash = (seed ^ 0x9e37_79b9) >>> 0;
  for (let at = 0; at < bytes.length; at += 1) {
    hash = Math.imul(hash ^ (bytes[at] as number), 0x0100_0193);
    hash = (hash << 13) | (hash >>> 19);
  }
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
