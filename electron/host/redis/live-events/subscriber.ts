import type { Duplex } from 'node:stream';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { translateNetworkError } from '../../connections/dial/network-errors.ts';
import { connectSocket } from '../../connections/dial/tcp.ts';
import { wrapTls } from '../../connections/dial/tls.ts';
import { translateRedisError } from '../../connections/redis/redis-errors.ts';
import type { WorkerEndpoint } from '../session.ts';
import { RespValues, type RespValue } from './resp-values.ts';

const pingEveryMs = 10_000;
/** A path that is dead tells nothing by itself; a ping that stays unanswered does. */
const silenceMs = 25_000;

export interface SubscriberEvents {
  /** The word after the channel's last colon, and the key. */
  event(event: string, name: Buffer): void;
  ended(problem: LookasideError): void;
}

function encode(parts: readonly string[]): Buffer {
  return Buffer.from(`*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`);
}

/** One connection that listens to the channels of one server. */
export class Subscriber {
  readonly #socket: Duplex;
  readonly #endpoint: WorkerEndpoint;
  readonly #events: SubscriberEvents;
  readonly #replies: { resolve: (value: RespValue) => void; reject: (error: LookasideError) => void; command: string }[] = [];
  readonly #timer: NodeJS.Timeout;
  #heardAt = performance.now();
  #failure: LookasideError | null = null;
  #bytesIn = 0;

  private constructor(socket: Duplex, endpoint: WorkerEndpoint, events: SubscriberEvents) {
    this.#socket = socket;
    this.#endpoint = endpoint;
    this.#events = events;
    const values = new RespValues();
    socket.on('data', (chunk: Buffer) => {
      this.#heardAt = performance.now();
      this.#bytesIn += chunk.length;
      try {
        for (const value of values.push(chunk)) this.#take(value);
      } catch (error) {
        this.#fail(error instanceof LookasideError ? error : new LookasideError('INTERNAL', 'Listening failed inside Lookaside', { cause: error }));
      }
    });
    socket.on('error', (error) => this.#fail(translateNetworkError(error, endpoint.target)));
    socket.on('close', () => this.#fail(translateNetworkError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }), endpoint.target)));
    this.#timer = setInterval(() => this.#lookAfter(), pingEveryMs).unref();
  }

  /** Connects, logs in and subscribes: to exact channels, or to a pattern. Rejects with LookasideError. */
  static async open(endpoint: WorkerEndpoint, channels: readonly string[] | { pattern: string }, events: SubscriberEvents): Promise<Subscriber> {
    const raw = await connectSocket(endpoint.target, {}, () => undefined);
    const where = 'host' in endpoint.target ? endpoint.target : undefined;
    const socket = endpoint.tls === null ? raw : (await wrapTls(raw, endpoint.tls, { where })).socket;
    const subscriber = new Subscriber(socket, endpoint, events);
    try {
      const { username, password } = endpoint;
      if (password !== null) await subscriber.#call(username === '' ? ['AUTH', password] : ['AUTH', username, password]);
      const command = 'pattern' in channels ? ['PSUBSCRIBE', channels.pattern] : ['SUBSCRIBE', ...channels];
      await subscriber.#call(command);
      return subscriber;
    } catch (error) {
      subscriber.close();
      throw error;
    }
  }

  /** Received since the last time. */
  takeBytes(): number {
    const bytes = this.#bytesIn;
    this.#bytesIn = 0;
    return bytes;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#failure ??= new LookasideError('CONNECTION_LOST', 'The connection is closed');
    for (const each of this.#replies.splice(0)) each.reject(this.#failure);
    this.#socket.destroy();
  }

  #call(parts: readonly string[]): Promise<RespValue> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      this.#replies.push({ resolve, reject, command: parts[0] as string });
      this.#socket.write(encode(parts));
    });
  }

  #take(value: RespValue): void {
    if (Array.isArray(value) && Buffer.isBuffer(value[0])) {
      const kind = value[0].toString('latin1');
      if (kind === 'message' || kind === 'pmessage') {
        const [channel, name] = value.slice(-2);
        if (Buffer.isBuffer(channel) && Buffer.isBuffer(name)) this.#events.event(channel.toString('latin1').replace(/^.*__:/, ''), name);
        return;
      }
      if (kind === 'pong') return;
    }
    const waiting = this.#replies.shift();
    if (waiting === undefined) return;
    if (!(value instanceof Error)) waiting.resolve(value);
    else waiting.reject(translateRedisError(value, { target: this.#endpoint.target, command: waiting.command, user: this.#endpoint.username }));
  }

  #lookAfter(): void {
    if (performance.now() - this.#heardAt > silenceMs) {
      this.#fail(translateNetworkError(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' }), this.#endpoint.target));
      return;
    }
    if (this.#failure === null) this.#socket.write(encode(['PING']));
  }

  #fail(error: LookasideError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    clearInterval(this.#timer);
    for (const each of this.#replies.splice(0)) each.reject(error);
    this.#socket.destroy();
    this.#events.ended(error);
  }
}
