import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, copyFile, mkdir, mkdtemp, open, readFile, readdir, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJobService } from '../../jobs/job-service.ts';
import { createAuditJournal, type AuditEntry } from '../audit-journal.ts';
import { createAuditService } from './audit-service.ts';
import { journalFiles } from './journal-files.ts';
import { newestEntries } from './read-entries.ts';
import { verifyJournal } from './verify.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-audit-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const unlock = (reason: string): AuditEntry => ({ event: 'unlock', workspaceId: 'w', workspaceName: 'Shop', reason, until: 1 });
const small = { fullBytes: 700 };

async function write(count: number, options = small, where = folder): Promise<void> {
  const journal = createAuditJournal(where, options);
  // one at a time: those that wait for each other are written together
  for (let at = 0; at < count; at += 1) await journal.write(unlock(`reason ${at}`));
}

/** Files of the journal with all their lines. */
async function contents(): Promise<{ path: string; lines: string[] }[]> {
  const files = await journalFiles(folder);
  return Promise.all(files.map(async ({ path }) => ({ path, lines: (await readFile(path, 'utf8')).split('\n').slice(0, -1) })));
}

describe('the chain', () => {
  it('holds over rotated files and over writers that come and go', async () => {
    await write(7);
    await write(5);
    const files = await journalFiles(folder);
    expect(files.length).toBeGreaterThan(3);
    expect(files.at(-1)?.name).toBe('audit.jsonl');
    const found = await verifyJournal(folder);
    expect(found).toMatchObject({ ok: true, entries: 12, unverifiable: 0, first: 1, head: { seq: 12 }, problems: [] });
    if (process.platform !== 'win32') expect((await stat(join(folder, 'audit.jsonl'))).mode & 0o777).toBe(0o600);
    expect((await verifyJournal(folder, found.head?.hash)).foundSeq).toBe(12);
    expect(await verifyJournal(folder, 'f'.repeat(64))).toMatchObject({ ok: false, foundSeq: null });
    expect(await readdir(folder)).not.toContain('audit.lock');
  });

  it('is empty and whole where nothing was written', async () => {
    expect(await verifyJournal(join(folder, 'none'))).toMatchObject({ ok: true, entries: 0, head: null });
  });

  it('finds any entry that was altered, removed, moved, copied or cut off, wherever it is', async () => {
    const kept = await mkdtemp(join(tmpdir(), 'lookaside-audit-kept-'));
    await write(9);
    for (const name of await readdir(folder)) await copyFile(join(folder, name), join(kept, name));
    const names = (await journalFiles(folder)).map(({ name }) => name);
    const change = fc.record({ kind: fc.constantFrom('flip', 'remove', 'swap', 'copy', 'cut', 'drop-file', 'drop-head', 'insert'), file: fc.nat(), line: fc.nat(), byte: fc.nat(), bit: fc.nat(7) });
    try {
      await fc.assert(
        fc.asyncProperty(change, async ({ kind, file, line, byte, bit }) => {
          for (const name of await readdir(kept)) await copyFile(join(kept, name), join(folder, name));
          const path = join(folder, names[file % names.length] ?? '');
          const bytes = await readFile(path);
          const lines = bytes.toString('utf8').split('\n').slice(0, -1);
          const at = line % lines.length;
          const put = (next: string[]) => writeFile(path, next.map((each) => `${each}\n`).join(''));
          if (kind === 'flip') {
            const where = byte % bytes.length;
            bytes[where] = (bytes[where] ?? 0) ^ (1 << bit);
            await writeFile(path, bytes);
          } else if (kind === 'remove') await put(lines.toSpliced(at, 1));
          else if (kind === 'copy') await put(lines.toSpliced(at, 0, lines[at] ?? ''));
          else if (kind === 'insert') await put(lines.toSpliced(at, 0, JSON.stringify({ at: new Date().toISOString(), ...unlock('invented') })));
          else if (kind === 'swap') {
            const all = await contents();
            const flat = all.flatMap((each) => each.lines);
            const [one, other] = [line % flat.length, byte % flat.length];
            if (one === other) return;
            [flat[one], flat[other]] = [flat[other] ?? '', flat[one] ?? ''];
            for (const each of all) await writeFile(each.path, flat.splice(0, each.lines.length).map((text) => `${text}\n`).join(''));
          } else if (kind === 'cut') await truncate(path, byte % bytes.length);
          else if (kind === 'drop-file') await rm(path);
          else await rm(join(folder, 'audit-head.json'));
          const found = await verifyJournal(folder);
          expect(found.ok).toBe(false);
          expect(found.problems[0]?.message).not.toBe('');
          // and it does not heal by being written on
          if (kind !== 'drop-head') {
            await createAuditJournal(folder, small).write(unlock('later'));
            expect((await verifyJournal(folder)).ok).toBe(false);
          }
          for (const name of await readdir(folder)) await rm(join(folder, name));
        }),
        { numRuns: 150 },
      );
    } finally {
      await rm(kept, { recursive: true, force: true });
    }
  });

  it('names what is wrong, and where', async () => {
    await write(9);
    const [first, second] = await contents();
    const problems = async () => (await verifyJournal(folder)).problems.map(({ kind, seq }) => [kind, seq]);
    await writeFile(second?.path ?? '', `${(second?.lines ?? []).map((line) => line.replace('reason', 'Reason')).join('\n')}\n`);
    expect((await problems())[0]?.[0]).toBe('altered');
    await writeFile(second?.path ?? '', `${(second?.lines ?? []).join('\n')}\n`);
    expect(await problems()).toEqual([]);
    await rename(first?.path ?? '', join(folder, 'elsewhere'));
    expect(await problems()).toEqual([['missing-beginning', (first?.lines.length ?? 0) + 1]]);
    await rename(join(folder, 'elsewhere'), first?.path ?? '');
    await rm(second?.path ?? '');
    expect((await problems())[0]?.[0]).toBe('missing');
  });

  it('goes on after a line that was cut by a crash, and vouches for what is left of it', async () => {
    await write(2, { fullBytes: 1e6 });
    const path = join(folder, 'audit.jsonl');
    await appendFile(path, '{"seq":3,"prev":"ab');
    expect((await verifyJournal(folder)).problems).toMatchObject([{ kind: 'cut-line', line: 3 }]);
    await write(2, { fullBytes: 1e6 });
    expect(await verifyJournal(folder)).toMatchObject({ ok: true, entries: 4 });
    await writeFile(path, (await readFile(path, 'utf8')).replace('"prev":"ab\n', '"prev":"ac\n'));
    expect((await verifyJournal(folder)).ok).toBe(false);
  });

  it('keeps a journal of the time before the chain, says that nothing can be said of it, and vouches for it from then on', async () => {
    const old = `${JSON.stringify({ at: '2026-01-01T00:00:00.000Z', ...unlock('long ago') })}\n`;
    await writeFile(join(folder, 'audit.jsonl'), old);
    expect(await verifyJournal(folder)).toMatchObject({ ok: true, entries: 0, unverifiable: 1 });
    await write(1);
    expect(await verifyJournal(folder)).toMatchObject({ ok: true, entries: 1, unverifiable: 1, files: 2 });
    expect(await readFile(join(folder, 'audit-unchained.jsonl'), 'utf8')).toBe(old);
    const { entries } = await newestEntries(folder, { count: 10 });
    expect(entries.map(({ title, seq }) => [title, seq])).toEqual([
      ['Unlock: reason 0', 1],
      ['Unlock: long ago', null],
    ]);
    await writeFile(join(folder, 'audit-unchained.jsonl'), old.replace('long', 'Long'));
    expect((await verifyJournal(folder)).problems).toMatchObject([{ kind: 'altered', file: 'audit-unchained.jsonl' }]);
  });
});

describe('several writers', () => {
  it('write one chain from several processes and journals at once', async () => {
    const child = fileURLToPath(new URL('./testing/write-child.ts', import.meta.url));
    const children = ['a', 'b', 'c'].map((name) => spawn(process.execPath, ['--import', 'tsx', child, folder, name, '40'], { stdio: ['ignore', 'inherit', 'inherit'] }));
    const journals = [createAuditJournal(folder, small), createAuditJournal(folder, small)];
    const ends = await Promise.all([
      ...children.map((each) => once(each, 'close').then(([code]) => code as number)),
      ...Array.from({ length: 20 }, (_, at) => journals[at % 2]?.write(unlock(`here ${at}`)).then(() => 0)),
    ]);
    expect(ends.every((code) => code === 0)).toBe(true);
    expect(await verifyJournal(folder)).toMatchObject({ ok: true, entries: 140, head: { seq: 140 } });
    const { entries } = await newestEntries(folder, { workspaceId: 'b', count: 500 });
    expect(entries.map(({ title }) => title)).toEqual(Array.from({ length: 40 }, (_, at) => `Unlock: ${39 - at}`));
  });

  it('take over the lock of a process that is gone, and wait for one that lives', async () => {
    await write(1);
    const lock = join(folder, 'audit.lock');
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'close');
    const { hostname } = await import('node:os');
    await writeFile(lock, `${gone.pid} ${hostname()} x\n`);
    await write(1);
    await writeFile(lock, `${process.pid} ${hostname()} x\n`);
    let written = false;
    const waiting = write(1).then(() => {
      written = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(written).toBe(false);
    // a lock is held for moments: one that is minutes old has no owner
    await utimes(lock, new Date(0), new Date(0));
    await waiting;
    expect(await verifyJournal(folder)).toMatchObject({ ok: true, entries: 3 });
  });
});

describe('a disk that takes no more', () => {
  it('says why nothing was written, and leaves the chain whole', async () => {
    await write(2, { fullBytes: 1e6 });
    const journal = createAuditJournal(folder);
    if (process.getuid?.() === 0) {
      // root may write everywhere: a folder in the place of the file is refused to everybody
      await rename(join(folder, 'audit.jsonl'), join(folder, 'kept'));
      await mkdir(join(folder, 'audit.jsonl'));
      await expect(journal.write(unlock('refused'))).rejects.toMatchObject({ code: expect.stringMatching(/^STORE_/u), hint: expect.stringContaining('Without a record') });
      await rm(join(folder, 'audit.jsonl'), { recursive: true });
      await rename(join(folder, 'kept'), join(folder, 'audit.jsonl'));
    } else {
      await chmod(folder, 0o500);
      await expect(journal.write(unlock('refused'))).rejects.toMatchObject({ code: 'STORE_DENIED', hint: expect.stringContaining('Without a record') });
      await chmod(folder, 0o700);
    }
    await journal.write(unlock('allowed'));
    expect(await verifyJournal(folder)).toMatchObject({ ok: true, entries: 3 });
  });

  it('names a full disk', async () => {
    // a file that stands for a disk without room
    const full = await open('/dev/full', 'a').catch(() => null);
    if (full === null) return;
    await full.close();
    const { symlink } = await import('node:fs/promises');
    await symlink('/dev/full', join(folder, 'audit.jsonl'));
    await expect(createAuditJournal(folder).write(unlock('refused'))).rejects.toMatchObject({ code: 'STORE_DISK_FULL' });
  });
});

describe('reading', () => {
  it('pages from the newest on, over files, whatever is written meanwhile', async () => {
    await write(10);
    const titles: string[] = [];
    let cursor: string | null = null;
    for (;;) {
      const page: Awaited<ReturnType<typeof newestEntries>> = await newestEntries(folder, { count: 3, cursor });
      titles.push(...page.entries.map(({ title }) => title));
      if (titles.length === 3) await write(2);
      if (page.next === null) break;
      cursor = page.next;
    }
    expect(titles).toEqual(Array.from({ length: 10 }, (_, at) => `Unlock: reason ${9 - at}`));
    expect((await newestEntries(folder, { count: 5, text: 'REASON 4' })).entries).toHaveLength(1);
    expect((await newestEntries(folder, { count: 5, kinds: ['edit'] })).entries).toEqual([]);
    expect((await newestEntries(folder, { count: 5, to: 1 })).entries).toEqual([]);
    await expect(newestEntries(folder, { count: 5, cursor: '99:1' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('exports a timeline, a table and the entries themselves', async () => {
    const journal = createAuditJournal(folder);
    const about = { workspaceId: 'w', workspaceName: 'Shop *live*', runId: 'r1', db: 2, title: 'Delete user:42:*', total: 10 } as const;
    await journal.write(unlock('incident 7'));
    await journal.write({ event: 'bulk-start', ...about, changed: 0, left: 0, failed: 0, durationMs: null, result: 'started', plan: { action: 'unlink' } });
    await journal.write({ event: 'bulk-end', ...about, changed: 9, left: 1, failed: 0, durationMs: 1500, result: 'done', rate: 6 });
    await journal.write({ event: 'edit', workspaceId: 'w', workspaceName: 'Shop', db: 0, key: { b64: '/w==' }, operation: 'Set', outcome: 'done' });
    const jobs = createJobService({});
    const audit = createAuditService({ folder, jobs });
    const exported = async (format: 'jsonl' | 'csv' | 'markdown') => {
      const { jobId } = await audit.export({ format });
      for await (const all of jobs.watch(new AbortController().signal)) {
        const job = all.find((each) => each.jobId === jobId);
        if (job?.state === 'done') return readFile(job.file ?? '', 'utf8');
        if (job?.state === 'failed') throw new Error(JSON.stringify(job.problem));
      }
      return '';
    };
    const timeline = await exported('markdown');
    expect(timeline).toMatch(/^# Timeline\n/u);
    expect(timeline.match(/^## /gmu)).toHaveLength(1);
    expect(timeline).toContain('Delete user:42:\\*: done; 9 of 10 changed, 1 left as they were, in 2s, 6 a second (Shop \\*live\\*, db 2)');
    const table = (await exported('csv')).split('\r\n');
    expect(table).toHaveLength(6);
    expect(table[4]).toContain('"""\\xff"""');
    expect(await exported('jsonl')).toBe(await readFile(join(folder, 'audit.jsonl'), 'utf8'));
    await jobs.closeAll();
  });
});
