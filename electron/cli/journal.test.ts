import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditVerification } from '../../shared/contract/audit.ts';
import { createAuditJournal } from '../host/connections/audit-journal.ts';
import { documentOf, runHere } from './testing/run-cli.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-journal-'));
  const journal = createAuditJournal(folder);
  for (const reason of ['one', 'two']) await journal.write({ event: 'unlock', workspaceId: 'w', workspaceName: 'Shop', reason, until: 1 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]) => runHere(['journal', ...args], { LOOKASIDE_DATA: folder });

describe('lookaside journal', () => {
  it('verifies, and names the head for another time', async () => {
    const found = documentOf<AuditVerification>(await run('verify', '--json'));
    expect(found).toMatchObject({ ok: true, entries: 2, head: { seq: 2 } });
    const { code, out } = await run('verify', '--head', found.head?.hash ?? '');
    expect([code, out]).toEqual([0, expect.stringContaining('The chain holds: 2 entries in 1 file')]);
    expect(out).toContain('is that of entry 2');
    expect((await run('verify', '--head', 'e'.repeat(64))).code).toBe(1);
  });

  it('fails and names the first entry that does not hold', async () => {
    const file = join(folder, 'audit.jsonl');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"one"', '"eno"'));
    const { code, out } = await run('verify');
    expect(code).toBe(1);
    expect(out).toContain('audit.jsonl line 1: Entry 1 was altered');
    expect(documentOf<AuditVerification>(await run('verify', '--json'))).toMatchObject({ ok: false, problems: [{ kind: 'altered', seq: 1 }] });
  });

  it('exports what is asked for', async () => {
    expect((await run('export')).out).toBe(await readFile(join(folder, 'audit.jsonl'), 'utf8'));
    const { out } = await run('export', '--format', 'markdown', '--text', 'TWO');
    expect(out).toContain('Unlock: two');
    expect(out).not.toContain('Unlock: one');
    expect((await run('export', '--from', '2099-01-01', '--format', 'csv')).out.trim().split('\n')).toHaveLength(1);
  });

  it.each([[['forget']], [[]], [['verify', '--head', 'x']], [['export', '--format', 'xml']], [['export', '--to', 'later']]])('refuses %j with code 2', async (args) => {
    expect((await run(...args)).code).toBe(2);
  });
});
