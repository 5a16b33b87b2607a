import { LookasideError } from '../../../../shared/contract/errors.ts';

/**
 * Where a page ended, as opaque text. `size` is how many elements one server reply may hold, found from the value's
 * mean element size when its first page was read.
 */
export type Position =
  /** HSCAN, SSCAN, ZSCAN: the server's cursor, and how many elements of its reply were already given. */
  | { kind: 'scan'; size: number; at: string; skip: number }
  /** Lists by index, sorted sets by rank. */
  | { kind: 'index'; size: number; at: number }
  /** Streams, pending lists: the last id given. */
  | { kind: 'after'; size: number; at: string };

const maxUint64 = 2n ** 64n - 1n;
const maxSize = 1000;

function mangled(): LookasideError {
  return new LookasideError('INVALID_INPUT', 'The cursor is not one that a page gave', { details: { field: 'cursor' } });
}

function uint64(text: string): string {
  if (!/^(0|[1-9]\d{0,19})$/.test(text) || BigInt(text) > maxUint64) throw mangled();
  return text;
}

function natural(text: string): number {
  const value = Number(uint64(text));
  if (!Number.isSafeInteger(value)) throw mangled();
  return value;
}

/** An entry id of a stream, `<ms>-<sequence>`. Throws INVALID_INPUT. */
export function entryId(text: string): string {
  const [ms, sequence, ...rest] = text.split('-');
  if (ms === undefined || sequence === undefined || rest.length > 0) throw mangled();
  return `${uint64(ms)}-${uint64(sequence)}`;
}

export function encodeCursor(position: Position): string {
  const { kind, size, at } = position;
  return kind === 'scan' ? `scan:${size}:${at}:${position.skip}` : `${kind}:${size}:${at}`;
}

/** Throws INVALID_INPUT for anything that `encodeCursor` did not write for this kind of value. */
export function decodeCursor<K extends Position['kind']>(kind: K, cursor: string): Extract<Position, { kind: K }>;
export function decodeCursor(kind: Position['kind'], cursor: string): Position {
  const [head, sizeText, at, skip, ...rest] = cursor.split(':');
  if (head !== kind || sizeText === undefined || at === undefined || rest.length > 0) throw mangled();
  if ((skip !== undefined) !== (kind === 'scan')) throw mangled();
  const size = natural(sizeText);
  if (size < 1 || size > maxSize) throw mangled();
  if (kind === 'index') return { kind, size, at: natural(at) };
  if (kind === 'after') return { kind, size, at: entryId(at) };
  return { kind, size, at: uint64(at), skip: natural(skip ?? '') };
}

/** Bytes that one server reply of a page may have by estimate. */
const replyBytes = 8 * 1024 * 1024;

/** How many elements a reply may hold so that it stays near 8 MiB, from MEMORY USAGE and the length; 1 to 1,000. */
export function sizeFor(memoryBytes: number | null, length: number): number {
  if (memoryBytes === null || length === 0) return maxSize;
  return Math.max(1, Math.min(maxSize, Math.floor(replyBytes / Math.max(1, memoryBytes / length))));
}
