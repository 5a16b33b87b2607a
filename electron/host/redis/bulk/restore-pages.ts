import type { LookasideError } from '../../../../shared/contract/errors.ts';
import type { JobControl } from '../../services.ts';
import type { RedisSession } from '../session.ts';
import type { Intent } from './journal/records.ts';
import { mayRunScripts } from './key-target.ts';
import { graveyardBack } from './graveyard-back.ts';
import { NodePace } from './node-pace.ts';
import { PageFeed, workThrough } from './page-feed.ts';
import { serverClock } from './read-keys.ts';
import { compareValues, restoreValues, type KeptIntent } from './restore-values.ts';
import type { RunGovernor } from './run-governor.ts';
import { paceOrPass } from './run-pages.ts';
import type { RunProgress } from './run-progress.ts';
import { RunTally } from './run-tally.ts';
import { isPassing, rest, untilAnswered } from './server-wait.ts';
import type { UndoPage } from './undo-pages.ts';

const workers = 3;
const maxPauseMs = 2000;
/** Pages with more than this go one at a time, bytes. */
const largeBytes = 256 * 1024;

export interface RestoreWork {
  session: () => RedisSession;
  pages: AsyncIterable<UndoPage>;
  /** Also over a key that exists with another value. */
  overNewer: boolean;
  /** Names that are to be restored; the others are left as `filtered`. */
  takes: (name: Buffer) => boolean;
  progress: RunProgress;
  control: JobControl;
  governor: RunGovernor;
  onRestored: (db: number, names: readonly { name: Buffer; type: string }[]) => void;
}

/**
 * Gives back what a run took: values, or names from the graveyard. Safe to repeat: what is there already as it was is left, and
 * a restore whose answer was lost is compared before anything is sent again.
 */
export async function restorePages(work: RestoreWork): Promise<void> {
  const { progress, control, session, governor } = work;
  const feed = new PageFeed<UndoPage>({ pages: work.pages, control, progress, before: () => governor.hold() });
  let pace: NodePace | null = null;
  await workThrough(feed, workers, async (page) => {
    const begun = performance.now();
    governor.enter();
    try {
      const bytes = page.names.reduce((sum, { kept }) => sum + (kept?.dump.length ?? 0), 0);
      const tally = await (bytes > largeBytes ? governor.alone(() => restorePage(work, page)) : restorePage(work, page));
      progress.page(null, tally);
      control.report({ done: progress.tally.done, total: progress.total });
    } finally {
      governor.leave();
    }
    const node = (await untilAnswered(() => session().masters(), { signal: control.signal }))[0]?.id;
    if (node === undefined) return;
    pace ??= new NodePace({ session, node, budget: () => progress.pace.serverShare });
    await paceOrPass(pace, performance.now() - begun, work);
  });
}

async function restorePage(work: RestoreWork, { names: changes, db }: UndoPage): Promise<RunTally> {
  const tally = new RunTally();
  const { session, control, progress } = work;
  const { signal } = control;
  const who = {};
  const wait = { signal, onWait: (waiting: boolean) => progress.waiting(who, waiting) };
  const taken = changes.filter(({ name }) => work.takes(name));
  tally.leaveSome('filtered', changes.length - taken.length);
  const moves = taken.filter((change): change is Intent & { to: Buffer } => change.to !== undefined);
  if (moves.length > 0) await graveyardBack(session, db, moves, { tally, onRestored: work.onRestored, wait });
  const now = await untilAnswered(() => serverClock(session(), null, signal), wait);
  let due: KeptIntent[] = [];
  for (const change of taken) {
    if (change.kept === undefined) continue;
    if (change.earlier !== -1 && change.earlier <= now) tally.leave('expired');
    else due.push({ ...change, kept: change.kept });
  }
  const sent = new Set<string>();
  const restored: { name: Buffer; type: string }[] = [];
  const done = (intent: KeptIntent): void => {
    tally.changed += 1;
    restored.push({ name: intent.name, type: intent.kept.type });
  };
  for (let pauses = 0, replace = false; due.length > 0; pauses += 1) {
    const asked = due;
    const outcomes = await restoreValues(session(), db, asked, replace, mayRunScripts(session())).catch((error: unknown) => {
      if (!isPassing(error)) throw error;
      return asked.map(() => ({ kind: 'unknown' as const, problem: error }));
    });
    const compare: KeptIntent[] = [];
    let lost: LookasideError | null = null;
    outcomes.forEach((outcome, at) => {
      const intent = asked[at] as KeptIntent;
      if (outcome.kind === 'restored') done(intent);
      else if (outcome.kind === 'failed') tally.fail(intent.name, outcome.problem);
      else compare.push(intent);
      if (outcome.kind === 'unknown') {
        lost = outcome.problem;
        sent.add(intent.name.toString('latin1'));
      }
    });
    if (lost !== null) {
      progress.waiting(who, true);
      await rest(Math.min(maxPauseMs, 50 * 2 ** Math.min(pauses, 6)), signal).finally(() => progress.waiting(who, false));
    }
    const presences = await untilAnswered(() => compareValues(session(), db, compare, signal), wait);
    due = [];
    replace = false;
    compare.forEach((intent, at) => {
      const presence = presences[at];
      if (presence === 'same') {
        if (sent.has(intent.name.toString('latin1'))) done(intent);
        else tally.leave('already-so');
      } else if (presence === 'absent') due.push(intent);
      else if (presence === 'other' && !work.overNewer) tally.leave('newer');
      else if (presence === 'other') {
        due.push(intent);
        replace = true;
      } else if (presence !== undefined) tally.fail(intent.name, presence);
    });
  }
  if (restored.length > 0) work.onRestored(db, restored);
  return tally;
}
