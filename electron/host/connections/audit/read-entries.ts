import type { AuditFilter, AuditRecord } from '../../../../shared/contract/audit.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { passes, recordOf } from './audit-record.ts';
import { readLine } from './chain.ts';
import { journalFiles, linesOf, type JournalFile } from './journal-files.ts';

interface Found {
  record: AuditRecord;
  bytes: Buffer;
}

/** Entries that pass, oldest first. What is no entry is left out: the check of the chain names it. */
export async function* matching(folder: string, filter: AuditFilter): AsyncGenerator<Found, void, void> {
  for (const file of await journalFiles(folder)) for await (const { found } of matchingIn(file, filter)) yield found;
}

async function* matchingIn(file: JournalFile, filter: AuditFilter): AsyncGenerator<{ found: Found; line: number }, void, void> {
  let line = 0;
  for await (const { bytes } of linesOf(file.path)) {
    line += 1;
    const read = readLine(bytes);
    if (read.kind === 'unreadable') continue;
    const record = recordOf(read);
    if (passes(filter, record, bytes)) yield { found: { record, bytes }, line };
  }
}

/** A place in the journal that stays right when files are put aside: the files before, and a line. */
interface Cursor {
  file: number;
  /** Lines before this one are still to be given; `null` = all of the file. */
  line: number | null;
}

function readCursor(text: string | null, files: number): Cursor {
  if (text === null) return { file: files - 1, line: null };
  const [, file, line] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? [];
  if (file === undefined || line === undefined || Number(file) >= files) throw new LookasideError('INVALID_INPUT', 'This place in the journal does not exist', { hint: 'Read the journal again from its end.' });
  return { file: Number(file), line: Number(line) };
}

/** A page of entries, newest first. Rejects with STORE_*, INVALID_INPUT. */
export async function newestEntries(
  folder: string,
  { cursor = null, count, ...filter }: AuditFilter & { cursor?: string | null | undefined; count: number },
): Promise<{ entries: AuditRecord[]; next: string | null }> {
  const files = await journalFiles(folder);
  const place = readCursor(cursor, files.length);
  const entries: AuditRecord[] = [];
  for (let at = place.file; at >= 0; at -= 1) {
    const before = at === place.file ? place.line : null;
    const room = count - entries.length;
    // one more than there is room for tells whether there is more
    let kept: { record: AuditRecord; line: number }[] = [];
    for await (const { found, line } of matchingIn(files[at] as JournalFile, filter)) {
      if (before !== null && line >= before) break;
      kept.push({ record: found.record, line });
      if (kept.length > (room + 1) * 2 + 1000) kept = kept.slice(-(room + 1));
    }
    if (room === 0) {
      if (kept.length > 0) return { entries, next: `${at}:${(kept.at(-1)?.line ?? 0) + 1}` };
      continue;
    }
    const taken = kept.slice(-room);
    entries.push(...taken.toReversed().map(({ record }) => record));
    if (kept.length > taken.length) return { entries, next: `${at}:${taken[0]?.line ?? 0}` };
  }
  return { entries, next: null };
}
