import type { PostgresStatus, TlsFacts } from '../../../shared/contract/connections.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { PostgresOptions, PostgresSession } from '../connections/postgres-side.ts';
import { backoffMs } from '../connections/redis/backoff.ts';
import { createDialer } from '../connections/dial/dialer.ts';
import { connectPostgres, endClient, readAccess, type PostgresAccess, type PostgresLink } from './connect.ts';
import { readFacts } from './facts.ts';
import { translatePostgresError } from './postgres-errors.ts';
import { sendCancel } from './wire.ts';

const pingEveryMs = 5000;
const pingsKept = 5;
/** A ping that takes longer means that the connection is dead though the socket does not know. */
const pingTimeoutMs = 10_000;

/** Problems that waiting does not mend: no further attempt is made until someone asks for one. */
const lasting = /^(?:PG_(?!STARTING_UP|TOO_MANY_CONNECTIONS)|TLS_(?!FAILED)|SSH_(?:HOST_KEY|KEY|PASSPHRASE|AUTH|CONFIG)|UNSUPPORTED)/;

/** One open Postgres of a workspace. Its sessions are read-only unless a statement says otherwise. */
export interface LivePostgresSession extends PostgresSession {
  retry(): Promise<void>;
}

interface Live extends PostgresLink {
  /** Ends with the reason when the connection is lost. */
  lost: Promise<LookasideError>;
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}

/** Opens a Postgres and keeps it open: reconnects with back-off, measures latency. Rejects when the first attempt fails. */
export async function openPostgres(options: PostgresOptions): Promise<LivePostgresSession> {
  const dialer = createDialer({ ...options, ssh: options.profile.ssh, slotPrefix: 'postgres' });
  const listeners = new Set<() => void>();
  const ending = new AbortController();
  const pings: number[] = [];
  let state: PostgresStatus['state'] = 'connecting';
  let since = Date.now();
  let attempt = 0;
  let nextAttemptAt: number | null = null;
  let problem: LookasideError | null = null;
  let facts: PostgresStatus['facts'] = null;
  let tls: TlsFacts | null = null;
  let access: PostgresAccess | null = null;
  let live: Live | null = null;
  let running = false;
  let queue: Promise<unknown> = Promise.resolve();
  let reconnecting: Promise<void> | null = null;
  let wake: () => void = () => undefined;
  let pingTimer: NodeJS.Timeout | null = null;

  function enter(next: PostgresStatus['state'], why: LookasideError | null): void {
    if (state !== next) since = Date.now();
    state = next;
    problem = why;
    for (const listener of listeners) listener();
  }

  async function connect(): Promise<void> {
    access = await readAccess(options);
    const link = await connectPostgres(dialer, access, { signal: ending.signal });
    const { client } = link;
    const place = { ...access, encrypted: link.tls !== null };
    const lost = new Promise<LookasideError>((resolve) => {
      client.on('error', (error: Error) => resolve(translatePostgresError(error, place)));
      client.once('end', () => resolve(translatePostgresError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }), place)));
    });
    const unread = setTimeout(() => client.connection.stream.destroy(), pingTimeoutMs);
    try {
      const started = performance.now();
      facts = await readFacts(client);
      pings.splice(0, pings.length, performance.now() - started);
      if (ending.signal.aborted) throw new LookasideError('CANCELLED', 'Cancelled');
    } catch (error) {
      await endClient(client);
      throw translatePostgresError(error, place);
    } finally {
      clearTimeout(unread);
    }
    live = { ...link, lost };
    tls = link.tls;
    attempt = 0;
    nextAttemptAt = null;
    enter('ready', null);
    const mine = live;
    void lost.then((why) => {
      if (live === mine) dropped(why);
    });
    schedulePing();
  }

  function dropped(why: LookasideError): void {
    live = null;
    if (pingTimer !== null) clearTimeout(pingTimer);
    if (ending.signal.aborted) return;
    enter('reconnecting', why);
    reconnecting ??= reconnect().finally(() => {
      reconnecting = null;
    });
  }

  async function reconnect(): Promise<void> {
    while (!ending.signal.aborted) {
      attempt += 1;
      const waitMs = backoffMs(attempt);
      nextAttemptAt = Date.now() + waitMs;
      enter('reconnecting', problem);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      nextAttemptAt = null;
      if (ending.signal.aborted) return;
      try {
        await connect();
        // it may be lost again already
        if (live !== null) return;
      } catch (error) {
        const why = error instanceof LookasideError ? error : new LookasideError('INTERNAL', 'Connecting failed inside Lookaside', { cause: error });
        if (ending.signal.aborted) return;
        if (lasting.test(why.code)) {
          enter('failed', why);
          return;
        }
        enter('reconnecting', why);
      }
    }
  }

  function schedulePing(): void {
    if (pingTimer !== null) clearTimeout(pingTimer);
    pingTimer = setTimeout(() => {
      // a lost connection is told by its own end
      void inTurn(ping).catch(() => undefined);
    }, pingEveryMs);
    pingTimer.unref();
  }

  async function ping(): Promise<void> {
    const mine = live;
    if (mine === null) return;
    const started = performance.now();
    const timer = setTimeout(() => mine.client.connection.stream.destroy(), pingTimeoutMs);
    try {
      await mine.client.query('SELECT 1');
      pings.push(performance.now() - started);
      if (pings.length > pingsKept) pings.shift();
      for (const listener of listeners) listener();
    } finally {
      clearTimeout(timer);
      if (live === mine) schedulePing();
    }
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = queue.then(work, work);
    queue = mine.catch(() => undefined);
    return mine;
  }

  async function cancelRunning(mine: Live): Promise<void> {
    const { processID, secretKey } = mine.client as unknown as { processID: number | null; secretKey: number | null };
    if (access === null || processID === null || secretKey === null) return;
    // a cancel that does not arrive leaves the statement to its timeout; the caller is told CANCELLED either way
    await sendCancel(dialer, access.target, processID, secretKey).catch(() => undefined);
  }

  async function run<Row extends Record<string, unknown>>(text: string, params: readonly unknown[], signal?: AbortSignal): Promise<Row[]> {
    const isAborted = (): boolean => signal?.aborted === true;
    if (isAborted()) throw new LookasideError('CANCELLED', 'Cancelled');
    const mine = live;
    if (mine === null || access === null) {
      throw new LookasideError('NOT_CONNECTED', 'Postgres is not connected', { hint: problem?.message ?? '' });
    }
    const place = { ...access, encrypted: mine.tls !== null };
    const cancelling: Promise<void>[] = [];
    const aborted = (): void => {
      cancelling.push(cancelRunning(mine));
    };
    signal?.addEventListener('abort', aborted, { once: true });
    running = true;
    try {
      const result = await mine.client.query<Row>(text, [...params]);
      return result.rows;
    } catch (error) {
      if (isAborted()) throw new LookasideError('CANCELLED', 'Cancelled', { cause: error });
      throw translatePostgresError(error, place);
    } finally {
      running = false;
      signal?.removeEventListener('abort', aborted);
      // a cancel that arrives late would hit the next statement
      await Promise.all(cancelling);
    }
  }

  try {
    await connect();
  } catch (error) {
    await dialer.close();
    throw error;
  }

  return {
    status: () => ({
      state,
      since,
      attempt,
      nextAttemptAt,
      problem: problem?.toProblem() ?? null,
      latencyMs: median(pings),
      tls,
      sshPath: dialer.sshPath,
      facts,
    }),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retry: async () => {
      if (ending.signal.aborted || live !== null) return;
      wake();
      reconnecting ??= reconnect().finally(() => {
        reconnecting = null;
      });
      wake();
    },
    query: (text, params = [], { signal } = {}) => inTurn(() => run(text, params, signal)),
    close: async () => {
      if (ending.signal.aborted) return;
      ending.abort();
      wake();
      if (pingTimer !== null) clearTimeout(pingTimer);
      const mine = live;
      live = null;
      enter('closed', null);
      if (mine !== null) {
        if (running) await cancelRunning(mine);
        await endClient(mine.client);
      }
      await reconnecting;
      await dialer.close();
    },
  };
}
