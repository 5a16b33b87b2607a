import { createReadStream } from 'node:fs';
import { toWire, utf8OrNull, type WireBytes } from '../../shared/bytes.ts';
import { nameBytes } from '../../shared/redis/cli-quote.ts';
import { usageError } from '../launch/launch-arguments.ts';
import { translateStoreError } from '../host/store/atomic-file.ts';

/** Longest line that is taken for a name, bytes: what is longer is not a list of names. */
const longestLine = 4 * 1024 * 1024;
const quote = 0x22;

/**
 * The lines of a file or, for `-`, of standard input, without LF, CRLF and the mark of UTF-8 at the beginning.
 * @throws STORE_*, INVALID_INPUT
 */
async function* linesOf(path: string): AsyncGenerator<Buffer, void, void> {
  const source = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1024 * 1024 });
  let rest: Buffer = Buffer.alloc(0);
  let first = true;
  const finish = (line: Buffer): Buffer => {
    const whole = first && line.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? line.subarray(3) : line;
    first = false;
    return whole.at(-1) === 0x0d ? whole.subarray(0, -1) : whole;
  };
  try {
    for await (const piece of source) {
      const chunk = typeof piece === 'string' ? Buffer.from(piece) : (piece as Buffer);
      let from = 0;
      for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, from)) {
        yield finish(rest.length === 0 ? chunk.subarray(from, at) : Buffer.concat([rest, chunk.subarray(from, at)]));
        rest = Buffer.alloc(0);
        from = at + 1;
      }
      rest = rest.length === 0 ? chunk.subarray(from) : Buffer.concat([rest, chunk.subarray(from)]);
      if (rest.length > longestLine) throw usageError(`${path} is no list of names: a line is longer than 4 MiB`);
    }
  } catch (error) {
    throw translateStoreError(error, path, 'read');
  }
  if (rest.length > 0) yield finish(rest);
}

/** A line as exports write names: bytes as they are, or in double quotes as redis-cli quotes them. */
function nameOf(line: Buffer): Uint8Array {
  if (line.length < 2 || line[0] !== quote || line.at(-1) !== quote) return line;
  const text = utf8OrNull(line);
  return text === null ? line : nameBytes(text);
}

/** The cells of a row of RFC 4180; `null` while a quoted cell goes on in the next line. */
function cellsOf(row: string): string[] | null {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (row[at] === '"') {
      let cell = '';
      let from = at + 1;
      for (;;) {
        const end = row.indexOf('"', from);
        if (end === -1) return null;
        cell += row.slice(from, end);
        at = end + 1;
        if (row[at] !== '"') break;
        cell += '"';
        from = end + 2;
      }
      cells.push(cell);
    } else {
      const end = row.indexOf(',', at);
      cells.push(row.slice(at, end === -1 ? undefined : end));
      at = end === -1 ? row.length : end;
    }
    if (at >= row.length) return cells;
    at += 1;
    if (at === row.length) return [...cells, ''];
  }
}

async function* columnOf(path: string, column: string): AsyncGenerator<Uint8Array, void, void> {
  const byPlace = /^[1-9]\d{0,3}$/u.test(column);
  let place = byPlace ? Number(column) - 1 : -1;
  let row = '';
  for await (const line of linesOf(path)) {
    row = row === '' ? line.toString('utf8') : `${row}\n${line.toString('utf8')}`;
    const cells = cellsOf(row);
    if (cells === null) continue;
    row = '';
    if (place === -1) {
      place = cells.findIndex((cell) => cell.trim() === column);
      if (place === -1) throw usageError(`${path} has no column of the name that --column gives: its first row names ${cells.length} others`);
      continue;
    }
    const cell = cells[place] ?? '';
    if (cell !== '') yield nameBytes(cell);
  }
  if (row !== '') throw usageError(`${path} is no whole CSV: a quoted cell has no end`);
}

/**
 * The names of a file, a line each, or of a column of a CSV (by the name in its first row, or by its place from 1 on). Blank lines are
 * left out; duplicates stay.
 * @throws STORE_*, INVALID_INPUT
 */
export async function* namesIn(path: string, column: string | undefined): AsyncGenerator<WireBytes, void, void> {
  if (column === undefined && path.toLowerCase().endsWith('.csv')) throw usageError(`${path} is a CSV: name a column with --column`);
  if (column !== undefined) {
    for await (const name of columnOf(path, column)) yield toWire(name);
    return;
  }
  for await (const line of linesOf(path)) if (line.length > 0) yield toWire(nameOf(line));
}
