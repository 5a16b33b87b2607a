import type { Cut } from '../../../../shared/contract/values.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import { escapeGlob } from '../../../../shared/redis/glob.ts';
import type { Command } from '../session.ts';
import { cutAt } from './cut-bytes.ts';
import { entryId } from './cursor.ts';
import { readTyped, type KeyAt } from './key-read.ts';
import { bytesOf, listOf, numberOf, replyOf, textOf } from './replies.ts';

const maxWholeBytes = 1024 * 1024;

export interface ElementRequest {
  type: string;
  id: WireBytes;
  /** Whole length of a member that a page cut, when `id` is only its beginning. */
  bytes: number | null;
}

function missing(what: string): LookasideError {
  return new LookasideError('NOT_FOUND', `The ${what} is not there any more`);
}

function badId(expected: string): LookasideError {
  return new LookasideError('INVALID_INPUT', `id: expected ${expected}`, { details: { field: 'id' } });
}

function checkSize(bytes: number): void {
  if (bytes <= maxWholeBytes) return;
  throw new LookasideError('LIMIT_EXCEEDED', 'The element is larger than 1 MiB', {
    hint: 'Read it with redis-cli, or in windows where it is a string.',
    details: { bytes, limit: maxWholeBytes },
  });
}

function whole(bytes: Buffer): Cut {
  checkSize(bytes.length);
  return cutAt(bytes, maxWholeBytes);
}

async function hashField(key: KeyAt, field: Buffer): Promise<Cut> {
  const [exists, length] = await readTyped(key, 'hash', [['HEXISTS', key.name, field], ['HSTRLEN', key.name, field]]);
  if (numberOf(replyOf(exists)) === 0) throw missing('field');
  checkSize(numberOf(replyOf(length)));
  const [value] = await readTyped(key, 'hash', [['HGET', key.name, field]]);
  const reply = replyOf(value);
  if (reply === null) throw missing('field');
  return whole(bytesOf(reply));
}

/** A list tells no element's length, so it is refused only when it has come. */
async function listElement(key: KeyAt, id: string): Promise<Cut> {
  const index = Number(id);
  if (!/^\d{1,15}$/.test(id)) throw badId('the index of a list element');
  const [value] = await readTyped(key, 'list', [['LINDEX', key.name, index]]);
  const reply = replyOf(value);
  if (reply === null) throw missing('element');
  return whole(bytesOf(reply));
}

/** What one search for a cut member may cost: 64 pages of 1,000. */
const maxSearchTrips = 64;

/** Members have no other handle than themselves: a cut one is searched by its beginning and its length. */
async function cutMember(key: KeyAt, type: 'set' | 'zset', beginning: Buffer, bytes: number): Promise<Cut> {
  checkSize(bytes);
  const pattern = Buffer.concat([escapeGlob(beginning), Buffer.from('*')]);
  const width = type === 'set' ? 1 : 2;
  let at = '0';
  for (let trip = 0; trip < maxSearchTrips; trip += 1) {
    const scan: Command = [type === 'set' ? 'SSCAN' : 'ZSCAN', key.name, at, 'MATCH', pattern, 'COUNT', 1000];
    const [outcome] = await readTyped(key, type, [scan]);
    const [next, flat] = listOf(replyOf(outcome));
    const found = listOf(flat).find((part, index) => index % width === 0 && bytesOf(part).length === bytes);
    if (found !== undefined) return whole(bytesOf(found));
    at = textOf(next);
    if (at === '0') throw missing('member');
  }
  throw new LookasideError('LIMIT_EXCEEDED', 'The member was not found within 64,000 others');
}

async function member(key: KeyAt, type: 'set' | 'zset', id: Buffer, bytes: number | null): Promise<Cut> {
  if (bytes !== null && bytes > id.length) return cutMember(key, type, id, bytes);
  const ask: Command = type === 'set' ? ['SISMEMBER', key.name, id] : ['ZSCORE', key.name, id];
  const [outcome] = await readTyped(key, type, [ask]);
  const reply = replyOf(outcome);
  if (reply === null || (type === 'set' && numberOf(reply) === 0)) throw missing('member');
  return whole(id);
}

async function streamValue(key: KeyAt, id: string): Promise<Cut> {
  const [entry, index, ...rest] = id.split('/');
  if (entry === undefined || index === undefined || rest.length > 0 || !/^\d{1,9}$/.test(index)) {
    throw badId('<entry id>/<field index>');
  }
  const at = entryId(entry);
  const [outcome] = await readTyped(key, 'stream', [['XRANGE', key.name, at, at]]);
  const [found] = listOf(replyOf(outcome));
  if (found === undefined) throw missing('entry');
  const value = listOf(listOf(found)[1])[Number(index) * 2 + 1];
  if (value === undefined) throw missing('field');
  return whole(bytesOf(value));
}

/**
 * One element whole, up to 1 MiB. The id is the index of a list element, the field of a hash, the member of a set or
 * sorted set, and `<entry id>/<field index>` of a stream.
 * @throws NOT_FOUND when the element is gone, LIMIT_EXCEEDED above 1 MiB, KEY_GONE, REDIS_WRONG_TYPE, INVALID_INPUT
 */
export function readElement(key: KeyAt, { type, id, bytes }: ElementRequest): Promise<Cut> {
  const idBytes = Buffer.from(fromWire(id));
  switch (type) {
    case 'hash':
      return hashField(key, idBytes);
    case 'list':
      return listElement(key, idBytes.toString('latin1'));
    case 'set':
    case 'zset':
      return member(key, type, idBytes, bytes);
    case 'stream':
      return streamValue(key, idBytes.toString('latin1'));
    default:
      throw new LookasideError('UNSUPPORTED', 'This type has no elements to read one by one', { details: { type: type.slice(0, 64) } });
  }
}
