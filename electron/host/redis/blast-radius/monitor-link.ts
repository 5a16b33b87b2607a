import type { Duplex } from 'node:stream';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { LineCutter } from '../../../../shared/redis/monitor-lines.ts';
import { translateNetworkError } from '../../connections/dial/network-errors.ts';
import { connectSocket } from '../../connections/dial/tcp.ts';
import { wrapTls } from '../../connections/dial/tls.ts';
import { translateRedisError } from '../../connections/redis/redis-errors.ts';
import type { WorkerEndpoint } from '../session.ts';

export interface MonitorEvents {
  /** One line of MONITOR, valid during the call. */
  line(bytes: Uint8Array, from: number, to: number): void;
  /** After the lines of one piece: the time is told once for all of them. */
  pieceEnd(): void;
  /** The connection broke. */
  ended(problem: LookasideError): void;
}

function encode(parts: readonly string[]): Buffer {
  return Buffer.from(`*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`);
}

/** One connection to one server that does nothing but MONITOR. */
export class MonitorLink {
  readonly #socket: Duplex;
  readonly #endpoint: WorkerEndpoint;
  readonly #events: MonitorEvents;
  readonly #waiting: { command: string; resolve: () => void; reject: (error: LookasideError) => void }[] = [];
  readonly #lines = new LineCutter();
  #failure: LookasideError | null = null;
  bytesIn = 0;

  private constructor(socket: Duplex, endpoint: WorkerEndpoint, events: MonitorEvents) {
    this.#socket = socket;
    this.#endpoint = endpoint;
    this.#events = events;
    const line = (bytes: Uint8Array, from: number, to: number): void => this.#line(bytes, from, to);
    socket.on('data', (chunk: Buffer) => {
      this.bytesIn += chunk.length;
      try {
        this.#lines.push(chunk, line);
        events.pieceEnd();
      } catch (error) {
        this.#fail(new LookasideError('INTERNAL', 'Reading MONITOR failed inside Lookaside', { cause: error }));
      }
    });
    socket.on('error', (error) => this.#fail(translateNetworkError(error, endpoint.target)));
    socket.on('close', () => this.#fail(translateNetworkError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }), endpoint.target)));
  }

  /** Connects, logs in and begins; resolves when the server has said OK to MONITOR. Rejects with LookasideError. */
  static async open(endpoint: WorkerEndpoint, events: MonitorEvents, signal: AbortSignal): Promise<MonitorLink> {
    const raw = await connectSocket(endpoint.target, { signal }, () => undefined);
    const where = 'host' in endpoint.target ? endpoint.target : undefined;
    const socket = endpoint.tls === null ? raw : (await wrapTls(raw, endpoint.tls, { where })).socket;
    const link = new MonitorLink(socket, endpoint, events);
    const aborted = (): void => link.#fail(new LookasideError('CANCELLED', 'Cancelled'));
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    try {
      const { username, password } = endpoint;
      if (password !== null) await link.#call(username === '' ? ['AUTH', password] : ['AUTH', username, password]);
      await link.#call(['MONITOR']);
      return link;
    } catch (error) {
      link.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', aborted);
    }
  }

  /** Lines that were too long to read. */
  get skipped(): number {
    return this.#lines.skipped;
  }

  /** At once: what the server still had to say is lost. */
  close(): void {
    this.#failure ??= new LookasideError('CONNECTION_LOST', 'The connection is closed');
    for (const each of this.#waiting.splice(0)) each.reject(this.#failure);
    this.#socket.destroy();
  }

  #call(parts: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ command: parts[0] as string, resolve, reject });
      this.#socket.write(encode(parts));
    });
  }

  #line(bytes: Uint8Array, from: number, to: number): void {
    const waiting = this.#waiting[0];
    if (waiting === undefined) {
      this.#events.line(bytes, from, to);
      return;
    }
    this.#waiting.shift();
    const text = Buffer.from(bytes.subarray(from, to)).toString('utf8');
    if (text.startsWith('+')) waiting.resolve();
    else if (text.startsWith('-')) {
      const reply = Object.assign(new Error(text.slice(1)), { name: 'ReplyError' });
      waiting.reject(translateRedisError(reply, { target: this.#endpoint.target, command: waiting.command, user: this.#endpoint.username }));
    } else waiting.reject(new LookasideError('REDIS_NOT_REDIS', 'What answers does not speak the protocol of Redis'));
  }

  #fail(error: LookasideError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    for (const each of this.#waiting.splice(0)) each.reject(error);
    this.#socket.destroy();
    this.#events.ended(error);
  }
}
