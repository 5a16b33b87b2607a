import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LookasideError, type ErrorCode } from '../../../shared/contract/errors.ts';

function systemCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const kinds = new Map<string, { code: ErrorCode; why: string; hint: string }>([
  ['ENOSPC', { code: 'STORE_DISK_FULL', why: 'the disk is full', hint: 'Free some space and try again; what was saved before is unchanged.' }],
  ['EDQUOT', { code: 'STORE_DISK_FULL', why: 'the disk quota is used up', hint: 'Free some space and try again; what was saved before is unchanged.' }],
  ['EFBIG', { code: 'STORE_DISK_FULL', why: 'the file may not grow further', hint: 'Raise the limit of file sizes and try again.' }],
  ['EACCES', { code: 'STORE_DENIED', why: 'this user may not', hint: 'Check the permissions of the data folder.' }],
  ['EPERM', { code: 'STORE_DENIED', why: 'this user may not', hint: 'Check the permissions of the data folder.' }],
  ['EROFS', { code: 'STORE_DENIED', why: 'the disk is read-only', hint: 'Use another data folder.' }],
]);

/** A file system's failure as an error of the closed list. `what` is "read" or "write". */
export function translateStoreError(error: unknown, path: string, what: 'read' | 'write'): LookasideError {
  if (error instanceof LookasideError) return error;
  const code = systemCode(error);
  const kind = kinds.get(code);
  const done = what === 'read' ? 'read' : 'written';
  if (kind === undefined) {
    return new LookasideError('STORE_FAILED', `The file ${path} cannot be ${done}`, { details: { file: path, systemCode: code }, cause: error });
  }
  return new LookasideError(kind.code, `The file ${path} cannot be ${done}: ${kind.why}`, {
    hint: kind.hint,
    details: { file: path, systemCode: code },
    cause: error,
  });
}

/**
 * Written out here because write-file-atomic ignores short writes: on a disk that fills up in mid-write it renames a
 * cut file over the whole one. `FileHandle.writeFile` goes on until everything is written or fails.
 */
async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    const handle = await open(beside, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/**
 * Replaces a file as a whole, or leaves the old content: written beside, flushed, renamed. The file is for this
 * user only (0600), folders that are made on the way too (0700). Rejects with STORE_*.
 */
export async function writeWhole(path: string, content: string | Buffer): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await replaceFile(path, content);
  } catch (error) {
    throw translateStoreError(error, path, 'write');
  }
}

/** The file's text; `null` when there is none. Rejects with STORE_*. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw translateStoreError(error, path, 'read');
  }
}

export interface JsonFile<T> {
  read(): Promise<T>;
  /**
   * Reads, changes and replaces the content; one update at a time. When the write fails, the file and what `read`
   * returns stay as they were. Returns what was written.
   */
  update(change: (current: T) => T): Promise<T>;
}

/**
 * A small file of JSON, read anew each time so that memory and disk cannot part. Content that `parse` does not
 * accept is moved aside and reported once with STORE_CORRUPT; after that the file counts as empty.
 */
export function createJsonFile<T>(options: { path: string; empty: () => T; parse: (json: unknown) => T }): JsonFile<T> {
  const { path } = options;
  let last: Promise<unknown> = Promise.resolve();

  async function keepAside(cause: unknown): Promise<never> {
    const kept = `${path}.unreadable-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    try {
      await rename(path, kept);
    } catch (error) {
      // not moved: the file stays where it is and every read fails, so that nothing overwrites it
      throw new LookasideError('STORE_CORRUPT', `The file ${path} cannot be understood`, {
        hint: 'Move the file away, or repair it.',
        details: { file: path, systemCode: systemCode(error) },
        cause,
      });
    }
    throw new LookasideError('STORE_CORRUPT', `The file ${path} could not be understood and is kept as ${kept}`, {
      hint: 'Try again to go on without its content, or repair the kept file and rename it back.',
      details: { file: path, keptAs: kept },
      cause,
    });
  }

  async function read(): Promise<T> {
    const text = await readText(path);
    if (text === null) return options.empty();
    try {
      return options.parse(JSON.parse(text));
    } catch (error) {
      return keepAside(error);
    }
  }

  /** One after the other, whether the one before failed or not. */
  function inTurn<R>(work: () => Promise<R>): Promise<R> {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  }

  return {
    read: () => inTurn(read),
    update: (change) =>
      inTurn(async () => {
        const next = change(await read());
        await writeWhole(path, `${JSON.stringify(next, null, 2)}\n`);
        return next;
      }),
  };
}
