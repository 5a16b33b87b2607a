import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { wireBytes } from '../../../shared/bytes.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { keyFilter } from '../../../shared/contract/key-filter.ts';
import { sketchInfo, type SketchInfo } from '../../../shared/contract/key-sketches.ts';
import type { Sketch } from '../../../shared/redis/compare-sketches.ts';
import { readText, translateStoreError, writeWhole } from '../store/atomic-file.ts';

/** The head's line mostly ends within this, bytes: a list of sketches then reads no more of each. */
const usualHead = 16 * 1024;
/** It ends before this in any case: the longest part of it is a filter's pattern, a key's prefix at most. */
const maxHead = 4 * 1024 * 1024;
const ending = '.sketch';
const sketchIds = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

type Head = Omit<SketchInfo, 'sketchId' | 'fileBytes'>;

const head = v.object({
  format: v.literal(1),
  ...v.omit(sketchInfo, ['sketchId', 'fileBytes']).entries,
  // sketches of before were all of whole databases
  part: v.optional(v.nullable(keyFilter), null),
});

const count = v.pipe(v.number(), v.minValue(0));
const entry = v.object({
  name: wireBytes,
  keys: count,
  bytes: v.nullable(v.object({ known: count, sum: count })),
  ttl: v.nullable(v.object({ without: count, buckets: v.array(count) })),
});
const body = v.object({ edges: v.array(count), namespaces: v.array(entry), rest: entry });

/** Sketches in the data folder, a file each: a line that says what it is, then its figures. */
export class SketchStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = join(folder, 'sketches');
  }

  async save(about: Head, sketch: Sketch): Promise<SketchInfo> {
    const sketchId = randomUUID();
    const content = Buffer.from(`${JSON.stringify({ format: 1, ...about })}\n${JSON.stringify(sketch)}\n`);
    await writeWhole(this.#path(sketchId), content);
    return { sketchId, ...about, fileBytes: content.length };
  }

  /** Newest first. A file that is no sketch is put aside and told once with STORE_CORRUPT. */
  async list(): Promise<SketchInfo[]> {
    let names: string[];
    try {
      names = await readdir(this.#folder);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw translateStoreError(error, this.#folder, 'read');
    }
    const ids = names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
    const found: SketchInfo[] = [];
    for (const id of ids) {
      const info = await this.#info(id);
      if (info !== null) found.push(info);
    }
    return found.toSorted((a, b) => b.at - a.at);
  }

  /** Rejects with NOT_FOUND. */
  async read(sketchId: string): Promise<{ info: SketchInfo; sketch: Sketch }> {
    const info = sketchIds.test(sketchId) ? await this.#info(sketchId) : null;
    const text = info === null ? null : await readText(this.#path(sketchId));
    if (info === null || text === null) throw new LookasideError('NOT_FOUND', 'This sketch is not there any more', { hint: 'The list is read anew.' });
    try {
      return { info, sketch: v.parse(body, JSON.parse(text.slice(text.indexOf('\n') + 1))) };
    } catch (error) {
      throw await this.#corrupt(sketchId, error);
    }
  }

  /** Nothing happens when it is gone already. */
  async remove(sketchId: string): Promise<void> {
    if (!sketchIds.test(sketchId)) return;
    try {
      await rm(this.#path(sketchId), { force: true });
    } catch (error) {
      throw translateStoreError(error, this.#path(sketchId), 'write');
    }
  }

  #path(sketchId: string): string {
    return join(this.#folder, `${sketchId}${ending}`);
  }

  async #info(sketchId: string): Promise<SketchInfo | null> {
    const path = this.#path(sketchId);
    let text: string;
    let fileBytes: number;
    try {
      fileBytes = (await stat(path)).size;
      const handle = await open(path);
      try {
        let room = usualHead;
        for (;;) {
          const { buffer, bytesRead } = await handle.read(Buffer.alloc(room), 0, room, 0);
          text = buffer.toString('utf8', 0, bytesRead);
          if (text.includes('\n') || bytesRead < room || room >= maxHead) break;
          room *= 16;
        }
      } finally {
        await handle.close();
      }
    } catch (error) {
      // removed meanwhile
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw translateStoreError(error, path, 'read');
    }
    try {
      const { format: _, ...about } = v.parse(head, JSON.parse(text.slice(0, text.indexOf('\n'))));
      return { sketchId, ...about, fileBytes };
    } catch (error) {
      throw await this.#corrupt(sketchId, error);
    }
  }

  async #corrupt(sketchId: string, cause: unknown): Promise<LookasideError> {
    const path = this.#path(sketchId);
    const aside = `${path}.unreadable`;
    try {
      await rename(path, aside);
    } catch (error) {
      return translateStoreError(error, path, 'write');
    }
    return new LookasideError('STORE_CORRUPT', `The sketch ${path} could not be understood and is kept as ${aside}`, {
      hint: 'Try again to go on without it.',
      details: { file: path, keptAs: aside },
      cause,
    });
  }
}
