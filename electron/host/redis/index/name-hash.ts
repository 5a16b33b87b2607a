/** A new seed each process, so that nobody can prepare names that collide. */
export const hashSeed = (Math.random() * 0x1_0000_0000) | 0;

/** FNV-1a's step; the running state of a name's prefix is the prefix's own state. */
export function hashStep(state: number, byte: number): number {
  return Math.imul(state ^ byte, 0x01000193);
}

/** Spreads a state over all bits (murmur3's finaliser). */
export function hashEnd(state: number): number {
  let hash = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let state = hashSeed;
  for (let at = from; at < to; at += 1) state = hashStep(state, bytes[at] as number);
  return hashEnd(state);
}
