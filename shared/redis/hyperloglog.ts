/** Registers of a Redis HyperLogLog (hyperloglog.c: 14 bits of the hash choose the register). */
export const hllRegisters = 16_384;
/** Longest run of zeros that a 64-bit hash can show after the 14 bits. */
const longestRun = 50;
/** Relative standard error of the estimate: 1.04 / sqrt(registers), 0.81 %. */
export const hllStandardError = 1.04 / Math.sqrt(hllRegisters);
const headerBytes = 16;
const denseBytes = headerBytes + (hllRegisters * 6) / 8;
/** Largest value that can be one; PFADD turns a sparse one dense long before. */
export const hllMaxBytes = 65_536;
const alphaInfinity = 0.721_347_520_444_481_7;

export interface HyperLogLog {
  encoding: 'dense' | 'sparse';
  /** Count that the server cached in the header; `null` when a later PFADD made it stale. */
  cached: number | null;
  /** How many registers hold each value, 0 to 51. Their sum is 16,384. */
  histogram: readonly number[];
  /** The estimate that PFCOUNT gives for these registers, computed as the server does. */
  estimate: number;
}

/** Whether bytes begin as a HyperLogLog does. Any string may: `readHyperLogLog` tells whether the rest is one. */
export function looksLikeHyperLogLog(bytes: Uint8Array): boolean {
  return bytes.length >= headerBytes && bytes[0] === 0x48 && bytes[1] === 0x59 && bytes[2] === 0x4c && bytes[3] === 0x4c && (bytes[4] === 0 || bytes[4] === 1);
}

function denseHistogram(bytes: Uint8Array): number[] | null {
  if (bytes.length !== denseBytes) return null;
  const histogram = Array.from({ length: 64 }, () => 0);
  for (let register = 0; register < hllRegisters; register += 1) {
    const bit = register * 6;
    const at = headerBytes + (bit >> 3);
    const shift = bit & 7;
    const value = (((bytes[at] as number) >> shift) | ((bytes[at + 1] ?? 0) << (8 - shift))) & 63;
    histogram[value] = (histogram[value] as number) + 1;
  }
  return histogram;
}

/** Opcodes: 00xxxxxx zeros, 01xxxxxx yyyyyyyy many zeros, 1vvvvvxx one to four registers of value v + 1. */
function sparseHistogram(bytes: Uint8Array): number[] | null {
  const histogram = Array.from({ length: 64 }, () => 0);
  let registers = 0;
  for (let at = headerBytes; at < bytes.length; at += 1) {
    const code = bytes[at] as number;
    let value = 0;
    let run = (code & 0x3f) + 1;
    if ((code & 0x80) !== 0) {
      value = ((code >> 2) & 0x1f) + 1;
      run = (code & 3) + 1;
    } else if ((code & 0x40) !== 0) {
      at += 1;
      if (at >= bytes.length) return null;
      run = (((code & 0x3f) << 8) | (bytes[at] as number)) + 1;
    }
    registers += run;
    if (registers > hllRegisters) return null;
    histogram[value] = (histogram[value] as number) + run;
  }
  return registers === hllRegisters ? histogram : null;
}

/** `sigma` and `tau` of Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", as hyperloglog.c has them. */
function sigma(start: number): number {
  if (start === 1) return Number.POSITIVE_INFINITY;
  let x = start;
  let y = 1;
  let z = x;
  for (;;) {
    x *= x;
    const before = z;
    z += x * y;
    y += y;
    if (before === z) return z;
  }
}

function tau(start: number): number {
  if (start === 0 || start === 1) return 0;
  let x = start;
  let y = 1;
  let z = 1 - x;
  for (;;) {
    x = Math.sqrt(x);
    const before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
    if (before === z) return z / 3;
  }
}

function estimateOf(histogram: readonly number[]): number {
  const m = hllRegisters;
  let z = m * tau((m - (histogram[longestRun + 1] ?? 0)) / m);
  for (let run = longestRun; run >= 1; run -= 1) z = (z + (histogram[run] ?? 0)) * 0.5;
  z += m * sigma((histogram[0] ?? 0) / m);
  return Math.round((alphaInfinity * m * m) / z);
}

function cachedCount(bytes: Uint8Array): number | null {
  if (((bytes[15] as number) & 0x80) !== 0) return null;
  let count = 0n;
  for (let at = 15; at >= 8; at -= 1) count = (count << 8n) | BigInt(bytes[at] as number);
  return Number(count);
}

/** Reads a whole HyperLogLog; `null` when the bytes are none, or a corrupt one. PFCOUNT would write: this does not. */
export function readHyperLogLog(bytes: Uint8Array): HyperLogLog | null {
  if (!looksLikeHyperLogLog(bytes)) return null;
  const dense = bytes[4] === 0;
  const histogram = dense ? denseHistogram(bytes) : sparseHistogram(bytes);
  if (histogram === null) return null;
  return { encoding: dense ? 'dense' : 'sparse', cached: cachedCount(bytes), histogram: histogram.slice(0, longestRun + 2), estimate: estimateOf(histogram) };
}
