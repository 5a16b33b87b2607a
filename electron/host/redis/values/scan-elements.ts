import { scanShare } from '../../../../shared/redis/scan-cursor.ts';
import type { Command, RedisReply } from '../session.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { lengthCommand, readWithLength, replySize, type KeyAt } from './key-read.ts';
import { bytesOf, listOf, textOf } from './replies.ts';

/** What one request may cost: a rare `match` ends a page with what was found and a cursor to go on from. */
const maxRoundTrips = 16;
const maxBytes = 8 * 1024 * 1024;
/** A value in a compact encoding comes whole whatever COUNT says; longer ones than this are given in parts. */
const maxItems = 5000;

const scans = {
  hash: { command: 'HSCAN', width: 2 },
  set: { command: 'SSCAN', width: 1 },
  zset: { command: 'ZSCAN', width: 2 },
} as const;

export interface ScannedElements {
  total: number;
  /** Bytes of each element: [field, value], [member], [member, score]. */
  items: Buffer[][];
  next: string | null;
  /** Part of the value that is behind the cursor, 0 to 1. */
  looked: number;
}

export interface ScanRequest {
  cursor: string | null;
  count: number;
  match: string;
}

function inGroups(reply: RedisReply | undefined, width: number): Buffer[][] {
  const flat = listOf(reply).map((part) => bytesOf(part));
  const groups: Buffer[][] = [];
  for (let at = 0; at + width <= flat.length; at += width) groups.push(flat.slice(at, at + width));
  return groups;
}

/**
 * About `count` elements by the server's own cursor. Elements that stay come at least once over all pages. A value in
 * a compact encoding comes in one page up to 5,000 elements; above (only by an unusual configuration) each page reads
 * it again and gives the next part, so that a change between two pages can shift an element past the reader.
 */
export async function scanElements(key: KeyAt, type: keyof typeof scans, request: ScanRequest): Promise<ScannedElements> {
  const { command, width } = scans[type];
  const length = lengthCommand(type, key.name) as Command;
  const position =
    request.cursor === null
      ? { size: await replySize(key, type, length), at: '0', skip: 0 }
      : decodeCursor('scan', request.cursor);
  const { size } = position;
  const perTrip = request.match === '' ? Math.min(request.count, size) : size;
  const match = request.match === '' ? [] : ['MATCH', Buffer.from(request.match)];
  const wanted = Math.min(request.count, size);

  const items: Buffer[][] = [];
  let total = 0;
  let bytes = 0;
  let at = position.at;
  for (let trip = 0; trip < maxRoundTrips; trip += 1) {
    const read: Command = [command, key.name, at, ...match, 'COUNT', perTrip];
    const answer = await readWithLength(key, type, read);
    total = answer.total;
    const [nextAt, elements] = listOf(answer.reply);
    const skip = trip === 0 ? position.skip : 0;
    const found = inGroups(elements, width).slice(skip);
    const whole = at === '0' && textOf(nextAt) === '0';
    if (whole && found.length > maxItems) {
      return { total, items: found.slice(0, maxItems), next: encodeCursor({ kind: 'scan', size, at, skip: skip + maxItems }), looked: (skip + maxItems) / (skip + found.length) };
    }
    for (const element of found) {
      items.push(element);
      for (const part of element) bytes += part.length;
    }
    at = textOf(nextAt);
    if (at === '0') return { total, items, next: null, looked: 1 };
    if (items.length >= wanted || bytes >= maxBytes) break;
  }
  return { total, items, next: encodeCursor({ kind: 'scan', size, at, skip: 0 }), looked: scanShare(at) };
}
