import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import type { JobControl } from '../../services.ts';
import type { RedisSession } from '../session.ts';
import { JournalChanges } from './journal/changes.ts';
import type { RunHeader } from './journal/records.ts';
import type { StoredRun } from './journal/run-store.ts';
import { expiryTargets } from './key-operation.ts';
import { nameMatch } from './name-match.ts';
import { restorePages } from './restore-pages.ts';
import { RunGovernor } from './run-governor.ts';
import type { RunProgress } from './run-progress.ts';
import { lookThrough, refusalOf, samplesOf } from './undo-probe.ts';
import { inPages, undoPages } from './undo-pages.ts';

export interface UndoOptions {
  /** Also where someone changed it since: expiries, and keys that exist with another value. */
  force: boolean;
  expirePast: boolean;
  /** Only names that pass. */
  filter?: KeyFilter | undefined;
}

export interface UndoWorkOptions {
  header: RunHeader;
  session: () => RedisSession;
  journal: string;
  options: UndoOptions;
  progress: RunProgress;
  control: JobControl;
  onRestored: (db: number, names: readonly { name: Buffer; type: string }[]) => void;
}

/** Whether an undo takes a name. */
export function takenBy(filter: KeyFilter | undefined): (name: Buffer) => boolean {
  if (filter === undefined) return () => true;
  const match = nameMatch(filter);
  return (name) => match.matches(name);
}

/** Counts what an undo is about and makes sure that the server takes it. Rejects with UNSUPPORTED before anything is done. */
export async function prepareUndo(session: RedisSession, run: StoredRun, journal: string): Promise<{ total: number }> {
  const { header } = run;
  // the end of a run that went well says all; else the journal is read
  const clean = run.state === 'done' && !run.cut && run.adopted === undefined && run.shapes !== undefined;
  const looked = clean ? null : await lookThrough(journal);
  if (header.kind === 'unlink') {
    const samples = looked?.samples ?? (await samplesOf(journal, run.shapes));
    const refusal = await refusalOf(session, header.db, samples);
    if (refusal !== null) throw refusal;
  }
  return { total: looked?.total ?? run.changed };
}

/** The body of an undo's job. */
export async function undoWork({ header, session, journal, options, progress, control, onRestored }: UndoWorkOptions): Promise<void> {
  const takes = takenBy(options.filter);
  const pages = inPages(new JournalChanges(journal).read());
  if (header.kind === 'unlink' || header.kind === 'graveyard') {
    const governor = new RunGovernor({ session, progress, signal: control.signal, staged: null, stop: () => undefined });
    await restorePages({ session, pages, overNewer: options.force, takes, progress, control, governor, onRestored });
    return;
  }
  const { force, expirePast } = options;
  await undoPages({ session, target: expiryTargets({ header, session }), pages, takes, force, expirePast, progress, control, checkpoint: async () => undefined });
}
