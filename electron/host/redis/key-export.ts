import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { exportError } from './export-error.ts';
import { exportHeader, exportLine, type ExportFormat } from '../../../shared/redis/export-lines.ts';
import type { JobControl } from '../services.ts';
import type { IndexHandle } from './index/index-handle.ts';

/** Names fetched and written at a time, in bytes. */
const batchBytes = 256 * 1024;

export interface NameExport {
  handle: IndexHandle;
  viewId: string;
  folderId: number | null;
  format: ExportFormat;
  /** Writes what is known of each key too. */
  facts: boolean;
  /** Folder for the file; created when missing. */
  folder: string;
  workspaceName: string;
}

/** `<workspace>-2026-11-24T01-40-00-123.txt`; what file systems do not like becomes `-`. */
export function exportFileName(workspaceName: string, format: ExportFormat, now: Date): string {
  const safe = workspaceName
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '')
    .slice(0, 60);
  const time = now.toISOString().slice(0, 23).replaceAll(/[:.]/g, '-');
  return `${safe === '' ? 'keys' : safe}-${time}.${format === 'lines' ? 'txt' : format}`;
}

/**
 * The body of an export job: streams the names to a new file, as fast as the disk takes them. A partial file is removed.
 */
export async function exportNames(options: NameExport, control: JobControl): Promise<void> {
  const { handle, viewId, folderId, format, facts, folder } = options;
  const { walkId, total } = await handle.call('openWalk', { viewId, folderId });
  const file = join(folder, exportFileName(options.workspaceName, format, new Date()));
  let complete = false;
  let created = false;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // names can be secrets; an existing file is never written over
    const out = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    const ended = finished(out);
    ended.catch(() => undefined);
    try {
      await once(out, 'open');
      created = true;
      let done = 0;
      control.report({ done, total });
      out.write(exportHeader(format, facts));
      for (let more = true; more; ) {
        await control.checkpoint();
        const batch = await handle.call('walk', { walkId, bytes: batchBytes, facts });
        more = !batch.done;
        done += batch.names.length;
        const text = batch.names.map((name, at) => exportLine(format, name, facts ? (batch.facts[at] ?? null) : undefined)).join('');
        if (text !== '' && !out.write(text)) await Promise.race([once(out, 'drain'), ended]);
        control.report({ done, total: Math.max(total, done) });
      }
      out.end();
      await ended;
      complete = true;
      control.report({ done, total: done, file });
    } finally {
      if (!complete) out.destroy();
    }
  } catch (error) {
    throw exportError(error, 'The names', file);
  } finally {
    if (created && !complete) await rm(file, { force: true });
    if (handle.usable) await handle.call('closeWalk', { walkId });
  }
}
