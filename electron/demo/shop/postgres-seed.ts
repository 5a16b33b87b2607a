import { Client, type ClientConfig } from 'pg';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { RunningPostgres } from '../servers/postgres-server.ts';
import type { ShopScale } from './catalogue.ts';
import { seedSteps } from './schema.ts';

export const shopDatabase = 'shop';

/** Connection to one database of a demo server as its superuser. */
export function superuserOf(server: RunningPostgres, database: string): ClientConfig {
  return { host: server.host, port: server.port, user: server.user, password: server.password, database, application_name: 'lookaside demo' };
}

async function connected<T>(config: ClientConfig, body: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(config);
  // The loss of the connection also rejects the running query, where it is handled.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await body(client);
  } finally {
    await client.end();
  }
}

/** Makes the empty database of the shop. */
export async function createShopDatabase(server: RunningPostgres): Promise<void> {
  await connected(superuserOf(server, 'postgres'), (client) => client.query(`create database ${shopDatabase}`));
}

/**
 * Fills the shop's database (full size: about 5 s on two cores). Each step is one transaction. `signal` takes
 * effect within a step by cancelling it in the server. Rejects with CANCELLED or DEMO_UNAVAILABLE.
 */
export async function seedPostgres(
  server: RunningPostgres,
  options: { scale: ShopScale; seed: number; apiPassword: string; signal?: AbortSignal | undefined; onStep?: (title: string) => void },
): Promise<void> {
  await connected(superuserOf(server, shopDatabase), async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const cancel = () => {
      const stop = connected(superuserOf(server, 'postgres'), (other) => other.query('select pg_cancel_backend($1)', [rows[0]?.pid]));
      // The server may be gone already, which ends the statement as well.
      stop.catch(() => undefined);
    };
    options.signal?.addEventListener('abort', cancel, { once: true });
    try {
      for (const { title, sql } of seedSteps(options.scale, options.seed, options.apiPassword)) {
        if (options.signal?.aborted) throw new LookasideError('CANCELLED', 'The demo is stopped');
        options.onStep?.(title);
        await client.query(sql);
      }
      await client.query('select pg_stat_statements_reset()');
    } catch (error) {
      if (options.signal?.aborted) throw new LookasideError('CANCELLED', 'The demo is stopped', { cause: error });
      if (error instanceof LookasideError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new LookasideError('DEMO_UNAVAILABLE', `The demo's Postgres cannot be filled: ${reason}`, {
        hint: (error as { code?: string }).code === '53100' ? 'Free some disk space: the shop needs about 300 MB.' : '',
        cause: error,
      });
    } finally {
      options.signal?.removeEventListener('abort', cancel);
    }
  });
}
