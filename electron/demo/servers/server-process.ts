import type { ChildProcess } from 'node:child_process';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { killIfOurs, spawnGuarded } from './process-guard.ts';
import { childrenOf, identify } from './process-identity.ts';

/** How to run a program: the command, arguments that go before the program's own, and its environment. */
export interface Launch {
  command: string;
  before: readonly string[];
  env: Readonly<Record<string, string>>;
}

export interface ServerStart {
  launch: Launch;
  args: readonly string[];
  cwd: string;
  /** The user to run as, where this process is root and the server refuses root. */
  identity?: { uid: number; gid: number } | undefined;
  /** Matches what the server prints when it answers. */
  ready: RegExp;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

const keptOutput = 8_000;

/** One running server process: waits for its readiness line, keeps the end of its output, stops it. */
export class ServerProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.#gone = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
  }

  /** Rejects with DEMO_UNAVAILABLE and the server's last words when it ends or stays silent instead of becoming ready. */
  static async start(start: ServerStart): Promise<ServerProcess> {
    if (start.signal?.aborted) throw new LookasideError('CANCELLED', 'The start is cancelled');
    const child = spawnGuarded(start.launch.command, [...start.launch.before, ...start.args], {
      cwd: start.cwd,
      env: { ...process.env, ...start.launch.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...start.identity,
    });
    const server = new ServerProcess(child);
    try {
      await server.#becomesReady(start);
    } catch (error) {
      await server.kill();
      throw error;
    }
    return server;
  }

  /** The last part of what the server printed. */
  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined;
  }

  #becomesReady({ ready, timeoutMs = 20_000, signal, launch }: ServerStart): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: LookasideError) => {
        clearTimeout(deadline);
        signal?.removeEventListener('abort', onAbort);
        if (error === undefined) resolve();
        else reject(error);
      };
      const fail = (what: string) =>
        finish(
          new LookasideError('DEMO_UNAVAILABLE', `${launch.command} ${what}`, {
            hint: 'The end of its output says why.',
            details: { output: this.#output.slice(-2_000) },
          }),
        );
      const onAbort = () => finish(new LookasideError('CANCELLED', 'The start is cancelled'));
      const deadline = setTimeout(() => fail(`is not ready after ${timeoutMs} ms`), timeoutMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      const read = (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString('utf8')).slice(-keptOutput);
        if (ready.test(this.#output)) finish();
      };
      this.#child.stdout?.on('data', read);
      this.#child.stderr?.on('data', read);
      this.#child.once('error', (error) => fail(`could not be started: ${error.message}`));
      // 'close' comes after the last output, so the reason is in it.
      this.#child.once('close', (code, by) => fail(`ended with ${by ?? `status ${code}`}`));
    });
  }

  /** Sends a signal and waits for the end; SIGKILL follows when the server takes longer than `graceMs`. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = 5_000): Promise<void> {
    if (!this.running) return;
    const workers = childrenOf(this.pid);
    this.#child.kill(signal);
    const late = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.#gone;
    clearTimeout(late);
    // sshd leaves its sessions running.
    for (const worker of workers) killIfOurs(worker);
  }

  /** SIGKILL for the server and its workers; waits for the end. */
  async kill(): Promise<void> {
    if (this.running) killIfOurs(identify(this.pid));
    if (this.#child.pid !== undefined) await this.#gone;
  }

  /** Resolves when the process has ended, by whatever cause. */
  get ended(): Promise<void> {
    return this.#gone;
  }
}
