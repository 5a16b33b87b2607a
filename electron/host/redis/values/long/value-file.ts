import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { exportError } from '../../export-error.ts';
import { utf8OrNull } from '../../../../../shared/bytes.ts';

/** `<key>-2026-11-24T01-40-00-123.csv`; what file systems do not like becomes `-`. */
export function valueFileName(name: Uint8Array, extension: string, now: Date): string {
  const safe = (utf8OrNull(name) ?? 'binary-key')
    .slice(0, 200)
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '')
    .slice(0, 60);
  return `${safe === '' ? 'value' : safe}-${now.toISOString().slice(0, 23).replaceAll(/[:.]/g, '-')}.${extension}`;
}

/**
 * Writes a new file in `folder` (created when missing), readable by its owner only. A file that could not be written
 * whole is removed; an existing one is never written over. Gives the path.
 */
export async function writeValueFile(folder: string, fileName: string, body: (write: (part: Buffer | string) => Promise<void>) => Promise<void>): Promise<string> {
  const file = join(folder, fileName);
  let created = false;
  let complete = false;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const out: WriteStream = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    const ended = finished(out);
    ended.catch(() => undefined);
    try {
      await once(out, 'open');
      created = true;
      await body(async (part) => {
        if (part.length > 0 && !out.write(part)) await Promise.race([once(out, 'drain'), ended]);
      });
      out.end();
      await ended;
      complete = true;
    } finally {
      if (!complete) out.destroy();
    }
    return file;
  } catch (error) {
    throw exportError(error, 'The value', file);
  } finally {
    if (created && !complete) await rm(file, { force: true });
  }
}
