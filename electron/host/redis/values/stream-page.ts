import type { ValuePage } from '../../../../shared/contract/values.ts';
import type { Command } from '../session.ts';
import { pageCutter } from './cut-bytes.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { lengthCommand, readWithLength, replySize, type KeyAt } from './key-read.ts';
import { bytesOf, listOf, textOf } from './replies.ts';

/** Entries by id, oldest first, or newest first when reversed. Exclusive ranges need Redis 6.2. */
export async function streamPage(key: KeyAt, request: { cursor: string | null; count: number; reverse: boolean; start: string }): Promise<ValuePage> {
  const position = request.cursor === null ? null : decodeCursor('after', request.cursor);
  const size = position?.size ?? (await replySize(key, 'stream', lengthCommand('stream', key.name) as Command));
  const count = Math.min(request.count, size);
  const [first, last] = request.reverse ? ['+', '-'] : ['-', '+'];
  const from = position === null ? (request.start === '' ? first : request.start) : `(${position.at}`;
  // One more than asked tells whether anything follows.
  const read: Command = [request.reverse ? 'XREVRANGE' : 'XRANGE', key.name, from, last, 'COUNT', count + 1];
  const { total, reply } = await readWithLength(key, 'stream', read);
  const entries = listOf(reply);
  const cut = pageCutter();
  const items = entries.slice(0, count).map((entry) => {
    const [id, flat] = listOf(entry);
    const parts = listOf(flat).map((part) => bytesOf(part));
    const fields = [];
    for (let at = 0; at + 1 < parts.length; at += 2) {
      fields.push({ field: cut(parts[at] as Buffer), value: cut(parts[at + 1] as Buffer) });
    }
    return { id: textOf(id), fields };
  });
  const lastId = items.at(-1)?.id;
  const more = entries.length > count && lastId !== undefined;
  return { type: 'stream', total, items, next: more ? encodeCursor({ kind: 'after', size, at: lastId }) : null };
}
