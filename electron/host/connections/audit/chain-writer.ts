import { mkdir, open, readFile, rename, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { readLine, sealed, sha256, type ChainPlace } from './chain.ts';
import { currentName, isMissing, journalFiles, linesOf, readHead, rotatedName, tailOf, writeHead, type FileTail } from './journal-files.ts';
import { whileLocked } from './journal-lock.ts';

/** A fuller file is put aside, bytes. */
const fullBytes = 16 * 1024 * 1024;

/** Appends entries to the chain of a folder; other processes may do the same. */
export class ChainWriter {
  readonly #folder: string;
  readonly #path: string;
  readonly #fullBytes: number;
  /** Where this writer left the file: nobody wrote since when it still has this size. */
  #left: { size: number; place: ChainPlace } | null = null;

  constructor(folder: string, options: { fullBytes?: number } = {}) {
    this.#folder = folder;
    this.#path = join(folder, currentName);
    this.#fullBytes = options.fullBytes ?? fullBytes;
  }

  /** Resolves when all of them are on the disk. Rejects with the system's own error; then none of them is. */
  async append(entries: readonly object[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await whileLocked(this.#folder, () => this.#append(entries));
  }

  async #append(entries: readonly object[]): Promise<void> {
    const seals: Record<string, unknown> = {};
    const head = await readHead(this.#folder);
    let tail = await this.#tail();
    if (tail !== null && tail.size > 0 && tail.last === null && head === null) {
      seals['before'] = await this.#putAside();
      tail = null;
    }
    if (tail !== null && tail.size >= this.#fullBytes && tail.fragment.length === 0) {
      await this.#rotate();
      tail = null;
      this.#left = null;
    }
    let place: ChainPlace | null = tail?.last ?? (await this.#lastOfFull());
    // what the head knows counts: a journal that was cut or altered must not heal by being written on
    if (head !== null && head.seq >= (place?.seq ?? 0)) place = head;
    const fragment = tail?.fragment ?? Buffer.alloc(0);
    if (fragment.length > 0) seals['cut'] = { bytes: fragment.length, sha256: sha256(fragment) };
    let text = fragment.length > 0 ? '\n' : '';
    for (const [at, entry] of entries.entries()) {
      const next = sealed(at === 0 ? { ...entry, ...seals } : entry, place);
      text += next.line;
      place = next.place;
    }
    if (place === null) return;
    const before = tail?.size ?? 0;
    const size = await this.#write(text, before);
    this.#left = null;
    try {
      await writeHead(this.#folder, place);
    } catch (error) {
      await this.#takeBack(before);
      throw error;
    }
    this.#left = { size, place };
  }

  async #tail(): Promise<FileTail | null> {
    const left = this.#left;
    if (left !== null) {
      try {
        const { size } = await stat(this.#path);
        if (size === left.size) return { size, last: { kind: 'chained', prev: '', fits: true, entry: {}, ...left.place }, fragment: Buffer.alloc(0) };
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
    return tailOf(this.#path);
  }

  /** The end of the newest full file, when the current one is not there yet. */
  async #lastOfFull(): Promise<ChainPlace | null> {
    const full = (await journalFiles(this.#folder)).filter(({ name, unchained }) => !unchained && name !== currentName).at(-1);
    return full === undefined ? null : ((await tailOf(full.path))?.last ?? null);
  }

  /** A journal of the time before the chain: kept as it is, its hash goes into the first entry of the chain. */
  async #putAside(): Promise<{ file: string; bytes: number; sha256: string }> {
    const bytes = await readFile(this.#path);
    const taken = new Set((await journalFiles(this.#folder)).map(({ name }) => name));
    let name = 'audit-unchained.jsonl';
    for (let number = 2; taken.has(name); number += 1) name = `audit-unchained-${number}.jsonl`;
    await rename(this.#path, join(this.#folder, name));
    return { file: name, bytes: bytes.length, sha256: sha256(bytes) };
  }

  async #rotate(): Promise<void> {
    for await (const { bytes } of linesOf(this.#path)) {
      const line = readLine(bytes);
      if (line.kind !== 'chained') continue;
      await rename(this.#path, join(this.#folder, rotatedName(line.seq)));
      return;
    }
  }

  /** All of it or, as far as the disk lets, nothing. Returns the new size. */
  async #write(text: string, before: number): Promise<number> {
    const handle = await open(this.#path, 'a', 0o600);
    try {
      try {
        await handle.writeFile(text);
        await handle.sync();
      } catch (error) {
        await this.#takeBack(before);
        throw error;
      }
      return (await handle.stat()).size;
    } finally {
      await handle.close();
    }
  }

  /** What was not written whole goes again; where that fails too, the next entry says that one was cut. */
  async #takeBack(size: number): Promise<void> {
    await truncate(this.#path, size).catch(() => undefined);
  }
}
