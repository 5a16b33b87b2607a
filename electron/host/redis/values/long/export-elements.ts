import type { JobControl } from '../../../services.ts';
import { toWire } from '../../../../../shared/bytes.ts';
import { redisCliQuoted, nameLine } from '../../../../../shared/redis/cli-quote.ts';
import type { Command } from '../../session.ts';
import { entryId } from '../cursor.ts';
import { lengthCommand, readWithLength, replySize, type KeyAt } from '../key-read.ts';
import { bytesOf, listOf, textOf } from '../replies.ts';
import { valueFileName, writeValueFile } from './value-file.ts';
import { createPacer } from './window-walk.ts';

export type ElementType = 'hash' | 'list' | 'set' | 'zset' | 'stream';

/** One element: its parts by name, in the order of the columns. */
type Line = readonly (readonly [column: string, value: Buffer | string | number])[];

interface Page {
  lines: Line[];
  total: number;
  next: string | null;
}

const pairs = (parts: readonly Buffer[]): [Buffer, Buffer][] => Array.from({ length: Math.floor(parts.length / 2) }, (_, at) => [parts[at * 2] as Buffer, parts[at * 2 + 1] as Buffer]);

const scanOf = { hash: 'HSCAN', set: 'SSCAN' } as const;

async function scanPage(key: KeyAt, type: 'hash' | 'set', cursor: string | null, size: number): Promise<Page> {
  const { total, reply } = await readWithLength(key, type, [scanOf[type], key.name, cursor ?? '0', 'COUNT', size]);
  const [next, flat] = listOf(reply);
  const parts = listOf(flat).map((part) => bytesOf(part));
  const lines: Line[] =
    type === 'hash' ? pairs(parts).map(([field, value]) => [['field', field], ['value', value]]) : parts.map((member) => [['member', member]]);
  const at = textOf(next);
  return { lines, total, next: at === '0' ? null : at };
}

async function rankPage(key: KeyAt, type: 'list' | 'zset', cursor: string | null, size: number): Promise<Page> {
  const from = Number(cursor ?? 0);
  const read: Command = type === 'list' ? ['LRANGE', key.name, from, from + size - 1] : ['ZRANGE', key.name, from, from + size - 1, 'WITHSCORES'];
  const { total, reply } = await readWithLength(key, type, read);
  const parts = listOf(reply).map((part) => bytesOf(part));
  const lines: Line[] =
    type === 'list'
      ? parts.map((value, at) => [['index', from + at], ['value', value]])
      : pairs(parts).map(([member, score], at) => [['rank', from + at], ['score', score.toString('latin1')], ['member', member]]);
  return { lines, total, next: from + size < total ? String(from + size) : null };
}

async function streamPage(key: KeyAt, cursor: string | null, size: number): Promise<Page> {
  const { total, reply } = await readWithLength(key, 'stream', ['XRANGE', key.name, cursor === null ? '-' : `(${entryId(cursor)}`, '+', 'COUNT', size]);
  const entries = listOf(reply).map((entry) => {
    const [id, flat] = listOf(entry);
    return { id: textOf(id), fields: pairs(listOf(flat).map((part) => bytesOf(part))) };
  });
  // One line a field, so that every line has the same columns.
  const lines = entries.flatMap(({ id, fields }): Line[] => fields.map(([field, value]) => [['id', id], ['field', field], ['value', value]]));
  return { lines, total, next: entries.length < size ? null : (entries.at(-1)?.id ?? null) };
}

/** JSON Lines carry bytes as the contract does: text, or `{"b64": …}` where they are no UTF-8. */
function jsonLine(line: Line): string {
  return JSON.stringify(Object.fromEntries(line.map(([column, value]) => [column, Buffer.isBuffer(value) ? toWire(value) : value])));
}

/** RFC 4180. What is no text stands in redis-cli's quotes, so that each cell has one meaning. */
function csvCell(value: Buffer | string | number): string {
  const text = Buffer.isBuffer(value) ? csvText(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvText(bytes: Buffer): string {
  const wire = toWire(bytes);
  if (typeof wire !== 'string') return redisCliQuoted(bytes);
  return wire.startsWith('"') ? nameLine(bytes) : wire;
}

/** The body of a job that writes all elements to a CSV or JSON Lines file, by cursor, at most half of the server's time. */
export async function exportElements(key: KeyAt, type: ElementType, format: 'csv' | 'jsonl', folder: string, control: JobControl): Promise<void> {
  const size = await replySize(key, type, lengthCommand(type, key.name) as Command);
  const rest = createPacer(key, control.signal);
  let done = 0;
  const file = await writeValueFile(folder, valueFileName(key.name, format, new Date()), async (write) => {
    let cursor: string | null = null;
    let headed = false;
    do {
      await control.checkpoint();
      const begun = performance.now();
      const page: Page = type === 'hash' || type === 'set' ? await scanPage(key, type, cursor, size) : type === 'stream' ? await streamPage(key, cursor, size) : await rankPage(key, type, cursor, size);
      const took = performance.now() - begun;
      const [first] = page.lines;
      if (format === 'csv' && !headed && first !== undefined) await write(`${first.map(([column]) => column).join(',')}\r\n`);
      headed ||= first !== undefined;
      await write(page.lines.map((line) => (format === 'jsonl' ? `${jsonLine(line)}\n` : `${line.map(([, value]) => csvCell(value)).join(',')}\r\n`)).join(''));
      done += page.lines.length;
      control.report({ done, total: Math.max(done, page.total) });
      cursor = page.next;
      await rest(took);
    } while (cursor !== null);
  });
  control.report({ done, total: done, file });
}
