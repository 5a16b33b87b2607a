import { join } from 'node:path';
import * as v from 'valibot';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { runbook as runbookSchema, savedRunbook, type Runbook, type SavedRunbook } from '../../../shared/contract/runbooks.ts';
import type { AuditJournal } from '../connections/audit-journal.ts';
import { sha256 } from '../connections/audit/chain.ts';
import type { RunbookService, WorkspaceService } from '../services.ts';
import { createJsonFile } from '../store/atomic-file.ts';
import { checkRunbook } from './check-runbook.ts';
import { resolveRunbook } from './resolve-runbook.ts';

const runbooksFile = v.object({ version: v.literal(1), runbooks: v.array(savedRunbook) });
const ownFile = v.object({ lookaside: v.literal('runbook'), version: v.literal(1), runbook: v.unknown() });
const maxRunbooks = 1000;

/** Names differ in more than case and form. */
const plain = (name: string): string => name.trim().normalize('NFC').toLowerCase();

function fileTextOf(runbook: Runbook): string {
  return `${JSON.stringify({ lookaside: 'runbook', version: 1, runbook }, null, 2)}\n`;
}

function fileNameOf(name: string): string {
  const safe = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replaceAll(/^[.-]+|[.-]+$/g, '');
  return `${safe === '' ? 'runbook' : safe}.runbook.json`;
}

function unreadable(why: string): LookasideError {
  return new LookasideError('IMPORT_UNREADABLE', `The file is no runbook: ${why}`, { hint: 'A runbook is a JSON file that was exported from Lookaside.' });
}

/** The runbook in a file's text. Throws IMPORT_UNREADABLE, INVALID_INPUT. */
export function readRunbook(text: string): Runbook {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable('it is not JSON');
    throw error;
  }
  const file = v.safeParse(ownFile, json);
  if (!file.success) throw unreadable('it does not say that it is one');
  const read = v.safeParse(runbookSchema, file.output.runbook);
  if (!read.success) {
    const [issue] = read.issues;
    throw unreadable(`${v.getDotPath(issue) ?? 'it'}: ${issue.message.replace(/ but received .*$/su, '')}`);
  }
  checkRunbook(read.output);
  return read.output;
}

/** Saved invalidations (`runbooks.json` in the data folder). */
export function createRunbookService({ folder, workspaces, audit }: { folder: string; workspaces: Pick<WorkspaceService, 'get'>; audit: AuditJournal }): RunbookService {
  const file = createJsonFile({
    path: join(folder, 'runbooks.json'),
    empty: () => ({ version: 1 as const, runbooks: [] as SavedRunbook[] }),
    parse: (json) => v.parse(runbooksFile, json),
  });

  async function find(name: string): Promise<SavedRunbook> {
    const found = (await file.read()).runbooks.find((each) => plain(each.name) === plain(name));
    if (found === undefined) throw new LookasideError('NOT_FOUND', 'There is no runbook of this name', { hint: 'Choose another one.' });
    return found;
  }

  /** `was`: the name of the one that it replaces. */
  async function put(runbook: Runbook, was: string | null): Promise<SavedRunbook> {
    checkRunbook(runbook);
    const saved = { ...runbook, savedAt: Date.now() };
    const taken = (current: readonly SavedRunbook[]): boolean => current.some(({ name }) => plain(name) === plain(runbook.name) && (was === null || plain(name) !== plain(was)));
    const refuse = (current: readonly SavedRunbook[]): void => {
      if (taken(current)) throw new LookasideError('CONFLICT', 'There is a runbook of this name already', { hint: 'Give it another name, or replace the other one.' });
      if (current.length >= maxRunbooks) throw new LookasideError('LIMIT_EXCEEDED', `There are ${maxRunbooks} runbooks already`);
    };
    refuse((await file.read()).runbooks);
    await audit.write({ event: 'runbook-saved', name: runbook.name, sha256: sha256(fileTextOf(runbook)) });
    await file.update((current) => {
      refuse(current.runbooks);
      const others = current.runbooks.filter(({ name }) => was === null || plain(name) !== plain(was));
      return { version: 1, runbooks: [...others, saved] };
    });
    return saved;
  }

  return {
    list: async () => (await file.read()).runbooks.toSorted((a, b) => a.name.localeCompare(b.name, 'en')),
    save: async ({ runbook, was = null }) => {
      const whole = v.parse(runbookSchema, runbook);
      if (was !== null) await find(was);
      return put(whole, was);
    },
    remove: async (name) => {
      const found = (await file.read()).runbooks.find((each) => plain(each.name) === plain(name));
      if (found === undefined) return;
      const { savedAt: _, ...runbook } = found;
      await audit.write({ event: 'runbook-removed', name: found.name, sha256: sha256(fileTextOf(runbook)) });
      await file.update((current) => ({ version: 1, runbooks: current.runbooks.filter((each) => plain(each.name) !== plain(name)) }));
    },
    importFile: async ({ text, replace = false }) => {
      const runbook = readRunbook(text);
      const isThere = (await file.read()).runbooks.some(({ name }) => plain(name) === plain(runbook.name));
      return put(runbook, replace && isThere ? runbook.name : null);
    },
    exportFile: async (name) => {
      const { savedAt: _, ...runbook } = await find(name);
      return { fileName: fileNameOf(runbook.name), text: fileTextOf(runbook) };
    },
    resolve: async ({ runbook, variables, workspaceId, db }) => {
      const { environment } = await workspaces.get(workspaceId);
      const whole = typeof runbook === 'string' ? await find(runbook) : v.parse(runbookSchema, runbook);
      return resolveRunbook(whole, variables, { workspaceId, db, environment });
    },
  };
}
