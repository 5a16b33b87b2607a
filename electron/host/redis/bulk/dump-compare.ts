/**
 * Hashes and sets that are hash tables are dumped in the order of their tables, which is another one after RESTORE: equal values
 * then differ in their bytes. Such payloads are taken apart here and compared without order. The elements' own bytes are taken as
 * they are encoded; servers of one version encode a string in one way.
 */

/** RDB types whose order means nothing: elements that belong together. */
const unordered = new Map([
  [2, 1],
  [4, 2],
]);
const footerBytes = 10;

/** Whether a payload is of a kind whose order means nothing. */
export function isUnordered(dump: Buffer): boolean {
  return unordered.has(dump[0] ?? -1);
}

/** A length, or the kind of a specially encoded string, and where what follows begins. */
function lengthAt(bytes: Buffer, at: number): { length: number; special: boolean; next: number } {
  const first = bytes.readUInt8(at);
  switch (first >> 6) {
    case 0:
      return { length: first & 0x3f, special: false, next: at + 1 };
    case 1:
      return { length: ((first & 0x3f) << 8) | bytes.readUInt8(at + 1), special: false, next: at + 2 };
    case 2:
      if (first === 0x80) return { length: bytes.readUInt32BE(at + 1), special: false, next: at + 5 };
      return { length: Number(bytes.readBigUInt64BE(at + 1)), special: false, next: at + 9 };
    default:
      return { length: first & 0x3f, special: true, next: at + 1 };
  }
}

const lzf = 3;

/** Where the string that begins at `at` ends. Throws RangeError for what is none. */
function endOfString(bytes: Buffer, at: number): number {
  const { length, special, next } = lengthAt(bytes, at);
  let end = next + length;
  if (special && length < lzf) end = next + 2 ** length;
  else if (special && length === lzf) {
    const packed = lengthAt(bytes, next);
    end = lengthAt(bytes, packed.next).next + packed.length;
  } else if (special) throw new RangeError('An encoding of strings that is not known');
  if (end > bytes.length) throw new RangeError('The payload ends too early');
  return end;
}

function elementsOf(dump: Buffer, together: number): string[] {
  const bytes = dump.subarray(0, dump.length - footerBytes);
  const { length, next } = lengthAt(bytes, 1);
  const found: string[] = [];
  let at = next;
  for (let index = 0; index < length; index += 1) {
    const begin = at;
    for (let part = 0; part < together; part += 1) at = endOfString(bytes, at);
    found.push(bytes.toString('latin1', begin, at));
  }
  if (at !== bytes.length) throw new RangeError('Bytes stand behind the last element');
  return found.toSorted();
}

/** Whether two payloads of DUMP hold the same value; `false` also where that cannot be told. */
export function sameDump(a: Buffer, b: Buffer): boolean {
  if (a.equals(b)) return true;
  const together = unordered.get(a[0] ?? -1);
  if (together === undefined || a[0] !== b[0] || a.length !== b.length) return false;
  try {
    const [left, right] = [elementsOf(a, together), elementsOf(b, together)];
    return left.length === right.length && left.every((each, at) => each === right[at]);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
