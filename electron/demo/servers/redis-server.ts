import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { freePort } from './free-port.ts';
import { makeServerFolder, removeServerFolder } from './process-guard.ts';
import { redisBinary, type RedisBinary, type RedisBuild } from './redis-binaries.ts';
import { ServerProcess } from './server-process.ts';

export interface ServerTls {
  caFile: string;
  certFile: string;
  keyFile: string;
  /** Refuse clients without a certificate of this CA. */
  requireClientCert?: boolean;
}

export interface RedisOptions {
  build?: RedisBuild;
  /** Further arguments, `--name value` each; they win over the launcher's own. */
  args?: readonly string[];
  password?: string;
  unixSocket?: boolean;
  tls?: ServerTls;
  port?: number;
  /** A folder of the caller's, which is then kept; default is a temporary one. */
  folder?: string;
  signal?: AbortSignal;
}

export interface RunningRedis {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly socketPath: string | null;
  /** `redis://` or `rediss://` with the password, when there is one. */
  readonly url: string;
  readonly folder: string;
  readonly pid: number;
  readonly password: string | null;
  readonly flavour: RedisBinary['flavour'];
  readonly version: string;
  /** False after `kill`, `stop` or a crash. */
  readonly running: boolean;
  /** What the server printed last. */
  readonly output: string;
  /** SIGTERM, waits for the end, removes the temporary folder. */
  stop(): Promise<void>;
  /** SIGKILL, waits for the end, keeps the folder. */
  kill(): Promise<void>;
  /** Ends it if it runs and starts it again on the same port and folder. */
  restart(): Promise<void>;
}

/** What both the data server and the sentinel need to run one process of the Redis family. */
interface Runner {
  options: RedisOptions;
  binary: RedisBinary;
  port: number;
  folder: string;
  args: readonly string[];
  socketPath: string | null;
  ready: RegExp;
  onStop(): void;
}

export function runRedisProcess(runner: Runner, first: ServerProcess): RunningRedis {
  let server = first;
  const { options, binary, port, folder } = runner;
  const login = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`;
  return {
    host: '127.0.0.1',
    port,
    socketPath: runner.socketPath,
    url: `${options.tls ? 'rediss' : 'redis'}://${login}127.0.0.1:${port}`,
    folder,
    password: options.password ?? null,
    flavour: binary.flavour,
    version: binary.version,
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
      await server.stop();
      runner.onStop();
    },
    kill: () => server.kill(),
    async restart() {
      await server.stop();
      server = await startOnce(runner);
    },
  };
}

function startOnce(runner: Runner): Promise<ServerProcess> {
  return ServerProcess.start({
    launch: runner.binary.launch,
    args: runner.args,
    cwd: runner.folder,
    ready: runner.ready,
    timeoutMs: 30_000,
    signal: runner.options.signal,
  });
}

function baseArgs(options: RedisOptions, binary: RedisBinary, port: number, folder: string, socketPath: string | null): string[] {
  const args = ['--port', options.tls ? '0' : String(port), '--bind', '127.0.0.1', '--dir', folder, '--daemonize', 'no'];
  args.push('--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0');
  // Redis 7 refuses DEBUG unless told otherwise; older ones do not know the option.
  if (binary.flavour === 'valkey' || Number.parseInt(binary.version, 10) >= 7) args.push('--enable-debug-command', 'local');
  if (options.password !== undefined) args.push('--requirepass', options.password, '--masterauth', options.password);
  if (socketPath !== null) args.push('--unixsocket', socketPath, '--unixsocketperm', '700');
  if (options.tls) {
    const { caFile, certFile, keyFile, requireClientCert } = options.tls;
    args.push('--tls-port', String(port), '--tls-ca-cert-file', caFile, '--tls-cert-file', certFile, '--tls-key-file', keyFile);
    args.push('--tls-auth-clients', requireClientCert ? 'yes' : 'no', '--tls-replication', 'yes');
  }
  return [...args, ...(options.args ?? [])];
}

/** Starts until it holds a port: with a port of our own choosing, one that was taken meanwhile is replaced. */
async function startOnFreePort(options: RedisOptions, prepare: (port: number) => Runner, bus: boolean): Promise<RunningRedis> {
  for (let attempt = 1; ; attempt += 1) {
    const runner = prepare(options.port ?? (await freePort({ bus })));
    try {
      return runRedisProcess(runner, await startOnce(runner));
    } catch (error) {
      const taken = error instanceof LookasideError && /already in use/i.test(String(error.details['output'] ?? ''));
      if (taken && options.port === undefined && attempt < 5) continue;
      runner.onStop();
      throw error;
    }
  }
}

/**
 * Starts a real Redis or Valkey on loopback and resolves when it accepts connections (about 30 ms). Nothing is
 * persisted unless `args` say so. Rejects with DEMO_UNAVAILABLE when none can be had or it does not start.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const binary = await redisBinary(options.build);
  const folder = options.folder ?? makeServerFolder();
  chmodSync(folder, 0o700);
  const socketPath = options.unixSocket ? join(folder, 'redis.sock') : null;
  const onStop = () => {
    if (options.folder === undefined) removeServerFolder(folder);
  };
  const bus = options.args?.includes('--cluster-enabled') ?? false;
  return startOnFreePort(
    options,
    (port) => ({
      options,
      binary,
      port,
      folder,
      socketPath,
      onStop,
      args: baseArgs(options, binary, port, folder, socketPath),
      ready: /Ready to accept connections/,
    }),
    bus,
  );
}

/** Starts one sentinel on a configuration file that `configure` writes for its port and folder; its path is returned. */
export async function startSentinelProcess(options: RedisOptions, configure: (port: number, folder: string) => string): Promise<RunningRedis> {
  const binary = await redisBinary(options.build);
  const folder = makeServerFolder();
  return startOnFreePort(
    options,
    (port) => ({
      options,
      binary,
      port,
      folder,
      socketPath: null,
      onStop: () => removeServerFolder(folder),
      args: [configure(port, folder), '--sentinel'],
      ready: /Sentinel ID is|\+monitor master/,
    }),
    false,
  );
}
