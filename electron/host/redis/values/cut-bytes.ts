import type { Cut } from '../../../../shared/contract/values.ts';
import { toWire } from '../../../../shared/bytes.ts';

export const maxElementBytes = 16 * 1024;
/** Names of hash fields are what an element is asked for by, so ordinary 64 KB names stay whole. */
export const maxNameBytes = 64 * 1024;
/** What a page may carry before its further elements are cut shorter. */
const pageBytes = 4 * 1024 * 1024;
const shortBytes = 512;

/** The largest end at most `limit` that does not split a UTF-8 sequence; `limit` itself where it is not UTF-8 anyway. */
function wholeCharacters(bytes: Uint8Array, limit: number): number {
  let end = limit;
  while (end > limit - 4 && end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return ((bytes[end] as number) & 0xc0) === 0x80 ? limit : end;
}

export function cutAt(bytes: Uint8Array, limit: number): Cut {
  if (bytes.length <= limit) return { data: toWire(bytes), bytes: bytes.length, truncated: false };
  return { data: toWire(bytes.subarray(0, wholeCharacters(bytes, limit))), bytes: bytes.length, truncated: true };
}

export type Cutter = (bytes: Uint8Array, limit?: number) => Cut;

/** Cuts the elements of one page: each to its limit, and to 512 bytes once the page carries 4 MiB. */
export function pageCutter(): Cutter {
  let spent = 0;
  return (bytes, limit = maxElementBytes) => {
    const cut = cutAt(bytes, spent < pageBytes ? limit : Math.min(limit, shortBytes));
    spent += Math.min(bytes.length, limit);
    return cut;
  };
}
