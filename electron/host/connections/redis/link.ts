import type { Socket } from 'node:net';
import { AbstractConnector, Command as DriverCommand, Redis } from 'ioredis';
import type { TlsFacts } from '../../../../shared/contract/connections.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { Command, RedisReply, SocketTls } from '../../redis/session.ts';
import type { Dialer, DialedSocket } from '../dial/dialer.ts';
import type { NetworkTarget } from '../dial/network-errors.ts';
import { wrapTls } from '../dial/tls.ts';
import { tlsExpected } from './diagnose.ts';
import { lostConnection, notRedis, translateRedisError, whatAnswers, type RedisErrorContext } from './redis-errors.ts';

export interface LinkOptions {
  target: NetworkTarget;
  dialer: Dialer;
  tls: SocketTls | null;
  username: string;
  password: string | null;
  db: number;
  signal: AbortSignal;
  timeoutMs: number;
  onBytes: (bytesIn: number, bytesOut: number) => void;
  /** Told when each stage of opening is done, for the connection test. */
  onStage?: ((stage: 'tcp' | 'tls' | 'auth', tls: TlsFacts | null) => void) | undefined;
}

/** One connection to one server, in one database. It never reconnects and never queues: when it breaks, it is over. */
export interface Link {
  readonly target: NetworkTarget;
  readonly db: number;
  readonly tls: TlsFacts | null;
  /** The server has no password for this user, though one was given. */
  readonly passwordUnused: boolean;
  readonly open: boolean;
  /** Why it ended, or `null` while it is open. */
  readonly ended: Promise<LookasideError>;
  /** Sends at once. Rejects with a LookasideError; a broken connection gives OUTCOME_UNKNOWN when `effect` is set. */
  send(command: Command, effect: boolean): Promise<RedisReply>;
  /** Sends all in one write; each has its own outcome. */
  sendAll(commands: readonly { command: Command; effect: boolean }[]): Promise<RedisReply>[];
  /** Raw replies of a subscribed connection; only for the sentinels' channel. */
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  close(): void;
}

function partLength(part: string | Buffer | number): number {
  const length = Buffer.isBuffer(part) ? part.length : Buffer.byteLength(String(part));
  return length + String(length).length + 5;
}

/** Milliseconds for a handshake. A plain Redis waits for more of what it takes for a command, so silence is a likely answer. */
const tlsTimeoutMs = 5000;

async function openStream(options: LinkOptions): Promise<{ stream: DialedSocket; tls: TlsFacts | null }> {
  const { target, signal, timeoutMs } = options;
  const limits = { signal, timeoutMs };
  const plain = 'path' in target ? await options.dialer.dialPath(target.path, limits) : await options.dialer.dial(target.host, target.port, limits);
  options.onStage?.('tcp', null);
  if (options.tls === null) return { stream: plain, tls: null };
  const where = 'path' in target ? undefined : target;
  const secure = await wrapTls(plain, options.tls, { signal, timeoutMs: Math.min(timeoutMs, tlsTimeoutMs), where });
  options.onStage?.('tls', secure.facts);
  return { stream: secure.socket, tls: secure.facts };
}

/** The driver over a stream that is already connected, with everything switched off that would retry or queue. */
function driverOver(stream: DialedSocket): Redis {
  class ReadyConnector extends AbstractConnector {
    constructor() {
      super(200);
    }
    override connect(): Promise<Socket> {
      // an SSH channel is a stream with a socket's setters, which is all that the driver uses
      const socket = stream as Socket;
      this.stream = socket;
      return Promise.resolve(socket);
    }
  }
  return new Redis({
    Connector: ReadyConnector,
    lazyConnect: true,
    protocol: 2,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
    disableClientInfo: true,
    noDelay: true,
    keepAlive: 15_000,
  });
}

const noPasswordSet = /without any password configured|no password is set/i;

/**
 * Connects, encrypts, authenticates and selects the database. Rejects with a LookasideError that says which of them
 * failed; nothing stays open then.
 */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { target, db } = options;
  const context: RedisErrorContext = { target, user: options.username, db };
  const { stream, tls } = await openStream(options);
  let firstBytes = '';
  let problem: LookasideError | null = null;
  let open = false;
  let answered = false;
  stream.on('data', (chunk: Buffer) => {
    if (firstBytes === '') firstBytes = chunk.toString('latin1', 0, 512);
    options.onBytes(chunk.length, 0);
  });
  const client = driverOver(stream);
  client.on('error', (error: unknown) => {
    problem ??= strangeGreeting() ?? translateRedisError(error, context);
  });
  const ended = new Promise<LookasideError>((resolve) => {
    client.once('end', () => {
      open = false;
      stream.destroy();
      resolve(problem ?? lostConnection(context));
    });
  });

  /** What came instead of an answer: a TLS alert, another protocol, or a refusal (too many clients, protected mode). */
  function strangeGreeting(): LookasideError | null {
    if (firstBytes === '') return null;
    if (firstBytes.startsWith('-') && !answered) {
      const refusal = Object.assign(new Error(firstBytes.slice(1).split('\r\n', 1)[0]), { name: 'ReplyError' });
      return translateRedisError(refusal, context);
    }
    if ('+-:$*'.includes(firstBytes.charAt(0))) return null;
    const first = firstBytes.charCodeAt(0);
    return tls === null && (first === 0x15 || first === 0x16) ? tlsExpected(target) : notRedis(context, whatAnswers(firstBytes));
  }

  function send(command: Command, effect: boolean): Promise<RedisReply> {
    const [name, ...parts] = command;
    const sent = open && client.status === 'ready' && stream.writable;
    if (!sent) return Promise.reject(problem ?? lostConnection({ ...context, command: name, sent: false }));
    options.onBytes(0, command.reduce<number>((sum, part) => sum + partLength(part), 3 + String(command.length).length));
    // an upper-case name keeps the driver from reshaping arguments and replies by its own tables
    const driven = new DriverCommand(name.toUpperCase(), parts, { replyEncoding: null });
    return Promise.resolve(client.sendCommand(driven) as Promise<RedisReply>).then(
      (reply) => {
        answered = true;
        return reply;
      },
      (error: unknown) => {
        const isReply = error instanceof Error && error.name === 'ReplyError';
        const strange = isReply ? null : strangeGreeting();
        answered ||= isReply;
        throw strange ?? translateRedisError(error, { ...context, command: name, sent: true, effect });
      },
    );
  }

  const link: Link = {
    target,
    db,
    tls,
    passwordUnused: false,
    get open() {
      return open;
    },
    ended,
    send,
    sendAll: (commands) => {
      stream.cork();
      const replies = commands.map(({ command, effect }) => send(command, effect));
      stream.uncork();
      return replies;
    },
    subscribe: async (channel, listener) => {
      client.on('message', (from: string, message: string) => {
        if (from === channel) listener(message);
      });
      try {
        await client.subscribe(channel);
      } catch (error) {
        throw translateRedisError(error, { ...context, command: 'SUBSCRIBE' });
      }
    },
    close: () => {
      open = false;
      client.disconnect();
      stream.destroy();
    },
  };

  const abort = (): void => link.close();
  options.signal.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => {
    problem ??= new LookasideError('CONNECT_TIMEOUT', 'The server accepts the connection but does not answer', {
      hint: 'It may be stuck in a long command, or may not be Redis.',
      details: 'path' in target ? { path: target.path } : { host: target.host, port: target.port },
    });
    link.close();
  }, options.timeoutMs);
  try {
    await client.connect();
    open = true;
    const unused = await handshake(link, options);
    options.onStage?.('auth', tls);
    return Object.assign(link, { passwordUnused: unused });
  } catch (error) {
    link.close();
    if (options.signal.aborted) throw new LookasideError('CANCELLED', 'Cancelled');
    throw problem ?? strangeGreeting() ?? translateRedisError(error, context);
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', abort);
  }
}

/** AUTH, a first harmless question and SELECT; returns whether the password turned out to be needless. */
async function handshake(link: Link, options: LinkOptions): Promise<boolean> {
  let unused = false;
  if (options.password !== null) {
    const parts = options.username === '' ? [options.password] : [options.username, options.password];
    await link.send(['AUTH', ...parts], false).catch((error: unknown) => {
      const said = error instanceof LookasideError ? String(error.details['reply'] ?? '') : '';
      if (!noPasswordSet.test(said)) throw error;
      unused = true;
    });
  }
  if (options.db > 0) await link.send(['SELECT', options.db], false);
  await link.send(['CLIENT', 'SETNAME', 'lookaside'], false).catch((error: unknown) => {
    // a user, or a server, without CLIENT is fine: the name is a courtesy
    if (!(error instanceof LookasideError) || !courtesyMayFail.has(error.code)) throw error;
  });
  return unused;
}

const courtesyMayFail = new Set(['REDIS_NO_PERMISSION', 'REDIS_COMMAND_FAILED', 'REDIS_LOADING', 'REDIS_MASTER_DOWN', 'REDIS_BUSY']);
