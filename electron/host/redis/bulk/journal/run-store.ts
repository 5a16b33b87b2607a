import { link, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { leftReasons, runStates, type RunSummary } from '../../../../../shared/contract/bulk.ts';
import { errorCodes, LookasideError } from '../../../../../shared/contract/errors.ts';
import { translateStoreError, writeWhole } from '../../../store/atomic-file.ts';
import { parseCounts, RunTally } from '../run-tally.ts';
import { JournalReader } from './run-journal.ts';
import { runHeader, valueShape } from './records.ts';

const counts = {
  left: v.array(v.object({ reason: v.picklist(leftReasons), count: v.number() })),
  failed: v.array(v.object({ code: v.picklist(errorCodes), message: v.string(), count: v.number() })),
};

/** What is known of a run without reading its journal. Beside it, and made again from it when it is missing or old. */
export const storedRun = v.object({
  header: runHeader,
  state: v.picklist(runStates),
  endedAt: v.nullable(v.number()),
  done: v.number(),
  changed: v.number(),
  ...counts,
  cut: v.boolean(),
  /** Who works on it: an operating system's process, alive while it beats. */
  owner: v.nullable(v.object({ pid: v.number(), beatAt: v.number() })),
  /** Its journal came from this file, which someone else wrote: nothing of it is to be gone on with. */
  adopted: v.optional(v.string()),
  /** Types and formats of the values that its journal holds; missing where nobody has looked. */
  shapes: v.optional(v.array(valueShape)),
  undone: v.nullable(v.object({ at: v.number(), restored: v.number(), ...counts, complete: v.boolean() })),
});
export type StoredRun = v.InferOutput<typeof storedRun>;

/** A process that has not beaten for this time is dead, or its number belongs to another one by now, ms. */
const beatLastsMs = 20_000;

/** Whether another process on the same data folder works on it. */
function isElsewhere({ owner }: StoredRun): boolean {
  if (owner === null || owner.pid === process.pid || Date.now() - owner.beatAt > beatLastsMs) return false;
  try {
    return process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to someone else
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

export interface RunFiles {
  folder: string;
  journal: string;
  names: string;
  summary: string;
}

/** The folders of all runs, and of the names of plans, under the data folder. */
export class RunStore {
  readonly runs: string;
  readonly plans: string;
  /** Runs that this process works on. */
  readonly working = new Set<string>();

  constructor(dataFolder: string) {
    this.runs = join(dataFolder, 'bulk', 'runs');
    this.plans = join(dataFolder, 'bulk', 'plans');
  }

  files(runId: string): RunFiles {
    // ids are of our own making; one that came from outside must not leave the folder
    if (!/^[\w-]{1,64}$/.test(runId)) throw new LookasideError('NOT_FOUND', 'There is no such run');
    const folder = join(this.runs, runId);
    return { folder, journal: join(folder, 'journal'), names: join(folder, 'names'), summary: join(folder, 'summary.json') };
  }

  async preparePlans(): Promise<string> {
    await this.#make(this.plans);
    return this.plans;
  }

  /** Takes the names of a plan over into a new folder. */
  async create(runId: string, namesFile: string): Promise<RunFiles> {
    const files = this.files(runId);
    await this.#make(files.folder);
    try {
      await rename(namesFile, files.names);
    } catch (error) {
      throw translateStoreError(error, files.names, 'write');
    }
    return files;
  }

  /** Makes the folder of a run whose journal stands elsewhere: it is linked, so that it stays when the other name goes. */
  async linkJournal(runId: string, path: string): Promise<void> {
    const files = this.files(runId);
    await this.#make(files.folder);
    try {
      await link(path, files.journal);
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code === 'EEXIST') throw translateStoreError(error, files.journal, 'write');
      // another file system, or one without links of this kind
      await symlink(path, files.journal).catch((failure: unknown) => {
        throw translateStoreError(failure, files.journal, 'write');
      });
    }
  }

  async save(run: StoredRun): Promise<void> {
    await writeWhole(this.files(run.header.runId).summary, JSON.stringify(run));
  }

  /** Rejects with NOT_FOUND, or STORE_* when neither the summary nor the journal can be read. */
  async load(runId: string): Promise<StoredRun> {
    const files = this.files(runId);
    const stored = await this.#summary(files);
    if (stored !== null && (stored.state !== 'running' || this.working.has(runId) || isElsewhere(stored))) return stored;
    return this.#rebuild(files, stored);
  }

  async ids(): Promise<string[]> {
    try {
      return (await readdir(this.runs, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw translateStoreError(error, this.runs, 'read');
    }
  }

  async bytes(runId: string): Promise<number> {
    const { journal, names, summary } = this.files(runId);
    const sizes = await Promise.all([journal, names, summary].map(async (path) => (await stat(path).catch(nothingThere))?.size ?? 0));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  async remove(runId: string): Promise<void> {
    const { folder } = this.files(runId);
    try {
      await rm(folder, { recursive: true, force: true });
    } catch (error) {
      throw translateStoreError(error, folder, 'write');
    }
  }

  async #make(folder: string): Promise<void> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw translateStoreError(error, folder, 'write');
    }
  }

  async #summary({ summary }: RunFiles): Promise<StoredRun | null> {
    let text: string;
    try {
      text = await readFile(summary, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw translateStoreError(error, summary, 'read');
    }
    try {
      return v.parse(storedRun, JSON.parse(text));
    } catch (error) {
      // the journal says the same; an altered summary is only slower
      if (error instanceof SyntaxError || error instanceof v.ValiError) return null;
      throw error;
    }
  }

  /** After a crash: what the journal itself says. */
  async #rebuild(files: RunFiles, known: StoredRun | null): Promise<StoredRun> {
    if ((await stat(files.journal).catch(nothingThere)) === undefined) throw new LookasideError('NOT_FOUND', 'There is no such run');
    const tally = new RunTally();
    let header = known?.header ?? null;
    const journal = new JournalReader(files.journal);
    for await (const event of journal.events()) {
      if (event.kind === 'header') header = event.header;
      else if (event.tally !== null) tally.add(parseCounts(event.tally));
    }
    if (header === null) throw new LookasideError('STORE_CORRUPT', `The journal ${files.journal} names no run`);
    const complete = tally.done >= header.total;
    const run: StoredRun = {
      header,
      state: complete ? 'done' : 'interrupted',
      endedAt: (await stat(files.journal)).mtimeMs,
      done: tally.done,
      ...tally.read(),
      cut: journal.cut,
      owner: null,
      undone: known?.undone ?? null,
    };
    await this.save(run).catch((error: unknown) => {
      // without room it is found out again the next time
      if (!(error instanceof LookasideError) || error.code !== 'STORE_DISK_FULL') throw error;
    });
    return run;
  }
}

function nothingThere(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

/** What the page is told of a stored run. */
export function summaryOf(run: StoredRun, bytes: number): RunSummary {
  const { header, undone } = run;
  const ended = run.state !== 'running';
  // pages that were begun and not ended may hold changes that no count tells of
  const maybeChanged = run.changed > 0 || run.state === 'interrupted' || run.state === 'failed' || run.state === 'cancelled';
  const refusal = !ended
    ? 'It is still running'
    : header.invalidate?.undo === false
      ? 'It kept no values'
    : undone?.complete === true
      ? 'It is undone'
      : !maybeChanged
        ? 'It changed nothing'
        : '';
  return {
    runId: header.runId,
    kind: header.kind,
    title: header.title,
    workspaceId: header.workspaceId,
    workspaceName: header.workspaceName,
    db: header.db,
    startedAt: header.startedAt,
    endedAt: run.endedAt,
    state: run.state,
    unit: header.unit,
    total: header.total,
    done: run.done,
    changed: run.changed,
    left: run.left,
    failed: run.failed,
    resumable: ended && (run.state === 'interrupted' || run.state === 'failed' || run.state === 'cancelled') && run.done < header.total && undone === null,
    keepsUndo: header.invalidate?.undo ?? true,
    undoable: refusal === '',
    undoRefusal: refusal,
    undone,
    bytes,
    cut: run.cut,
  };
}
