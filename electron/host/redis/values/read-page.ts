import type { ValuePage } from '../../../../shared/contract/values.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { toWire } from '../../../../shared/bytes.ts';
import type { Command } from '../session.ts';
import { maxNameBytes, pageCutter } from './cut-bytes.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { fieldTtls } from './field-ttls.ts';
import { lengthCommand, readTyped, readWithLength, replySize, type KeyAt } from './key-read.ts';
import { bytesOf, listOf, numberOrNull, replyOrNull, textOf } from './replies.ts';
import { scanElements, type ScanRequest } from './scan-elements.ts';
import { streamPage } from './stream-page.ts';

export interface PageRequest extends ScanRequest {
  type: string;
  reverse: boolean;
  from: number;
  bytes: number;
  /** For streams: id to begin at; empty = the end that the order begins with. */
  start: string;
}

function checked(from: number): number {
  if (Number.isSafeInteger(from)) return from;
  throw new LookasideError('INVALID_INPUT', 'from: too large a number', { details: { field: 'from' } });
}

async function stringPage(key: KeyAt, { from, bytes }: PageRequest): Promise<ValuePage> {
  const { total, reply } = await readWithLength(key, 'string', ['GETRANGE', key.name, checked(from), from + bytes - 1]);
  return { type: 'string', from, total, chunk: toWire(bytesOf(reply)) };
}

async function hashPage(key: KeyAt, request: PageRequest): Promise<ValuePage> {
  const { total, items, next, looked } = await scanElements(key, 'hash', request);
  const ttls = await fieldTtls(key, items.map(([field]) => field as Buffer));
  const cut = pageCutter();
  return {
    type: 'hash',
    total,
    items: items.map(([field, value], index) => ({
      field: cut(field as Buffer, maxNameBytes),
      value: cut(value as Buffer),
      ttlMs: ttls[index] ?? null,
    })),
    next,
    looked,
  };
}

async function setPage(key: KeyAt, request: PageRequest): Promise<ValuePage> {
  const { total, items, next, looked } = await scanElements(key, 'set', request);
  const cut = pageCutter();
  return { type: 'set', total, items: items.map(([member]) => cut(member as Buffer)), next, looked };
}

/** A window by index, of lists and of sorted sets by rank. */
async function windowOf(key: KeyAt, type: 'list' | 'zset', request: PageRequest, read: (from: number, to: number) => Command) {
  const { size, at } =
    request.cursor === null
      ? { size: await replySize(key, type, lengthCommand(type, key.name) as Command), at: checked(request.from) }
      : decodeCursor('index', request.cursor);
  const to = at + Math.min(request.count, size);
  const { total, reply } = await readWithLength(key, type, read(at, to - 1));
  return { at, total, parts: listOf(reply), next: to < total ? encodeCursor({ kind: 'index', size, at: to }) : null, looked: total === 0 ? 1 : Math.min(1, to / total) };
}

async function listPage(key: KeyAt, request: PageRequest): Promise<ValuePage> {
  const { at, total, parts, next } = await windowOf(key, 'list', request, (from, to) => ['LRANGE', key.name, from, to]);
  const cut = pageCutter();
  return { type: 'list', total, items: parts.map((value, index) => ({ index: at + index, value: cut(bytesOf(value)) })), next };
}

async function zsetPage(key: KeyAt, request: PageRequest): Promise<ValuePage> {
  const cut = pageCutter();
  if (request.match !== '') {
    const { total, items, next, looked } = await scanElements(key, 'zset', request);
    const rankCommand = request.reverse ? 'ZREVRANK' : 'ZRANK';
    const ranks = await key.session.batch(key.db, items.map(([member]): Command => [rankCommand, key.name, member as Buffer]));
    const ranked = items.flatMap(([member, score], index) => {
      const rank = numberOrNull(replyOrNull(ranks[index]));
      // No rank: the member was removed after the scan gave it.
      return rank === null ? [] : [{ rank, member: cut(member as Buffer), score: textOf(score) }];
    });
    return { type: 'zset', total, items: ranked, next, looked };
  }
  const command = request.reverse ? 'ZREVRANGE' : 'ZRANGE';
  const { at, total, parts, next, looked } = await windowOf(key, 'zset', request, (from, to) => [command, key.name, from, to, 'WITHSCORES']);
  const items = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    items.push({ rank: at + index / 2, member: cut(bytesOf(parts[index])), score: textOf(parts[index + 1]) });
  }
  return { type: 'zset', total, items, next, looked };
}

async function otherPage(key: KeyAt, type: string): Promise<ValuePage> {
  await readTyped(key, type, []);
  return { type: 'other', serverType: type };
}

/** One page of a value, by the way that fits its type. Throws KEY_GONE, REDIS_WRONG_TYPE, INVALID_INPUT for a mangled cursor. */
export function readPage(key: KeyAt, request: PageRequest): Promise<ValuePage> {
  switch (request.type) {
    case 'string':
      return stringPage(key, request);
    case 'hash':
      return hashPage(key, request);
    case 'list':
      return listPage(key, request);
    case 'set':
      return setPage(key, request);
    case 'zset':
      return zsetPage(key, request);
    case 'stream':
      return streamPage(key, request);
    default:
      return otherPage(key, request.type);
  }
}
