import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { runCommand } from '../command.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface StartedCli {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  /** The exit code; `null` after a signal. */
  ended: Promise<number | null>;
}

/** Starts `lookaside` from its sources as a process of its own. */
export function startCli(args: readonly string[], environment: NodeJS.ProcessEnv = {}, stdin: string | Uint8Array | null = null): StartedCli {
  const child = spawn(process.execPath, ['--import', 'tsx', 'electron/cli/cli.ts', ...args], {
    cwd: root,
    stdio: [stdin === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', LOOKASIDE_URL: '', LOOKASIDE_PASSWORD: '', REDISCLI_AUTH: '', ...environment },
  });
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  if (stdin !== null) child.stdin?.end(stdin);
  return { child, out: () => out, err: () => err, ended: once(child, 'close').then(([code]) => code as number | null) };
}

export interface CliEnd {
  code: number | null;
  out: string;
  err: string;
}

/** Runs it to its end. */
export async function runCli(args: readonly string[], environment: NodeJS.ProcessEnv = {}, stdin: string | Uint8Array | null = null): Promise<CliEnd> {
  const started = startCli(args, environment, stdin);
  const code = await started.ended;
  return { code, out: started.out(), err: started.err() };
}

/** The same in this process, which starts sooner; without standard input, signals and kills. */
export async function runHere(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<CliEnd> {
  const lines: Record<'out' | 'err', string> = { out: '', err: '' };
  for (const [name, value] of Object.entries({ LOOKASIDE_URL: '', LOOKASIDE_PASSWORD: '', REDISCLI_AUTH: '', ...environment })) vi.stubEnv(name, value);
  try {
    const code = await runCommand(args, {
      print: (line) => {
        lines.out += `${line}\n`;
      },
      say: (line) => {
        lines.err += `${line}\n`;
      },
    });
    return { code, ...lines };
  } finally {
    vi.unstubAllEnvs();
  }
}

/** Standard output as the one JSON document that it must be. */
export function documentOf<T>({ out, err }: CliEnd): T {
  const lines = out.trimEnd().split('\n');
  if (lines.length !== 1) throw new Error(`Standard output is not one document:\n${out}\n${err}`);
  return JSON.parse(lines[0] ?? '') as T;
}
