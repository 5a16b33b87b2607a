import type { Worker } from 'node:worker_threads';
import { codecWords, type CodecId } from '../../../../shared/decode/codecs.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { startWorker } from '../../worker-entry.ts';
import { fromProblem } from '../index/pending-calls.ts';
import type { DecodeCalls, DecodeMethod, FromDecodeWorker, ToDecodeWorker } from './decode-messages.ts';

const mib = 1024 * 1024;

/** ms that a call may take: a second, and more for each MiB of input beyond the first. */
export function ordinaryLimit(bytes: number): number {
  return Math.round(1000 + Math.max(0, bytes / mib - 1) * 500);
}

interface Waiting {
  message: ToDecodeWorker;
  limitMs: number;
  codec: CodecId | null;
  resolve: (value: unknown) => void;
  reject: (error: LookasideError) => void;
}

/** Thrown when a call was stopped because it took too long; names what was being tried. */
export class DecodeTimeout extends LookasideError {
  readonly codec: CodecId | null;

  constructor(codec: CodecId | null, limitMs: number) {
    super('LIMIT_EXCEEDED', `${codec === null ? 'Decoding' : codecWords[codec].label} takes longer than ${limitMs / 1000} s and was stopped`);
    this.codec = codec;
  }
}

/**
 * The one worker thread that decodes. Calls go to it one at a time, each with a hard limit; a call that exceeds it ends
 * the thread, and the next call starts another. What was kept open is gone then, and asking for it says NOT_FOUND.
 */
export class DecodeThread {
  #worker: Worker | null = null;
  #ready = false;
  #queue: Waiting[] = [];
  #running: Waiting | null = null;
  #timer: NodeJS.Timeout | undefined;
  #lastId = 0;
  #closed = false;
  readonly #limit: (bytes: number) => number;

  /** @param limit ms that a call with so many bytes may take */
  constructor(limit = ordinaryLimit) {
    this.#limit = limit;
  }

  /** Rejects with LookasideError; with DecodeTimeout when the call was stopped. */
  call<M extends DecodeMethod>(method: M, input: DecodeCalls[M]['input'], bytes = 0): Promise<DecodeCalls[M]['output']> {
    const answer = new Promise<unknown>((resolve, reject) => {
      if (this.#closed) {
        reject(new LookasideError('CANCELLED', 'The program is ending'));
        return;
      }
      this.#lastId += 1;
      const message = { kind: 'call', id: this.#lastId, method, input } as ToDecodeWorker;
      const limitMs = this.#limit(bytes);
      this.#queue.push({ message, limitMs, codec: null, resolve, reject });
      this.#next();
    });
    return answer as Promise<DecodeCalls[M]['output']>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const error = new LookasideError('CANCELLED', 'The program is ending');
    for (const each of [...(this.#running === null ? [] : [this.#running]), ...this.#queue]) each.reject(error);
    this.#queue = [];
    this.#running = null;
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(): Worker {
    // a value that needs more memory than this is stopped like one that needs more time
    const worker = startWorker('decode-worker', { resourceLimits: { maxOldGenerationSizeMb: 512 } });
    worker.on('message', (message: FromDecodeWorker) => this.#receive(worker, message));
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', () => this.#lost(worker, null));
    worker.unref();
    return worker;
  }

  #next(): void {
    if (this.#running !== null || this.#queue.length === 0 || this.#closed) return;
    this.#worker ??= this.#start();
    if (!this.#ready) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#running = next;
    this.#timer = setTimeout(() => this.#stop(), next.limitMs);
    this.#worker.postMessage(next.message);
  }

  #receive(worker: Worker, message: FromDecodeWorker): void {
    if (worker !== this.#worker) return;
    if (message.kind === 'ready') {
      this.#ready = true;
      this.#next();
      return;
    }
    const running = this.#running;
    if (running === null || running.message.id !== message.id) return;
    if (message.kind === 'trying') {
      running.codec = message.codec;
      return;
    }
    this.#settle();
    if (message.kind === 'answer') running.resolve(message.value);
    else running.reject(fromProblem(message.problem));
    this.#next();
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#running = null;
  }

  #drop(): Worker | null {
    const worker = this.#worker;
    this.#worker = null;
    this.#ready = false;
    return worker;
  }

  #stop(): void {
    const running = this.#running;
    if (running === null) return;
    const worker = this.#drop();
    this.#settle();
    void worker?.terminate();
    running.reject(new DecodeTimeout(running.codec, running.limitMs));
    this.#next();
  }

  #lost(worker: Worker, error: unknown): void {
    if (worker !== this.#worker || this.#closed) return;
    const wasReady = this.#ready;
    this.#drop();
    const running = this.#running;
    this.#settle();
    const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const problem = outOfMemory
      ? new LookasideError('LIMIT_EXCEEDED', 'Decoding this value needs more memory than it may use')
      : new LookasideError('INTERNAL', 'The decoder has stopped unexpectedly', { details: { error: error instanceof Error ? error.message : 'ended' } });
    running?.reject(problem);
    // a thread that cannot even start would be started again and again
    if (!wasReady) for (const each of this.#queue.splice(0)) each.reject(problem);
    this.#next();
  }
}
