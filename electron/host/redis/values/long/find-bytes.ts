/** Finds all places of some bytes in a text that comes in pieces, also those that lie across the pieces. */
export interface Finder {
  /** Places that the next piece completes, counted from the first byte of the first piece, ascending. */
  next(piece: Buffer): number[];
}

function fold(bytes: Buffer): Buffer {
  const folded = Buffer.from(bytes);
  for (let at = 0; at < folded.length; at += 1) {
    const byte = folded[at] as number;
    if (byte >= 0x41 && byte <= 0x5a) folded[at] = byte + 0x20;
  }
  return folded;
}

/** @param ignoreCase folds ASCII letters; other bytes are compared as they are */
export function createFinder(needle: Buffer, ignoreCase: boolean): Finder {
  const wanted = ignoreCase ? fold(needle) : needle;
  const overlap = wanted.length - 1;
  let tail: Buffer = Buffer.alloc(0);
  let at = 0;
  return {
    next(piece) {
      const text = Buffer.concat([tail, ignoreCase ? fold(piece) : piece]);
      const begins = at - tail.length;
      const found: number[] = [];
      for (let place = text.indexOf(wanted); place !== -1; place = text.indexOf(wanted, place + 1)) found.push(begins + place);
      at += piece.length;
      tail = overlap === 0 ? Buffer.alloc(0) : Buffer.from(text.subarray(Math.max(0, text.length - overlap)));
      return found;
    },
  };
}
