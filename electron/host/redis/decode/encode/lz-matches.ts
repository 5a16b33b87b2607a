const smallestMatch = 4;
const farthest = 65_535;
const hashBits = 15;

/** Bytes as they are, `from` to `to`, and behind them `length` bytes that stood `distance` before; 0 at the end. */
export interface LzPiece {
  from: number;
  to: number;
  distance: number;
  length: number;
}

/**
 * Splits bytes into literals and matches, greedily: the last place of four equal bytes counts. The last `tail` bytes are
 * literals. For formats whose matches reach back 64 KiB.
 */
export function* lzPieces(bytes: Uint8Array, tail: number): Generator<LzPiece> {
  const last = new Int32Array(1 << hashBits).fill(-1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - tail;
  let from = 0;
  for (let at = 0; at + smallestMatch <= end; ) {
    const four = view.getUint32(at, true);
    const slot = Math.imul(four, 2_654_435_761) >>> (32 - hashBits);
    const before = last[slot] as number;
    last[slot] = at;
    if (before < 0 || at - before > farthest || view.getUint32(before, true) !== four) {
      at += 1;
      continue;
    }
    let length = smallestMatch;
    while (at + length < end && bytes[before + length] === bytes[at + length]) length += 1;
    yield { from, to: at, distance: at - before, length };
    at += length;
    from = at;
  }
  yield { from, to: bytes.length, distance: 0, length: 0 };
}
