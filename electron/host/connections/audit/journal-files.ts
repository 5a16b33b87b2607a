import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readText, translateStoreError, writeWhole } from '../../store/atomic-file.ts';
import { readLine, type ChainPlace, type JournalLine } from './chain.ts';

export const currentName = 'audit.jsonl';
export const headName = 'audit-head.json';
export const lockName = 'audit.lock';
const rotated = /^audit-(\d{12})\.jsonl$/;
const unchained = /^audit-unchained(?:-\d+)?\.jsonl$/;

/** A full file is named after the number of its first entry. */
export function rotatedName(firstSeq: number): string {
  return `audit-${String(firstSeq).padStart(12, '0')}.jsonl`;
}

export interface JournalFile {
  name: string;
  path: string;
  /** Written before there was a chain, and put aside. */
  unchained: boolean;
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** The files of a journal, oldest first; none when nothing was written. Rejects with STORE_*. */
export async function journalFiles(folder: string): Promise<JournalFile[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw translateStoreError(error, folder, 'read');
  }
  const file = (name: string): JournalFile => ({ name, path: join(folder, name), unchained: unchained.test(name) });
  const old = names.filter((name) => unchained.test(name)).toSorted();
  const full = names.filter((name) => rotated.test(name)).toSorted();
  return [...old, ...full, ...(names.includes(currentName) ? [currentName] : [])].map(file);
}

/** The lines of a file without their newlines; `whole` = it had one. Rejects with STORE_*. */
export async function* linesOf(path: string): AsyncGenerator<{ bytes: Buffer; whole: boolean }> {
  let rest: Buffer[] = [];
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      const chunk = piece as Buffer;
      let from = 0;
      for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, from)) {
        const last = chunk.subarray(from, at);
        yield { bytes: rest.length === 0 ? last : Buffer.concat([...rest, last]), whole: true };
        rest = [];
        from = at + 1;
      }
      if (from < chunk.length) rest.push(chunk.subarray(from));
    }
  } catch (error) {
    if (isMissing(error)) return;
    throw translateStoreError(error, path, 'read');
  }
  if (rest.length > 0) yield { bytes: Buffer.concat(rest), whole: false };
}

/** Where the journal stood after its last write; `null` when there is no such file, or it cannot be understood. */
export async function readHead(folder: string): Promise<ChainPlace | null> {
  const text = await readText(join(folder, headName));
  if (text === null) return null;
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null || !('seq' in json) || !('hash' in json)) return null;
    const { seq, hash } = json;
    return typeof seq === 'number' && Number.isSafeInteger(seq) && typeof hash === 'string' ? { seq, hash } : null;
  } catch {
    // what stands there is no head; a check of the chain says that it is missing
    return null;
  }
}

export function writeHead(folder: string, place: ChainPlace): Promise<void> {
  return writeWhole(join(folder, headName), `${JSON.stringify(place)}\n`);
}

/** The end of a file. */
export interface FileTail {
  size: number;
  /** The last chained line. */
  last: Extract<JournalLine, { kind: 'chained' }> | null;
  /** Bytes after the last newline: a line that was cut. */
  fragment: Buffer;
}

const firstLook = 64 * 1024;

/** Rejects with the system's own error. */
export async function tailOf(path: string): Promise<FileTail | null> {
  let handle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    for (const look of [firstLook, size]) {
      const from = Math.max(0, size - look);
      const bytes = Buffer.alloc(size - from);
      await handle.read(bytes, 0, bytes.length, from);
      const end = bytes.lastIndexOf(0x0a) + 1;
      const lines = splitLines(bytes.subarray(0, end));
      // the first one began before what was read
      if (from > 0) lines.shift();
      for (const line of lines.toReversed()) {
        const found = readLine(line);
        if (found.kind === 'chained') return { size, last: found, fragment: bytes.subarray(end) };
      }
      if (from === 0) return { size, last: null, fragment: bytes.subarray(end) };
    }
    return { size, last: null, fragment: Buffer.alloc(0) };
  } finally {
    await handle.close();
  }
}

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, from)) {
    lines.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return lines;
}
