import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { AuditFilter, AuditFormat, AuditRecord } from '../../../../shared/contract/audit.ts';
import type { AuditService, JobControl, JobService } from '../../services.ts';
import { translateStoreError } from '../../store/atomic-file.ts';
import { auditHeader, auditLine } from './export-entries.ts';
import { matching, newestEntries } from './read-entries.ts';
import { verifyJournal } from './verify.ts';

/** Entries between two looks at pause and cancel. */
const batch = 500;
const extensions: Record<AuditFormat, string> = { jsonl: 'jsonl', csv: 'csv', markdown: 'md' };

/** Pieces of the export, oldest first, with how many entries are in them. */
export async function* exportedJournal(folder: string, filter: AuditFilter, format: AuditFormat): AsyncGenerator<{ text: string; done: number }, void, void> {
  let done = 0;
  let before: AuditRecord | null = null;
  let text = auditHeader(format, new Date());
  for await (const { record, bytes } of matching(folder, filter)) {
    text += auditLine(format, record, bytes, before);
    before = record;
    done += 1;
    if (done % batch !== 0) continue;
    yield { text, done };
    text = '';
  }
  if (text !== '') yield { text, done };
}

async function writeExport(folder: string, { format, ...filter }: AuditFilter & { format: AuditFormat }, control: JobControl): Promise<void> {
  const exports = join(folder, 'exports');
  const file = join(exports, `audit-${new Date().toISOString().slice(0, 23).replaceAll(/[:.]/g, '-')}.${extensions[format]}`);
  let created = false;
  let complete = false;
  try {
    await mkdir(exports, { recursive: true, mode: 0o700 });
    const out = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    const ended = finished(out);
    ended.catch(() => undefined);
    try {
      await Promise.race([once(out, 'open'), ended]);
      created = true;
      let total = 0;
      for await (const { text, done } of exportedJournal(folder, filter, format)) {
        await control.checkpoint();
        if (!out.write(text)) await Promise.race([once(out, 'drain'), ended]);
        total = done;
        control.report({ done });
      }
      out.end();
      await ended;
      complete = true;
      control.report({ done: total, total, file });
    } finally {
      if (!complete) out.destroy();
    }
  } catch (error) {
    throw translateStoreError(error, file, 'write');
  } finally {
    if (created && !complete) await rm(file, { force: true });
  }
}

/** The audit journal of a data folder, for reading. */
export function createAuditService({ folder, jobs }: { folder: string; jobs: Pick<JobService, 'start'> }): AuditService {
  return {
    entries: (input) => newestEntries(folder, input),
    verify: (hash) => verifyJournal(folder, hash),
    export: async (input) => ({
      jobId: jobs.start({ kind: 'export-audit', workspaceId: input.workspaceId ?? '', title: 'Export the audit journal', unit: 'entries', total: null }, (control) => writeExport(folder, input, control)),
    }),
  };
}
