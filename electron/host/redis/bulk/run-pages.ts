import type { LookasideError } from '../../../../shared/contract/errors.ts';
import type { RedisSession } from '../session.ts';
import type { ChangeOutcome } from './expiry-target.ts';
import type { RecordWriter } from './journal/record-file.ts';
import { encodeRecord, type Intent, type IntentOutcome } from './journal/records.ts';
import type { PageHistory } from './journal/run-journal.ts';
import type { KeyOperation } from './key-operation.ts';
import type { NamePage } from './names-file.ts';
import { NodePace } from './node-pace.ts';
import { PageFeed, workThrough } from './page-feed.ts';
import type { RunGovernor } from './run-governor.ts';
import type { RunProgress } from './run-progress.ts';
import { RunTally } from './run-tally.ts';
import type { KeyChoice } from './select-keys.ts';
import { isPassing, rest, untilAnswered } from './server-wait.ts';
import type { JobControl } from '../../services.ts';

const workers = 3;
/** How often a key is tried again when someone else sets its expiry between reading and changing. */
const maxTries = 4;
const maxPauseMs = 2000;
/** Values of one round trip, by the sizes that were told, bytes; one larger value goes alone. */
const groupBytes = 256 * 1024;
/** From here on a value is worked on while no other large one is, bytes. */
const largeBytes = 128 * 1024;

export interface RunWork {
  session: () => RedisSession;
  operation: KeyOperation;
  /** Without an undo nothing has to be on the disk before a change. */
  keeps: boolean;
  governor: RunGovernor;
  /** What must still hold; `null` where nothing was asked. */
  choice: KeyChoice | null;
  pages: AsyncIterable<NamePage>;
  /** What an earlier session has begun and not ended. */
  history: ReadonlyMap<number, PageHistory>;
  journal: RecordWriter;
  progress: RunProgress;
  control: JobControl;
  /** Called between pages. */
  checkpoint: () => Promise<void>;
  /** Told of names that the run has changed. */
  onChanged: (db: number, names: readonly Buffer[]) => void;
}

/**
 * Changes all names, page by page: read, judge, journal, flush, compare and change, note what became of it. A change whose
 * answer was lost is read again: what is done already counts as done, and the rest is done now.
 */
export async function runPages(work: RunWork): Promise<void> {
  const { progress, control, governor } = work;
  const feed = new PageFeed<NamePage>({ pages: work.pages, control, progress, before: async () => {
    await work.checkpoint();
    await governor.hold();
  } });
  const paces = new Map<string, NodePace>();
  await workThrough(feed, workers, async (page) => {
    const begun = performance.now();
    governor.enter();
    const run = new PageRun(work, page);
    try {
      await run.run();
    } catch (error) {
      governor.broke();
      throw error;
    } finally {
      governor.leave();
      // also of a page that was stopped in its middle: what is done is done
      run.tell();
    }
    if (page.node === null) return;
    let pace = paces.get(page.node);
    if (pace === undefined) paces.set(page.node, (pace = new NodePace({ session: work.session, node: page.node, budget: () => progress.pace.serverShare })));
    await paceOrPass(pace, performance.now() - begun, work);
  });
}

/** The rest after a page; a probe that fails because the server is away is no failure: the next page waits for it. */
export async function paceOrPass(pace: NodePace, took: number, { control, progress }: Pick<RunWork, 'control' | 'progress'>): Promise<void> {
  try {
    await pace.after(took, control.signal);
  } catch (error) {
    if (!isPassing(error)) throw error;
  }
  progress.backingOff(pace, pace.backingOff);
}

const nameKey = (name: Buffer): string => name.toString('latin1');

const recorded: Record<ChangeOutcome['kind'], IntentOutcome> = {
  changed: 'changed',
  other: 'not-changed',
  occupied: 'not-changed',
  gone: 'not-changed',
  failed: 'failed',
  unknown: 'unknown',
};

/** One page on its way. */
class PageRun {
  readonly #work: RunWork;
  readonly #page: NamePage;
  /** What became of names since it was last told, and of all of the page. */
  #tally = new RunTally();
  readonly #whole = new RunTally();
  /** Sent, and nobody knows whether done: by name. */
  readonly #open: Map<string, Intent>;
  /** Changed before the page was interrupted: not looked at again. */
  readonly #before: ReadonlySet<string>;
  readonly #tries = new Map<string, number>();
  /** Sizes of values that were too large to be read beside others. */
  readonly #sizes = new Map<string, number>();
  #attempt: number;
  #pauses = 0;

  constructor(work: RunWork, page: NamePage) {
    this.#work = work;
    this.#page = page;
    const history = work.history.get(page.index);
    this.#open = history?.open() ?? new Map<string, Intent>();
    this.#before = history?.changed() ?? new Set<string>();
    this.#attempt = history?.attempts ?? 0;
    if (history?.begun === true) {
      // nothing was noted name by name: each may have been done
      const { db } = page;
      for (const name of page.names) this.#open.set(nameKey(name), { name, db, earlier: -1, target: -1 });
    }
  }

  /** Adds to the run's counts what is not in them yet. */
  tell(): void {
    const { progress, control } = this.#work;
    if (this.#tally.done === 0) return;
    progress.page(this.#page.node, this.#tally);
    this.#whole.add(this.#tally.read());
    this.#tally = new RunTally();
    control.report({ done: progress.tally.done, total: progress.total });
  }

  async run(): Promise<void> {
    const { journal, progress, governor, operation } = this.#work;
    const fresh = this.#page.names.filter((name) => !this.#before.has(nameKey(name)));
    this.#tally.changed += this.#page.names.length - fresh.length;
    if (operation.blind) await journal.append(encodeRecord({ kind: 'begun', page: this.#page.index }));
    while (fresh.length > 0) {
      const admitted = await governor.admit(fresh.length);
      let due = fresh.splice(0, admitted);
      while (due.length > 0) {
        const { now, later } = this.#fitting(due);
        const again = this.#isLarge(now) ? await governor.alone(() => this.#step(now)) : await this.#step(now);
        due = [...again, ...later];
      }
      this.tell();
      governor.done(admitted);
    }
    this.tell();
    await journal.append(encodeRecord({ kind: 'page-done', page: this.#page.index, tally: JSON.stringify(this.#whole.read()) }));
    progress.journalBytes = journal.bytes;
  }

  /** As many names as may be read together, by the sizes that are known: large values go in small groups, or alone. */
  #fitting(due: readonly Buffer[]): { now: readonly Buffer[]; later: readonly Buffer[] } {
    if (this.#sizes.size === 0) return { now: due, later: [] };
    let bytes = 0;
    let count = 0;
    for (const name of due) {
      const size = this.#sizes.get(nameKey(name)) ?? 0;
      if (count > 0 && bytes + size > groupBytes) break;
      bytes += size;
      count += 1;
    }
    return { now: due.slice(0, count), later: due.slice(count) };
  }

  #isLarge(names: readonly Buffer[]): boolean {
    return this.#sizes.size > 0 && names.some((name) => (this.#sizes.get(nameKey(name)) ?? 0) > largeBytes);
  }

  /** Does one group of names; returns those that are to be looked at again. */
  async #step(due: readonly Buffer[]): Promise<Buffer[]> {
    const { journal, operation, keeps } = this.#work;
    if (operation.blind && this.#open.size === 0) {
      const { db } = this.#page;
      const intents = due.map((name): Intent => ({ name, db, earlier: -1, target: -1 }));
      return this.#settle(intents, await this.#change(intents));
    }
    const { intents, later } = await this.#judge(due);
    if (intents.length === 0) return later;
    if (!operation.blind) {
      await this.#record(intents);
      if (keeps) await journal.sync();
    }
    const again = await this.#settle(intents, await this.#change(intents));
    return [...again, ...later];
  }

  /** Reads all anew and says what is to be changed; counts the others. */
  async #judge(due: readonly Buffer[]): Promise<{ intents: Intent[]; later: Buffer[] }> {
    const { operation, control, progress, choice } = this.#work;
    const { db, node } = this.#page;
    const onWait = (waiting: boolean): void => progress.waiting(this, waiting);
    const { now, items } = await untilAnswered(() => operation.read(db, due, node, control.signal), { signal: control.signal, onWait });
    const intents: Intent[] = [];
    const later: Buffer[] = [];
    const settled: { intent: Intent; outcome: IntentOutcome }[] = [];
    const done: Buffer[] = [];
    items.forEach((item, at) => {
      const name = due[at] as Buffer;
      const key = nameKey(name);
      const sent = this.#open.get(key);
      if (item.problem !== null) {
        this.#tally.fail(name, item.problem);
        return;
      }
      if (sent !== undefined) {
        // its value cannot be compared before it is read
        if (sent.kept !== undefined && item.present && due.length > 1 && !Buffer.isBuffer(item.dump)) {
          this.#sizes.set(key, item.facts?.bytes ?? 0);
          later.push(name);
          return;
        }
        this.#open.delete(key);
        const fate = operation.fate(sent, item);
        if (fate !== 'unclear') settled.push({ intent: sent, outcome: fate === 'done' ? 'changed' : 'not-changed' });
        if (fate === 'done') {
          this.#tally.changed += 1;
          done.push(name);
        }
        // it may have been done and written anew since: what is there now is newer than the plan
        if (fate === 'unclear') this.#tally.leave('changed-since');
        if (fate !== 'not-done') return;
      }
      if (!item.present) {
        this.#tally.leave('gone');
        return;
      }
      if (choice !== null && choice.judge(name, item) !== true) {
        this.#tally.leave('no-match');
        return;
      }
      const judged = operation.judge(db, name, item, now);
      switch (judged.kind) {
        case 'change':
          intents.push(judged.intent);
          break;
        case 'leave':
          this.#tally.leave(judged.reason);
          break;
        case 'fail':
          this.#tally.fail(name, judged.problem);
          break;
        case 'later':
          this.#sizes.set(key, judged.bytes);
          later.push(name);
          break;
      }
    });
    if (settled.length > 0 && !operation.blind) {
      await this.#record(
        settled.map(({ intent }) => intent),
        settled.map(({ outcome }) => outcome),
      );
    }
    if (done.length > 0) this.#work.onChanged(db, done);
    return { intents, later };
  }

  async #record(intents: Intent[], outcomes?: IntentOutcome[]): Promise<void> {
    const { journal, progress } = this.#work;
    const [page, attempt] = [this.#page.index, this.#attempt];
    const at = await journal.append(encodeRecord({ kind: 'intents', page, attempt, intents }));
    for (const { kept } of intents) if (kept !== undefined) progress.shape(kept, at);
    if (outcomes !== undefined) {
      this.#attempt += 1;
      await journal.append(encodeRecord({ kind: 'outcomes', page, attempt, outcomes }));
    }
  }

  async #change(intents: readonly Intent[]): Promise<ChangeOutcome[]> {
    try {
      return await this.#work.operation.change(this.#page.db, intents, this.#page.node);
    } catch (error) {
      if (isPassing(error)) return intents.map((): ChangeOutcome => ({ kind: 'unknown', problem: error }));
      // refused before anything was sent
      await this.#outcomes(intents.map(() => 'not-changed'));
      throw error;
    }
  }

  async #outcomes(outcomes: IntentOutcome[]): Promise<void> {
    if (this.#work.operation.blind) return;
    const attempt = this.#attempt;
    this.#attempt += 1;
    await this.#work.journal.append(encodeRecord({ kind: 'outcomes', page: this.#page.index, attempt, outcomes }));
  }

  /** Notes what became of the intents; returns the names that are to be looked at again. */
  async #settle(intents: readonly Intent[], results: readonly ChangeOutcome[]): Promise<Buffer[]> {
    await this.#outcomes(results.map(({ kind }) => recorded[kind]));
    const again: Buffer[] = [];
    const gone: Buffer[] = [];
    let lost: LookasideError | null = null;
    results.forEach((result, at) => {
      const intent = intents[at] as Intent;
      const { name } = intent;
      switch (result.kind) {
        case 'changed':
          this.#tally.changed += 1;
          gone.push(name);
          break;
        case 'gone':
          this.#tally.leave('gone');
          if (this.#work.operation.blind) gone.push(name);
          break;
        case 'occupied':
          this.#tally.leave('occupied');
          break;
        case 'failed':
          this.#tally.fail(name, result.problem);
          break;
        case 'unknown':
          lost = result.problem;
          this.#open.set(nameKey(name), intent);
          again.push(name);
          break;
        case 'other': {
          const tries = (this.#tries.get(nameKey(name)) ?? 0) + 1;
          this.#tries.set(nameKey(name), tries);
          if (tries < maxTries) again.push(name);
          else this.#tally.leave('kept-changing');
          break;
        }
      }
    });
    if (gone.length > 0) this.#work.onChanged(this.#page.db, gone);
    if (lost !== null) await this.#pause();
    return again;
  }

  /** A server that answers reads and refuses changes must not be asked in a hurry. */
  async #pause(): Promise<void> {
    const { progress, control } = this.#work;
    progress.waiting(this.#open, true);
    try {
      await rest(Math.min(maxPauseMs, 50 * 2 ** Math.min(this.#pauses, 6)), control.signal);
    } finally {
      progress.waiting(this.#open, false);
    }
    this.#pauses += 1;
  }
}
