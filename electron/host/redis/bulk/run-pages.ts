import type { LookasideError } from '../../../../shared/contract/errors.ts';
import { leftBecause, targetOf } from '../../../../shared/redis/ttl-change.ts';
import type { RedisSession } from '../session.ts';
import { isSameExpiry, type ChangeOutcome, type ExpiryTarget } from './expiry-target.ts';
import type { RecordWriter } from './journal/record-file.ts';
import { encodeRecord, type Intent, type IntentOutcome, type RunHeader } from './journal/records.ts';
import type { PageHistory } from './journal/run-journal.ts';
import type { NamePage } from './names-file.ts';
import { NodePace } from './node-pace.ts';
import { PageFeed, workThrough } from './page-feed.ts';
import type { RunProgress } from './run-progress.ts';
import { RunTally } from './run-tally.ts';
import type { KeyChoice } from './select-keys.ts';
import { isPassing, rest, untilAnswered } from './server-wait.ts';
import type { JobControl } from '../../services.ts';

const workers = 3;
/** How often a key is tried again when someone else sets its expiry between reading and changing. */
const maxTries = 4;
const maxPauseMs = 2000;

export interface RunWork {
  header: RunHeader;
  session: () => RedisSession;
  target: ExpiryTarget;
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
}

/**
 * Changes the expiry of all names, page by page: read, journal, flush, compare and change, note what became of it. A change
 * whose answer was lost is read again: where the new expiry stands it was made, where the earlier one stands it is made now.
 */
export async function runPages(work: RunWork): Promise<void> {
  const { progress, control } = work;
  const feed = new PageFeed<NamePage>({ pages: work.pages, control, progress, before: work.checkpoint });
  const paces = new Map<string, NodePace>();
  await workThrough(feed, workers, async (page) => {
    const begun = performance.now();
    const tally = await new PageRun(work, page).run();
    progress.page(page.node, tally);
    control.report({ done: progress.tally.done, total: progress.total });
    if (page.node === null) return;
    let pace = paces.get(page.node);
    if (pace === undefined) paces.set(page.node, (pace = new NodePace({ session: work.session, node: page.node, budget: null })));
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
  gone: 'not-changed',
  failed: 'failed',
  unknown: 'unknown',
};

/** One page on its way. */
class PageRun {
  readonly #work: RunWork;
  readonly #page: NamePage;
  readonly #tally = new RunTally();
  /** Sent, and nobody knows whether done. */
  readonly #open: Map<string, Intent>;
  /** Changed before the page was interrupted: not looked at again. */
  readonly #before: ReadonlySet<string>;
  readonly #tries = new Map<string, number>();
  #attempt: number;
  #pauses = 0;

  constructor(work: RunWork, page: NamePage) {
    this.#work = work;
    this.#page = page;
    const history = work.history.get(page.index);
    this.#open = history?.open() ?? new Map<string, Intent>();
    this.#before = history?.changed() ?? new Set<string>();
    this.#attempt = history?.attempts ?? 0;
  }

  async run(): Promise<RunTally> {
    const { journal, progress } = this.#work;
    let due = this.#page.names.filter((name) => !this.#before.has(nameKey(name)));
    this.#tally.changed += this.#page.names.length - due.length;
    while (due.length > 0) {
      const intents = await this.#judge(due);
      if (intents.length === 0) break;
      await this.#record(intents);
      await journal.sync();
      due = await this.#settle(intents, await this.#change(intents));
    }
    await journal.append(encodeRecord({ kind: 'page-done', page: this.#page.index, tally: JSON.stringify(this.#tally.read()) }));
    progress.journalBytes = journal.bytes;
    return this.#tally;
  }

  /** Reads all anew and says what is to be changed; counts the others. */
  async #judge(due: readonly Buffer[]): Promise<Intent[]> {
    const { target, control, progress, header, choice } = this.#work;
    const onWait = (waiting: boolean): void => progress.waiting(this, waiting);
    const { now, items } = await untilAnswered(() => target.read(due, this.#page.node, control.signal), { signal: control.signal, onWait });
    const cluster = this.#work.session().facts().topology === 'cluster';
    const intents: Intent[] = [];
    const settled: { intent: Intent; outcome: IntentOutcome }[] = [];
    items.forEach((item, at) => {
      const name = due[at] as Buffer;
      const key = nameKey(name);
      const sent = this.#open.get(key);
      const isOurs = sent !== undefined && item.present && item.problem === null && isSameExpiry(item.expiry, sent.target, cluster);
      if (sent !== undefined && item.problem === null) {
        this.#open.delete(key);
        settled.push({ intent: sent, outcome: isOurs ? 'changed' : 'not-changed' });
      }
      if (isOurs) {
        this.#tally.changed += 1;
        return;
      }
      if (item.problem !== null) {
        this.#tally.fail(name, item.problem);
        return;
      }
      if (!item.present) {
        this.#tally.leave('gone');
        return;
      }
      if (choice !== null && choice.judge(name, item) !== true) {
        this.#tally.leave('no-match');
        return;
      }
      const expiry = targetOf(header.action, header.seed, name, now);
      const reason = leftBecause(header.action, item.expiry, expiry, now);
      if (reason === null) intents.push({ name, earlier: item.expiry, target: expiry });
      else this.#tally.leave(reason);
    });
    if (settled.length > 0) {
      await this.#record(
        settled.map(({ intent }) => intent),
        settled.map(({ outcome }) => outcome),
      );
    }
    return intents;
  }

  async #record(intents: Intent[], outcomes?: IntentOutcome[]): Promise<void> {
    const { journal } = this.#work;
    const [page, attempt] = [this.#page.index, this.#attempt];
    await journal.append(encodeRecord({ kind: 'intents', page, attempt, intents }));
    if (outcomes !== undefined) {
      this.#attempt += 1;
      await journal.append(encodeRecord({ kind: 'outcomes', page, attempt, outcomes }));
    }
  }

  async #change(intents: readonly Intent[]): Promise<ChangeOutcome[]> {
    try {
      return await this.#work.target.change(intents, this.#page.node, { force: false });
    } catch (error) {
      if (isPassing(error)) return intents.map((): ChangeOutcome => ({ kind: 'unknown', problem: error }));
      // refused before anything was sent
      await this.#outcomes(intents.map(() => 'not-changed'));
      throw error;
    }
  }

  async #outcomes(outcomes: IntentOutcome[]): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt += 1;
    await this.#work.journal.append(encodeRecord({ kind: 'outcomes', page: this.#page.index, attempt, outcomes }));
  }

  /** Notes what became of the intents; returns the names that are to be looked at again. */
  async #settle(intents: readonly Intent[], results: readonly ChangeOutcome[]): Promise<Buffer[]> {
    await this.#outcomes(results.map(({ kind }) => recorded[kind]));
    const again: Buffer[] = [];
    let lost: LookasideError | null = null;
    results.forEach((result, at) => {
      const intent = intents[at] as Intent;
      const { name } = intent;
      switch (result.kind) {
        case 'changed':
          this.#tally.changed += 1;
          break;
        case 'gone':
          this.#tally.leave('gone');
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
