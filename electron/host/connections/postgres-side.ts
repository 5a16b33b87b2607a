import type { PostgresStatus, TestSnapshot } from '../../../shared/contract/connections.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { PostgresProfile, SecretChanges } from '../../../shared/contract/workspaces.ts';

export interface PostgresOptions {
  profile: PostgresProfile;
  secrets: SecretChanges;
  environment: NodeJS.ProcessEnv;
  knownHostsFile: string;
}

/** Asks an open Postgres. */
export interface PostgresQueries {
  /**
   * Runs one statement with bind parameters in a session that is read-only; rows as the driver decodes them. Aborting cancels
   * it on the server. Rejects with LookasideError; NOT_CONNECTED while there is no connection. Never sent twice.
   */
  query<Row extends Record<string, unknown>>(text: string, params?: readonly unknown[], options?: { signal?: AbortSignal | undefined }): Promise<Row[]>;
}

/** One open Postgres, as `electron/host/postgres` gives it. */
export interface PostgresSession extends PostgresQueries {
  status(): PostgresStatus;
  onChange(listener: () => void): () => void;
  retry(): void | Promise<void>;
  close(): Promise<void>;
}

/** The entry points of `electron/host/postgres`. */
export interface PostgresDriver {
  open(options: PostgresOptions): Promise<PostgresSession>;
  test(options: PostgresOptions, signal: AbortSignal): AsyncGenerator<TestSnapshot, TestSnapshot, void>;
}

/** The Postgres half of a workspace: has a status from the start, also while its first attempt runs or after it failed. */
export interface PostgresSide {
  status(): PostgresStatus;
  /** The open session; throws NOT_CONNECTED before the first attempt has succeeded. */
  session(): PostgresSession;
  /** The first attempt; rejects with its problem, which stays in the status. */
  open(): Promise<void>;
  retry(): Promise<void>;
  close(): Promise<void>;
}

export function createPostgresSide(driver: PostgresDriver, options: PostgresOptions, onChange: () => void): PostgresSide {
  let session: PostgresSession | null = null;
  let running: Promise<void> | null = null;
  let state: 'connecting' | 'failed' | 'closed' = 'connecting';
  let since = Date.now();
  let attempt = 0;
  let problem: LookasideError | null = null;

  function enter(next: typeof state, why: LookasideError | null): void {
    state = next;
    since = Date.now();
    problem = why;
    onChange();
  }

  async function attemptOnce(): Promise<void> {
    attempt += 1;
    enter('connecting', null);
    try {
      const opened = await driver.open(options);
      if (isClosed()) {
        await opened.close();
        return;
      }
      session = opened;
      opened.onChange(onChange);
      onChange();
    } catch (error) {
      const why = error instanceof LookasideError ? error : new LookasideError('INTERNAL', 'Connecting failed inside Lookaside', { cause: error });
      if (!isClosed()) enter('failed', why);
      throw error;
    }
  }

  const isClosed = (): boolean => state === 'closed';

  function open(): Promise<void> {
    running ??= attemptOnce().finally(() => {
      running = null;
    });
    return running;
  }

  return {
    status: () =>
      session?.status() ?? {
        state,
        since,
        attempt: Math.max(0, attempt - 1),
        nextAttemptAt: null,
        problem: problem?.toProblem() ?? null,
        latencyMs: null,
        tls: null,
        sshPath: [],
        facts: null,
      },
    session: () => {
      if (session === null || isClosed()) throw new LookasideError('NOT_CONNECTED', 'Postgres is not connected', { hint: problem?.message ?? '' });
      return session;
    },
    open,
    retry: async () => {
      if (isClosed()) return;
      if (session !== null) await session.retry();
      else {
        await open().catch((error: unknown) => {
          if (!(error instanceof LookasideError)) throw error;
        });
      }
    },
    close: async () => {
      state = 'closed';
      await session?.close();
    },
  };
}
