import type { Command } from '../../session.ts';
import { readTyped, readWithLength, type KeyAt } from '../key-read.ts';
import { bytesOf, numberOf, replyOf } from '../replies.ts';

/** Bytes that one BITPOS may look at, and how many of them one call may send. */
const windowBytes = 1024 * 1024;
const maxWindows = 64;

/** Place of the first such bit in a byte at or after `from`, counted from its highest; -1 when there is none. */
function inByte(byte: number, bit: 0 | 1, from: number): number {
  for (let at = from; at < 8; at += 1) if (((byte >> (7 - at)) & 1) === bit) return at;
  return -1;
}

/** The next bit of this value from bit `from`. Bits beyond the value's end are not there, also for 0. */
export async function bitNext(key: KeyAt, bit: 0 | 1, from: number): Promise<{ position: number | null; lookedTo: number; bits: number }> {
  const firstByte = Math.floor(from / 8);
  const { total, reply } = await readWithLength(key, 'string', ['GETRANGE', key.name, firstByte, firstByte]);
  const bits = total * 8;
  if (from >= bits) return { position: null, lookedTo: bits, bits };
  const [byte] = bytesOf(reply);
  const found = byte === undefined ? -1 : inByte(byte, bit, from % 8);
  if (found >= 0) return { position: firstByte * 8 + found, lookedTo: firstByte * 8 + found, bits };
  let at = firstByte + 1;
  for (let window = 0; window < maxWindows && at < total; window += 1) {
    const end = Math.min(total, at + windowBytes);
    const read: Command = ['BITPOS', key.name, bit, at, end - 1];
    const [outcome] = await readTyped(key, 'string', [read]);
    const position = numberOf(replyOf(outcome));
    if (position >= 0) return { position, lookedTo: position, bits };
    at = end;
  }
  return { position: null, lookedTo: Math.min(bits, at * 8), bits };
}
