import type { Duplex } from 'node:stream';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { translateNetworkError } from '../../connections/dial/network-errors.ts';
import { connectSocket } from '../../connections/dial/tcp.ts';
import { wrapTls } from '../../connections/dial/tls.ts';
import { translateRedisError } from '../../connections/redis/redis-errors.ts';
import type { WorkerEndpoint } from '../session.ts';
import { RespReader } from './resp-reader.ts';

/** Tells of a SCAN's page while it is read. Byte ranges are valid until `bytesEnd`. */
export interface PageSink {
  cursor(cursor: string): void;
  /** The next `count` names: `bytes[from[i]...to[i]]`. The two arrays are used again after the call. */
  names(bytes: Uint8Array, from: Int32Array, to: Int32Array, count: number): void;
  pageEnd(): void;
  /** The connection or the command failed; nothing follows. */
  failed(error: LookasideError): void;
  /** The ranges told since the last call cease to be valid. */
  bytesEnd(): void;
}

interface Waiting {
  command: string;
  resolve(reply: string): void;
  reject(error: LookasideError): void;
}

/** Commands that were sent together, each with a reply of one part. */
export interface CommandBatch {
  /** As they go over the wire. */
  bytes: Buffer;
  count: number;
  /** For the account: how often each is among them. */
  commands: ReadonlyMap<string, number>;
}

interface WaitingBatch {
  left: number;
  /** `+…`, `:…`, `-…`, `$…` (a bulk string as text) or `$-1`. */
  reply(text: string): void;
  resolve(): void;
  reject(error: LookasideError): void;
}

/** What was sent and received since the last `takeWork`. */
export interface LinkWork {
  command: string;
  calls: number;
  bytesIn: number;
  bytesOut: number;
}

/** A server that owes a reply and sends nothing for this long counts as lost: a dead network path tells nothing by itself. */
const silenceMs = 20_000;

/** Most that one read of a plain socket takes: a page of ordinary names and more. */
const readBytes = 64 * 1024;

function encode(parts: readonly (string | Buffer)[]): Buffer {
  const pieces: Buffer[] = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = Buffer.from(part);
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(pieces);
}

/** One bare connection to one server, logged in, on its database. Replies come in the order of the commands. */
export class NodeLink {
  readonly #socket: Duplex;
  readonly #endpoint: WorkerEndpoint;
  /** `null` stands for a page, whose reply goes to the sink. */
  readonly #waiting: (Waiting | WaitingBatch | null)[] = [];
  readonly #work = new Map<string, LinkWork>();
  #sink: PageSink | null = null;
  #current = '';
  #scanCommand = 'SCAN';
  #failure: LookasideError | null = null;
  #heardAt = performance.now();
  readonly #watchdog: NodeJS.Timeout;
  readonly #reader: RespReader;

  private constructor(socket: Duplex, endpoint: WorkerEndpoint) {
    this.#socket = socket;
    this.#endpoint = endpoint;
    const reader = new RespReader({
      line: (text) => this.#line(text),
      bulk: (bytes, from, to) => this.#bulk(Buffer.from(bytes.subarray(from, to)).toString('utf8')),
      cursor: (cursor) => {
        this.#waiting.shift();
        this.#sink?.cursor(cursor);
      },
      names: (bytes, from, to, count) => this.#sink?.names(bytes, from, to, count),
      pageEnd: () => this.#sink?.pageEnd(),
      bytesEnd: () => this.#sink?.bytesEnd(),
    });
    this.#watchdog = setInterval(() => this.#checkSilence(), silenceMs / 4).unref();
    this.#reader = reader;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(translateNetworkError(error, endpoint.target)));
    socket.on('close', () => this.#fail(translateNetworkError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }), endpoint.target)));
  }

  /** Dials, speaks TLS, logs in, selects. Rejects with LookasideError. */
  static async open(endpoint: WorkerEndpoint, name: string): Promise<NodeLink> {
    const link = endpoint.tls === null ? await NodeLink.#openPlain(endpoint) : await NodeLink.#openSecure(endpoint, endpoint.tls);
    try {
      await link.#logIn(name);
      return link;
    } catch (error) {
      link.close();
      throw error;
    }
  }

  /** Reads into one buffer again and again: a buffer for every chunk costs more than reading it. */
  static async #openPlain(endpoint: WorkerEndpoint): Promise<NodeLink> {
    let link: NodeLink | null = null;
    const buffer = Buffer.allocUnsafeSlow(readBytes);
    const receive = (length: number): boolean => {
      if (link !== null) link.#receive(length === readBytes ? buffer : buffer.subarray(0, length));
      return true;
    };
    const socket = await connectSocket(endpoint.target, {}, () => undefined, { buffer, callback: receive });
    link = new NodeLink(socket, endpoint);
    return link;
  }

  static async #openSecure(endpoint: WorkerEndpoint, tls: NonNullable<WorkerEndpoint['tls']>): Promise<NodeLink> {
    const raw = await connectSocket(endpoint.target, {}, () => undefined);
    const where = 'host' in endpoint.target ? endpoint.target : undefined;
    return new NodeLink((await wrapTls(raw, tls, { where })).socket, endpoint);
  }

  /** A command whose reply is a status, a number or a bulk string, as text. Rejects with LookasideError. */
  call(...parts: (string | Buffer)[]): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      const command = String(parts[0]).toUpperCase();
      this.#waiting.push({ command, resolve, reject });
      this.#send(command, encode(parts));
    });
  }

  /** Sends commands together and tells their replies in order. Rejects when the connection fails. */
  batch({ bytes, count, commands }: CommandBatch, reply: (text: string) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      if (count === 0) {
        resolve();
        return;
      }
      this.#waiting.push({ left: count, reply, resolve, reject });
      for (const [command, calls] of commands) this.#note(command, calls, 0, 0);
      const [first = ''] = commands.keys();
      this.#note(first, 0, 0, bytes.length);
      this.#current = first;
      this.#write(bytes);
    });
  }

  /** Asks for a page, a reply of SCAN's shape; its parts go to `sink`. At most one is under way. */
  scan(parts: readonly (string | Buffer)[], sink: PageSink): void {
    if (this.#failure !== null) {
      sink.failed(this.#failure);
      return;
    }
    this.#sink = sink;
    this.#waiting.push(null);
    this.#scanCommand = String(parts[0]).toUpperCase();
    this.#send(this.#scanCommand, encode(parts));
  }

  takeWork(): LinkWork[] {
    const work = [...this.#work.values()];
    this.#work.clear();
    return work;
  }

  close(): void {
    clearInterval(this.#watchdog);
    this.#failure ??= new LookasideError('CONNECTION_LOST', 'The connection is closed');
    this.#sink = null;
    this.#socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    this.#heardAt = performance.now();
    this.#note(this.#current, 0, chunk.length, 0);
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#fail(error instanceof LookasideError ? error : new LookasideError('INTERNAL', 'The index failed', { cause: error }));
    }
  }

  async #logIn(name: string): Promise<void> {
    const { username, password, db } = this.#endpoint;
    // sent together: one round trip
    const steps: Promise<string>[] = [];
    if (password !== null) steps.push(username === '' ? this.call('AUTH', password) : this.call('AUTH', username, password));
    if (db !== 0) steps.push(this.call('SELECT', String(db)));
    const named = this.call('CLIENT', 'SETNAME', name).catch((error: unknown) => {
      // a name is a courtesy: servers and users that do not allow it are scanned all the same
      if (error instanceof LookasideError && error.code === 'CONNECTION_LOST') throw error;
    });
    await Promise.all([...steps, named]);
  }

  #checkSilence(): void {
    if (this.#waiting.length === 0 || performance.now() - this.#heardAt < silenceMs) return;
    this.#fail(translateNetworkError(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' }), this.#endpoint.target));
  }

  #send(command: string, bytes: Buffer): void {
    this.#current = command;
    this.#note(command, 1, 0, bytes.length);
    this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    if (this.#waiting.length === 1) this.#heardAt = performance.now();
    this.#socket.write(bytes);
  }

  #note(command: string, calls: number, bytesIn: number, bytesOut: number): void {
    let work = this.#work.get(command);
    if (work === undefined) this.#work.set(command, (work = { command: command.toLowerCase(), calls: 0, bytesIn: 0, bytesOut: 0 }));
    work.calls += calls;
    work.bytesIn += bytesIn;
    work.bytesOut += bytesOut;
  }

  #line(text: string): void {
    const waiting = this.#waiting[0];
    if (this.#tellBatch(text)) return;
    this.#waiting.shift();
    if (waiting === undefined || (waiting !== null && 'left' in waiting)) return;
    if (!text.startsWith('-')) waiting?.resolve(text === '$-1' ? '' : text.slice(1));
    else if (waiting === null) this.#tellSink(this.#replyError(text, this.#scanCommand));
    else waiting.reject(this.#replyError(text, waiting.command));
  }

  #replyError(line: string, command: string): LookasideError {
    const { target, username, db } = this.#endpoint;
    const reply = Object.assign(new Error(line.slice(1)), { name: 'ReplyError' });
    return translateRedisError(reply, { target, command, user: username, db });
  }

  #bulk(text: string): void {
    if (this.#tellBatch(`$${text}`)) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined && waiting !== null && !('left' in waiting)) waiting.resolve(text);
  }

  /** Whether the reply was one of a batch. */
  #tellBatch(text: string): boolean {
    const waiting = this.#waiting[0];
    if (waiting === undefined || waiting === null || !('left' in waiting)) return false;
    waiting.left -= 1;
    waiting.reply(text);
    if (waiting.left === 0) {
      this.#waiting.shift();
      waiting.resolve();
    }
    return true;
  }

  #tellSink(error: LookasideError): void {
    const sink = this.#sink;
    this.#sink = null;
    sink?.failed(error);
  }

  #fail(error: LookasideError): void {
    if (this.#failure !== null && this.#waiting.length === 0) return;
    this.#failure ??= error;
    clearInterval(this.#watchdog);
    const waiting = this.#waiting.splice(0);
    for (const each of waiting) each?.reject(this.#failure);
    this.#tellSink(this.#failure);
    this.#socket.destroy();
  }
}
