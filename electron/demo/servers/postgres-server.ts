import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { freePort } from './free-port.ts';
import { postgresBinaries, postgresIdentity } from './postgres-binaries.ts';
import { makeServerFolder, removeServerFolder } from './process-guard.ts';
import { ServerProcess } from './server-process.ts';

const run = promisify(execFile);

export interface PostgresOptions {
  /** Settings for `postgres -c name=value`; they win over the launcher's own. */
  settings?: Readonly<Record<string, string>>;
  /** Serves TLS with this certificate; with `caFile` clients' certificates are checked where `hba` asks for them. */
  ssl?: { certFile: string; keyFile: string; caFile?: string };
  /** Lines of pg_hba.conf instead of `host all all 127.0.0.1/32 scram-sha-256`. */
  hba?: readonly string[];
  password?: string;
  /** Default is a free one. */
  port?: number;
  signal?: AbortSignal;
}

export interface RunningPostgres {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: 'postgres';
  readonly password: string;
  readonly database: 'postgres';
  readonly url: string;
  readonly folder: string;
  readonly pid: number;
  readonly version: string;
  readonly running: boolean;
  /** What the server printed last. */
  readonly output: string;
  /** Fast shutdown, waits for the end, removes the folder. */
  stop(): Promise<void>;
  /** SIGKILL, waits for the end, keeps the folder. */
  kill(): Promise<void>;
  /** Ends it if it runs and starts it again on the same port and data. */
  restart(): Promise<void>;
}

function own(path: string): void {
  if (postgresIdentity) chownSync(path, postgresIdentity.uid, postgresIdentity.gid);
}

async function initialise(initdb: string, folder: string, password: string, signal?: AbortSignal): Promise<string> {
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  for (const path of [folder, data, passwordFile]) own(path);
  const args = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', passwordFile, '--no-sync', '-E', 'UTF8', '--locale=C', '--no-instructions'];
  try {
    await run(initdb, args, { cwd: folder, ...postgresIdentity, ...(signal ? { signal } : {}) });
  } catch (error) {
    if (signal?.aborted) throw new LookasideError('CANCELLED', 'The start is cancelled', { cause: error });
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).slice(-1_500) : String(error);
    throw new LookasideError('DEMO_UNAVAILABLE', 'initdb could not make a Postgres data folder', {
      hint: 'The end of its output says why.',
      details: { output },
      cause: error,
    });
  }
  return data;
}

/** Copies of certificate and key that Postgres accepts: its own user's, the key closed to others. */
function sslSettings(ssl: NonNullable<PostgresOptions['ssl']>, data: string): [string, string][] {
  const copy = (from: string, name: string, mode: number): [string, string] => {
    const to = join(data, `${name}.pem`);
    copyFileSync(from, to);
    chmodSync(to, mode);
    own(to);
    return [name, to];
  };
  return [
    ['ssl', 'on'],
    copy(ssl.certFile, 'ssl_cert_file', 0o644),
    copy(ssl.keyFile, 'ssl_key_file', 0o600),
    ...(ssl.caFile === undefined ? [] : [copy(ssl.caFile, 'ssl_ca_file', 0o644)]),
  ];
}

/**
 * Starts a real Postgres on loopback with SCRAM passwords and a data folder of its own (under 1 s). fsync is off:
 * the data is not to outlive the server. pg_stat_statements and auto_explain are preloaded.
 * Rejects with DEMO_UNAVAILABLE; nothing is left running then.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const binaries = postgresBinaries();
  const folder = makeServerFolder();
  const password = options.password ?? randomBytes(12).toString('hex');
  try {
    const data = await initialise(binaries.initdb, folder, password, options.signal);
    if (options.hba) writeFileSync(join(data, 'pg_hba.conf'), `${options.hba.join('\n')}\n`);
    for (let attempt = 1; ; attempt += 1) {
      const port = options.port ?? (await freePort());
      const settings = new Map([
        ['listen_addresses', '127.0.0.1'],
        ['port', String(port)],
        ['unix_socket_directories', ''],
        ['fsync', 'off'],
        ['synchronous_commit', 'off'],
        ['full_page_writes', 'off'],
        ['shared_preload_libraries', 'pg_stat_statements,auto_explain'],
        ['track_io_timing', 'on'],
        ['compute_query_id', 'on'],
        ['logging_collector', 'off'],
        ...(options.ssl ? sslSettings(options.ssl, data) : []),
        ...Object.entries(options.settings ?? {}),
      ]);
      const start = () =>
        ServerProcess.start({
          launch: { command: binaries.postgres, before: [], env: { LC_ALL: 'C' } },
          args: ['-D', data, ...[...settings].flatMap(([name, value]) => ['-c', `${name}=${value}`])],
          cwd: folder,
          identity: postgresIdentity,
          ready: /database system is ready to accept connections/,
          timeoutMs: 60_000,
          signal: options.signal,
        });
      let server: ServerProcess;
      try {
        server = await start();
      } catch (error) {
        const taken = error instanceof LookasideError && /already in use/i.test(String(error.details['output'] ?? ''));
        if (taken && options.port === undefined && attempt < 5) continue;
        throw error;
      }
      return {
        host: '127.0.0.1',
        port,
        user: 'postgres',
        password,
        database: 'postgres',
        url: `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
        folder,
        version: binaries.version,
        get pid() {
          return server.pid;
        },
        get running() {
          return server.running;
        },
        get output() {
          return server.output;
        },
        async stop() {
          await server.stop('SIGINT', 10_000);
          removeServerFolder(folder);
        },
        kill: () => server.kill(),
        async restart() {
          await server.stop('SIGINT', 10_000);
          server = await start();
        },
      };
    }
  } catch (error) {
    removeServerFolder(folder);
    throw error;
  }
}
