import type { Worker } from 'node:worker_threads';
import type { IndexSnapshot } from '../../../../shared/contract/keys.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { snapshotStream, type SnapshotListener } from '../../snapshots.ts';
import type { RedisSession } from '../session.ts';
import type { FromWorker, IndexCalls, IndexMethod, IndexWorkerData, ScanNode, ToWorker } from './index-messages.ts';
import { PendingCalls, toProblem } from './pending-calls.ts';

export interface IndexHandleOptions {
  data: IndexWorkerData;
  db: number;
  /** The session as it is now; throws NOT_CONNECTED. */
  session: () => RedisSession;
  /** The masters with their slots. */
  topology: () => Promise<ScanNode[]>;
  /** A thread that waits for what to index. */
  thread: Worker;
  /** Told once, when the scan has come to an end or to a stop, with the keys found. */
  settled: (keys: number) => void;
}

function initialSnapshot(indexId: string): IndexSnapshot {
  return {
    indexId,
    version: 0,
    state: 'scanning',
    keys: 0,
    folders: 0,
    total: null,
    coverage: 0,
    exactness: 'atLeast',
    rate: 0,
    etaMs: null,
    completedAt: null,
    nodes: [],
    problem: null,
    memoryBytes: 0,
    facts: null,
    suggestedDelimiters: [],
  };
}

/** The host's side of one index worker: its calls, what it asks for, and who watches it. */
export class IndexHandle {
  readonly id: string;
  readonly db: number;
  readonly #options: IndexHandleOptions;
  readonly #worker: Worker;
  readonly #pending = new PendingCalls();
  readonly #listeners = new Set<SnapshotListener>();
  #watchers = 0;
  #latest: IndexSnapshot;
  #closed = false;
  #settled = false;
  #unsubscribe: (() => void) | null = null;
  /** Unix ms since when nobody watches. */
  unwatchedSince = Date.now();

  constructor(options: IndexHandleOptions) {
    this.id = options.data.indexId;
    this.db = options.db;
    this.#options = options;
    this.#latest = initialSnapshot(this.id);
    this.#worker = options.thread;
    this.#post({ kind: 'begin', data: options.data });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => this.#lost(error));
    this.#worker.on('exit', () => this.#lost(null));
    // an index alone does not keep a process alive
    this.#worker.unref();
  }

  get latest(): IndexSnapshot {
    return this.#latest;
  }

  get watched(): boolean {
    return this.#watchers > 0;
  }

  /** False when the thread has ended. */
  get usable(): boolean {
    return !this.#closed;
  }

  /** Watching starts or resumes the scan; when the last watcher leaves, it stops at a page's end. */
  async *watch(signal: AbortSignal, restart: boolean): AsyncGenerator<IndexSnapshot, void, void> {
    if (signal.aborted) return;
    this.#watchers += 1;
    this.#unsubscribe ??= this.#options.session().onTopologyChange(() => {
      if (this.#watchers > 0) this.#tell('topologyChanged', {});
    });
    let left = false;
    // an abort must count at once, also while the reader stalls between two snapshots
    const leave = (): void => {
      if (left) return;
      left = true;
      this.#watchers -= 1;
      this.unwatchedSince = Date.now();
      if (this.#watchers === 0 && !this.#closed) this.#tell('leave', {});
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      if (restart) this.#tell('restart', {});
      else if (this.#watchers === 1) this.#tell('start', {});
      yield* snapshotStream({
        read: () => this.#latest,
        subscribe: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
        signal,
        // the worker spaces its snapshots itself
        minIntervalMs: 0,
      });
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
    }
  }

  /** Starts the scan for a watcher that is about to come; without one it stops after `ms`. */
  begin(ms: number): void {
    if (this.#watchers > 0 || this.#closed) return;
    this.#tell('start', {});
    setTimeout(() => {
      if (this.#watchers === 0 && !this.#closed) this.#tell('leave', {});
    }, ms).unref();
  }

  /** Rejects with LookasideError. */
  async call<M extends IndexMethod>(method: M, input: IndexCalls[M]['input']): Promise<IndexCalls[M]['output']> {
    // the pair of method and input is right by the signature, which the compiler cannot follow into the union
    const value = await this.#pending.call((id) => this.#post({ kind: 'call', id, method, input } as ToWorker));
    return value as IndexCalls[M]['output'];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#end(new LookasideError('NOT_FOUND', 'This index is closed', { hint: 'Open the keys again.' }));
    await this.#worker.terminate();
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** A call whose failure shows in the next snapshot, or in the thread's end. */
  #tell<M extends 'start' | 'leave' | 'restart' | 'topologyChanged'>(method: M, input: IndexCalls[M]['input']): void {
    this.call(method, input).catch((error: unknown) => this.#note({ ...this.#latest, problem: toProblem(error) }));
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'answer':
        this.#pending.answer(message.id, message.value);
        break;
      case 'refusal':
        this.#pending.refuse(message.id, message.problem);
        break;
      case 'snapshot':
        this.#note(message.snapshot);
        break;
      case 'work':
        this.#countWork(message.work);
        break;
      case 'call':
        void this.#serve(message);
        break;
    }
  }

  async #serve(message: Extract<FromWorker, { kind: 'call' }>): Promise<void> {
    try {
      const value =
        message.method === 'topology'
          ? await this.#options.topology()
          : await this.#options.session().workerEndpoint(message.input.nodeId, this.db);
      this.#post({ kind: 'answer', id: message.id, value });
    } catch (error) {
      this.#post({ kind: 'refusal', id: message.id, problem: toProblem(error) });
    }
  }

  #countWork(work: Extract<FromWorker, { kind: 'work' }>['work']): void {
    try {
      const session = this.#options.session();
      for (const each of work) session.noteWork(each);
    } catch (error) {
      // the connection was closed meanwhile, and its meter with it
      if (!(error instanceof LookasideError)) throw error;
    }
  }

  #note(snapshot: IndexSnapshot): void {
    if (this.#closed) return;
    this.#latest = snapshot;
    if (!this.#settled && snapshot.state !== 'scanning' && snapshot.state !== 'backing-off') {
      this.#settled = true;
      this.#options.settled(snapshot.keys);
    }
    for (const listener of this.#listeners) listener('changed');
  }

  #lost(error: unknown): void {
    if (this.#closed) return;
    const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const problem = outOfMemory
      ? new LookasideError('LIMIT_EXCEEDED', 'The index needs more memory than there is', { hint: 'Restrict it by type.' })
      : new LookasideError('INTERNAL', 'The index has stopped unexpectedly', { hint: 'Open the keys again.' });
    this.#note({ ...this.#latest, state: 'failed', problem: problem.toProblem() });
    this.#end(problem);
  }

  #end(error: LookasideError): void {
    this.#closed = true;
    this.#unsubscribe?.();
    this.#pending.close(error);
    for (const listener of this.#listeners) listener('ended');
  }
}
