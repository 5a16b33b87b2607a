import type { LookasideError } from '../../../../shared/contract/errors.ts';
import { noExpiry } from '../../../../shared/redis/ttl-change.ts';
import type { JobControl } from '../../services.ts';
import type { RedisSession } from '../session.ts';
import { isSameExpiry, type ChangeOutcome, type ExpiryTarget } from './expiry-target.ts';
import type { Intent } from './journal/records.ts';
import { pageNames } from './names-file.ts';
import { NodePace } from './node-pace.ts';
import { PageFeed, workThrough } from './page-feed.ts';
import { paceOrPass } from './run-pages.ts';
import type { RunProgress } from './run-progress.ts';
import { RunTally } from './run-tally.ts';
import { isPassing, rest, untilAnswered } from './server-wait.ts';

const workers = 3;
const maxPauseMs = 2000;
const maxTries = 4;

/** Changes of a run that took effect or may have, in pages. */
export interface UndoPage {
  db: number;
  names: Intent[];
}

export interface UndoWork {
  session: () => RedisSession;
  target: (db: number) => ExpiryTarget;
  /** Names that are given back; the others are left as `filtered`. */
  takes: (name: Buffer) => boolean;
  pages: AsyncIterable<UndoPage>;
  force: boolean;
  expirePast: boolean;
  progress: RunProgress;
  control: JobControl;
  checkpoint: () => Promise<void>;
}

/** Values of one page, bytes. */
const pageBytes = 1024 * 1024;

/** Pages of changes of one database each, as an async sequence of at most `pageNames`. */
export async function* inPages(changes: AsyncIterable<Intent[]>): AsyncGenerator<UndoPage, void, void> {
  const open = new Map<number, { names: Intent[]; bytes: number }>();
  for await (const some of changes) {
    for (const change of some) {
      const { db } = change;
      let page = open.get(db);
      if (page === undefined) open.set(db, (page = { names: [], bytes: 0 }));
      page.names.push(change);
      page.bytes += change.kept?.dump.length ?? 0;
      if (page.names.length < pageNames && page.bytes < pageBytes) continue;
      open.delete(db);
      yield { db, names: page.names };
    }
  }
  for (const [db, { names }] of open) yield { db, names };
}

/** Gives earlier expiries back. Comparing before each change makes it safe to repeat: what is restored already is left. */
export async function undoPages(work: UndoWork): Promise<void> {
  const { progress, control, session } = work;
  const feed = new PageFeed<UndoPage>({ pages: work.pages, control, progress, before: work.checkpoint });
  let pace: NodePace | null = null;
  await workThrough(feed, workers, async ({ db, names: all }) => {
    const begun = performance.now();
    const names = all.filter(({ name }) => work.takes(name));
    const tally = await undoPage({ ...work, target: work.target(db) }, names);
    tally.leaveSome('filtered', all.length - names.length);
    progress.page(null, tally);
    control.report({ done: progress.tally.done, total: progress.total });
    const node = (await untilAnswered(() => session().masters(), { signal: control.signal }))[0]?.id;
    if (node === undefined) return;
    pace ??= new NodePace({ session, node, budget: null });
    await paceOrPass(pace, performance.now() - begun, work);
  });
}

async function undoPage({ session, target, force, expirePast, control, progress }: Omit<UndoWork, 'target'> & { target: ExpiryTarget }, changes: readonly Intent[]): Promise<RunTally> {
  const tally = new RunTally();
  const { signal } = control;
  const who = {};
  const sent = new Set<Intent>();
  const tries = new Map<Intent, number>();
  let due = changes;
  for (let pauses = 0; due.length > 0; pauses += 1) {
    const names = due.map(({ name }) => name);
    const { now, items } = await untilAnswered(() => target.read(names, null, signal), { signal, onWait: (waiting) => progress.waiting(who, waiting) });
    const cluster = session().facts().topology === 'cluster';
    const backwards: Intent[] = [];
    const originals: Intent[] = [];
    items.forEach((item, at) => {
      const change = due[at] as Intent;
      if (item.problem !== null) tally.fail(change.name, item.problem);
      else if (!item.present) tally.leave('gone');
      else if (item.expiry === change.earlier || (sent.has(change) && isSameExpiry(item.expiry, change.earlier, cluster))) {
        // what we sent and never heard of was done
        if (sent.has(change)) tally.changed += 1;
        else tally.leave('already-so');
      } else if (!force && !isSameExpiry(item.expiry, change.target, cluster)) tally.leave('changed-since');
      else if (change.earlier !== noExpiry && change.earlier <= now && !expirePast) tally.leave('past');
      else {
        backwards.push({ name: change.name, db: change.db, earlier: item.expiry, target: change.earlier });
        originals.push(change);
      }
    });
    if (backwards.length === 0) break;
    const results = await target.change(backwards, null, { force }).catch((error: unknown) => {
      if (!isPassing(error)) throw error;
      return backwards.map((): ChangeOutcome => ({ kind: 'unknown', problem: error }));
    });
    const again: Intent[] = [];
    let lost: LookasideError | null = null;
    results.forEach((result, at) => {
      const change = originals[at] as Intent;
      if (result.kind === 'changed') tally.changed += 1;
      else if (result.kind === 'gone') tally.leave('gone');
      else if (result.kind === 'failed') tally.fail(change.name, result.problem);
      else if (result.kind === 'other') {
        // someone came between reading and changing: one more look says what it is now
        const times = (tries.get(change) ?? 0) + 1;
        tries.set(change, times);
        if (times < maxTries) again.push(change);
        else tally.leave('changed-since');
      }
      if (result.kind === 'unknown') {
        lost = result.problem;
        sent.add(change);
        again.push(change);
      }
    });
    due = again;
    if (lost !== null) {
      progress.waiting(who, true);
      await rest(Math.min(maxPauseMs, 50 * 2 ** Math.min(pauses, 6)), signal).finally(() => progress.waiting(who, false));
    }
  }
  return tally;
}
