import type { LiveSnapshot, liveEventKinds } from '../../../../shared/contract/live-events.ts';
import { LookasideError, type Problem } from '../../../../shared/contract/errors.ts';
import type { Delimiters } from '../../../../shared/redis/key-name.ts';
import { channelsOf, kindOfEvent } from '../../../../shared/redis/notify-flags.ts';
import { backoffMs } from '../../connections/redis/backoff.ts';
import type { SnapshotListener } from '../../snapshots.ts';
import type { RedisSession } from '../session.ts';
import { EventCounts } from './event-counts.ts';
import type { NotifySettings } from './notify-settings.ts';
import { Subscriber } from './subscriber.ts';

type Kind = (typeof liveEventKinds)[number];

const workEveryMs = 1000;

interface Listening {
  node: string;
  subscriber: Subscriber | null;
  opening: boolean;
  attempt: number;
  timer: NodeJS.Timeout | null;
  /** It has been connected before: another connection means that something was missed. */
  heard: boolean;
  enough: boolean;
  problem: Problem | null;
}

export interface HubOptions {
  session: RedisSession;
  settings: NotifySettings;
  db: number;
  kinds: readonly Kind[];
  delimiters: Delimiters;
  report: (error: unknown) => void;
}

/** Listens to all masters of one database for all who watch the same kinds. */
export class EventHub {
  readonly options: HubOptions;
  readonly counts: EventCounts;
  readonly #nodes = new Map<string, Listening>();
  readonly #listeners = new Set<SnapshotListener>();
  readonly #unsubscribe: () => void;
  readonly #work: NodeJS.Timeout;
  #gaps = 0;
  #closed = false;
  watchers = 0;

  constructor(options: HubOptions) {
    this.options = options;
    this.counts = new EventCounts(options.kinds, options.delimiters);
    this.#unsubscribe = options.session.onTopologyChange(() => this.follow());
    this.#work = setInterval(() => this.#noteWork(), workEveryMs).unref();
    this.follow();
  }

  subscribe(listener: SnapshotListener): () => void {
    this.#listeners.add(listener);
    if (this.#closed) listener('ended');
    return () => this.#listeners.delete(listener);
  }

  read(): LiveSnapshot {
    const nodes = [...this.#nodes.values()];
    return {
      ...this.counts.read(),
      nodes: nodes.map(({ node, subscriber, problem }) => ({ node, listening: subscriber !== null, problem })),
      partial: nodes.length === 0 || nodes.some(({ subscriber, enough }) => subscriber === null || !enough),
      gaps: this.#gaps,
    };
  }

  /** Looks again at who the masters are and what they tell. */
  follow(): void {
    this.#follow().catch((error: unknown) => {
      // not connected just now: the next change of the topology comes here again
      if (!(error instanceof LookasideError)) this.options.report(error);
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unsubscribe();
    clearInterval(this.#work);
    for (const each of this.#nodes.values()) this.#drop(each);
    this.#nodes.clear();
    this.#tell('ended');
  }

  async #follow(): Promise<void> {
    const { session, settings, kinds } = this.options;
    const masters = await session.masters();
    if (this.#closed) return;
    const wanted = new Set(masters.map(({ id }) => id));
    for (const [id, listening] of this.#nodes) {
      if (wanted.has(id)) continue;
      this.#drop(listening);
      this.#nodes.delete(id);
      this.#gaps += 1;
    }
    for (const { id } of masters) {
      const known = this.#nodes.get(id) ?? { node: id, subscriber: null, opening: false, attempt: 0, timer: null, heard: false, enough: false, problem: null };
      this.#nodes.set(id, known);
      if (known.subscriber === null) void this.#open(known);
    }
    for (const { node, enough, problem } of await settings.check(session, kinds)) {
      const listening = this.#nodes.get(node);
      if (listening === undefined) continue;
      listening.enough = enough;
      if (listening.subscriber !== null) listening.problem = problem;
    }
    this.#tell('changed');
  }

  async #open(listening: Listening): Promise<void> {
    if (listening.opening || this.#closed) return;
    listening.opening = true;
    if (listening.timer !== null) clearTimeout(listening.timer);
    const { session, db, kinds } = this.options;
    const { node } = listening;
    try {
      const channels = channelsOf(kinds, db) ?? { pattern: `__keyevent@${db}__:*` };
      const subscriber = await Subscriber.open(await session.workerEndpoint(node, db), channels, {
        event: (event, name) => {
          this.counts.add(kindOfEvent(event), event, name, node);
          this.#tell('changed');
        },
        ended: (problem) => {
          listening.subscriber = null;
          this.#again(listening, problem);
        },
      });
      if (this.#closed || this.#nodes.get(node) !== listening) {
        subscriber.close();
        return;
      }
      if (listening.heard) this.#gaps += 1;
      Object.assign(listening, { subscriber, heard: true, attempt: 0, problem: null });
    } catch (error) {
      if (!(error instanceof LookasideError)) this.options.report(error);
      this.#again(listening, error instanceof LookasideError ? error : new LookasideError('INTERNAL', 'Listening failed inside Lookaside'));
    } finally {
      listening.opening = false;
      this.#tell('changed');
    }
  }

  #again(listening: Listening, problem: LookasideError): void {
    if (this.#closed || this.#nodes.get(listening.node) !== listening) return;
    listening.problem = problem.toProblem();
    listening.attempt += 1;
    if (listening.timer !== null) clearTimeout(listening.timer);
    listening.timer = setTimeout(() => {
      void this.#open(listening);
      this.follow();
    }, backoffMs(listening.attempt)).unref();
    this.#tell('changed');
  }

  #drop(listening: Listening): void {
    if (listening.timer !== null) clearTimeout(listening.timer);
    listening.subscriber?.close();
    listening.subscriber = null;
  }

  #noteWork(): void {
    for (const { subscriber } of this.#nodes.values()) {
      const bytesIn = subscriber?.takeBytes() ?? 0;
      if (bytesIn > 0) this.options.session.noteWork({ command: 'subscribe', calls: 0, bytesIn, bytesOut: 0 });
    }
  }

  #tell(event: 'changed' | 'ended'): void {
    for (const listener of this.#listeners) listener(event);
  }
}
