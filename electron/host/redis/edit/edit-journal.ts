import { appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { wireBytes } from '../../../../shared/bytes.ts';
import { editOperations, type RecentEdit } from '../../../../shared/contract/edit.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { readText, translateStoreError, writeWhole } from '../../store/atomic-file.ts';
import { loadPlans, storePlans, type Plan } from './plan.ts';

/** Edits that keep what undoes them, and what these may take together, bytes; of older ones only the line is kept. */
const keptPlans = 500;
const keptBytes = 1024 * 1024 * 1024;
const tooOld = { possible: false, reason: 'Only the latest edits keep what takes them back' };
/** Lines kept when the journal is tidied, which happens above twice as many. */
const keptLines = 5000;

const states = ['planned', 'applied', 'failed', 'undone', 'unknown'] as const;

const planned = v.object({
  line: v.literal('planned'),
  editId: v.string(),
  at: v.number(),
  workspaceId: v.string(),
  db: v.number(),
  name: wireBytes,
  operation: v.picklist(editOperations),
  summary: v.string(),
  undo: v.object({ possible: v.boolean(), reason: v.string() }),
});
const ended = v.object({
  line: v.literal('state'),
  editId: v.string(),
  at: v.number(),
  state: v.picklist(states),
  undo: v.optional(v.object({ possible: v.boolean(), reason: v.string() })),
});
const journalLine = v.variant('line', [planned, ended]);

export interface JournalEntry extends RecentEdit {
  workspaceId: string;
}

/** An edit's steps and what takes them back, in order. */
export interface EditPlans {
  forward: readonly Plan[];
  back: readonly Plan[] | null;
}

/**
 * Every edit, in `edits.jsonl` of the data folder: a line before it is sent, another when its outcome is known. What undoes it
 * lies in a file of its own under `edits/`. Both hold values, so they are for this user only (0600), and both are on the disk
 * (fsync) before the write is sent. Rejects with STORE_*.
 */
export interface EditJournal {
  plan(entry: Omit<JournalEntry, 'state'>, plans: EditPlans): Promise<void>;
  end(editId: string, state: JournalEntry['state'], change?: { undo: RecentEdit['undo']; plans: EditPlans }): Promise<void>;
  /** `null` when there is none of this id. */
  find(editId: string): Promise<JournalEntry | null>;
  plans(editId: string): Promise<EditPlans | null>;
  /** Newest first. */
  recent(workspaceId: string, limit: number): Promise<JournalEntry[]>;
}

export function createEditJournal(folder: string): EditJournal {
  const file = join(folder, 'edits.jsonl');
  const plansFolder = join(folder, 'edits');
  const planFile = (editId: string): string => join(plansFolder, `${editId}.json`);
  let entries: Promise<Map<string, JournalEntry>> | null = null;
  let last: Promise<unknown> = Promise.resolve();

  function note(known: Map<string, JournalEntry>, text: string): void {
    const parsed = v.safeParse(journalLine, JSON.parse(text));
    if (!parsed.success) return;
    if (parsed.output.line === 'planned') {
      const { line: _, ...entry } = parsed.output;
      known.set(entry.editId, { ...entry, state: 'planned' });
      return;
    }
    const { editId, state, undo } = parsed.output;
    const entry = known.get(editId);
    if (entry !== undefined) known.set(editId, { ...entry, state, ...(undo === undefined ? {} : { undo }) });
  }

  async function read(): Promise<Map<string, JournalEntry>> {
    const known = new Map<string, JournalEntry>();
    const lines = ((await readText(file)) ?? '').split('\n').filter((line) => line !== '');
    for (const line of lines) {
      try {
        note(known, line);
      } catch (error) {
        // a crash can leave a half line behind; the others stand
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
    // what was never answered for is of an outcome that nobody knows
    for (const [editId, entry] of known) if (entry.state === 'planned') known.set(editId, { ...entry, state: 'unknown' });
    if (lines.length > 2 * keptLines) await writeWhole(file, `${lines.slice(-keptLines).join('\n')}\n`);
    await takeStock([...known.keys()]);
    return known;
  }

  /** Plans on the disk in the order of their edits, with their sizes. */
  const sizes = new Map<string, number>();

  async function takeStock(order: readonly string[]): Promise<void> {
    const present = await readdir(plansFolder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw translateStoreError(error, plansFolder, 'read');
    });
    const files = new Set(present);
    for (const editId of order) if (files.delete(`${editId}.json`)) sizes.set(editId, (await stat(planFile(editId))).size);
    // of edits that the journal does not hold any more, and of writes that a crash cut off
    for (const name of files) await rm(join(plansFolder, name), { force: true });
    await tidy();
  }

  async function tidy(): Promise<void> {
    let bytes = 0;
    for (const size of sizes.values()) bytes += size;
    for (const [editId, size] of sizes) {
      if (sizes.size <= keptPlans && bytes <= keptBytes) return;
      bytes -= size;
      sizes.delete(editId);
      await rm(planFile(editId), { force: true });
    }
  }

  function loaded(): Promise<Map<string, JournalEntry>> {
    entries ??= read().catch((error: unknown) => {
      entries = null;
      throw error;
    });
    return entries;
  }

  function append(line: v.InferInput<typeof journalLine>): Promise<void> {
    const write = async (): Promise<void> => {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await appendFile(file, `${JSON.stringify(line)}\n`, { mode: 0o600, flush: true });
      } catch (error) {
        throw translateStoreError(error, file, 'write');
      }
    };
    const done = last.then(write, write);
    last = done.catch(() => undefined);
    return done;
  }

  async function writePlans(editId: string, { forward, back }: EditPlans): Promise<void> {
    const text = JSON.stringify({ forward: storePlans(forward), back: back === null ? null : storePlans(back) });
    await writeWhole(planFile(editId), text);
    sizes.set(editId, text.length);
  }

  return {
    async plan(entry, plans) {
      const known = await loaded();
      await writePlans(entry.editId, plans);
      await append({ line: 'planned', ...entry });
      known.set(entry.editId, { ...entry, state: 'planned' });
      await tidy();
    },
    async end(editId, state, change) {
      const known = await loaded();
      const entry = known.get(editId);
      if (entry === undefined) throw new LookasideError('NOT_FOUND', 'The journal does not hold this edit');
      if (change !== undefined) await writePlans(editId, change.plans);
      await append({ line: 'state', editId, at: Date.now(), state, ...(change === undefined ? {} : { undo: change.undo }) });
      known.set(editId, { ...entry, state, ...(change === undefined ? {} : { undo: change.undo }) });
    },
    find: async (editId) => (await loaded()).get(editId) ?? null,
    async plans(editId) {
      const text = await readText(planFile(editId));
      if (text === null) return null;
      const { forward, back } = JSON.parse(text) as { forward: unknown; back: unknown };
      return { forward: loadPlans(forward), back: back === null ? null : loadPlans(back) };
    },
    recent: async (workspaceId, limit) => [...(await loaded()).values()].filter((entry) => entry.workspaceId === workspaceId).slice(-limit).toReversed().map((entry) => (entry.undo.possible && !sizes.has(entry.editId) ? { ...entry, undo: tooOld } : entry)),
  };
}
