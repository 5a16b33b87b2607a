/** Value of bit `at`, counted as GETBIT does: from the highest bit of the first byte. */
export function bitAt(bytes: Uint8Array, at: number): 0 | 1 {
  return (((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1) as 0 | 1;
}

/** Bits set in some bytes. */
export function onesIn(bytes: Uint8Array): number {
  let ones = 0;
  for (const byte of bytes) for (let rest = byte; rest > 0; rest &= rest - 1) ones += 1;
  return ones;
}

/** SVG path of a square for each set bit, `size` px apart; runs are one rectangle. A gap after each eighth bit shows the bytes. */
export function pathOfOnes(bytes: Uint8Array, size: number, gap: number): string {
  let path = '';
  for (let at = 0; at < bytes.length * 8; at += 1) {
    if (bitAt(bytes, at) === 0) continue;
    const begin = at;
    while (at % 8 < 7 && bitAt(bytes, at + 1) === 1) at += 1;
    const x = xOfBit(begin, size, gap);
    path += `M${x} 1h${(at - begin + 1) * size - 1}v${size - 2}h${-((at - begin + 1) * size - 1)}z`;
  }
  return path;
}

/** Left edge of a bit in its row, px. */
export function xOfBit(at: number, size: number, gap: number): number {
  return at * size + Math.floor(at / 8) * gap;
}

/** The bit of a row that lies under a point, px from the row's left edge; `null` beside the bits. */
export function bitUnder(x: number, bits: number, size: number, gap: number): number | null {
  const byteWidth = 8 * size + gap;
  const byte = Math.floor(x / byteWidth);
  const inByte = Math.floor((x - byte * byteWidth) / size);
  const at = byte * 8 + inByte;
  return x < 0 || inByte > 7 || at >= bits ? null : at;
}
