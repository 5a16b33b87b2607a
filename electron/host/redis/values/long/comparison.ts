import type { CompareRow, compareSides } from '../../../../../shared/contract/value-work.ts';
import type { Cut } from '../../../../../shared/contract/value-base.ts';
import { cutAt } from '../cut-bytes.ts';
import type { KeyAt } from '../key-read.ts';

export type Side = (typeof compareSides)[number];

/** What a way of comparing works on, and where it tells what it found. */
export interface Comparison {
  left: KeyAt;
  right: KeyAt;
  type: string;
  /** Lengths when the comparison began. */
  lengths: readonly [number, number];
  signal: AbortSignal;
  /** Counts `amount` elements or bytes; the row is only made while rows are kept. */
  add: (side: Side, amount: number, row?: () => CompareRow) => void;
  /** Tells how many more elements or bytes were looked at; throws CANCELLED when the reader has left. */
  looked: (elements: number) => void;
}

/** Up to this many elements of each side are compared; beyond, the counts are of that many. */
export const maxCompared = 100_000;

const rowBytes = 512;

export function rowCut(bytes: Uint8Array): Cut {
  return cutAt(bytes, rowBytes);
}

export function rowOf(side: Side, id: Uint8Array, left: Uint8Array | null, right: Uint8Array | null): CompareRow {
  return { side, id: rowCut(id), left: left === null ? null : rowCut(left), right: right === null ? null : rowCut(right) };
}
