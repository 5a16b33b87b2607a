import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../fixtures/lookaside.ts';
import type { Operations } from './control.ts';

const register = fileURLToPath(new URL('./register.mjs', import.meta.url));

export type DesktopControl = { [Name in keyof Operations]: Operations[Name] };

export interface RunningDesktop extends DesktopControl {
  pid: number;
  log(): string;
  /** The exit code, once it has ended. */
  ended: Promise<number | null>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the real main process code on the stand-in, with Node instead of Electron. */
export function launchDesktop(args: readonly string[], environment: NodeJS.ProcessEnv = {}): RunningDesktop {
  const child = spawn(process.execPath, ['--import', 'tsx', '--import', register, 'electron/main/main.ts', ...args], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...environment },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  child.on('message', (message: { id: number; result?: unknown; error?: string }) => {
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error === undefined) call?.resolve(message.result);
    else call?.reject(new Error(message.error));
  });
  const ended = once(child, 'exit').then(([code]) => {
    for (const { reject } of waiting.values()) reject(new Error(`The desktop app ended\n${log}`));
    return code as number | null;
  });
  let nextId = 1;
  const call = (name: string, values: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (!child.connected) {
        reject(new Error(`The desktop app ended\n${log}`));
        return;
      }
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      child.send({ id, name, values });
    });
  const own = {
    pid: child.pid ?? -1,
    log: () => log,
    ended,
    stop: (signal: NodeJS.Signals = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
  return new Proxy(own, {
    get: (target, name) => Reflect.get(target, name) ?? (name === 'then' ? undefined : (...values: unknown[]) => call(String(name), values)),
  }) as unknown as RunningDesktop;
}
