import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { canFetchPackages, launchUnpacked, unpackedPackages } from './debian-packages.ts';
import { allOnPath, isProgram } from './path-lookup.ts';
import type { Launch } from './server-process.ts';

const run = promisify(execFile);

/** `any` is whatever the machine has; the others are the exact lines that tests are about. */
export const redisBuilds = ['any', 'redis-7.0', 'redis-8.0', 'valkey-8.1'] as const;
export type RedisBuild = (typeof redisBuilds)[number];

/** A server program that has been found and has told its version. */
export interface RedisBinary {
  launch: Launch;
  path: string;
  flavour: 'redis' | 'valkey';
  /** For example `7.0.15`. */
  version: string;
  source: 'environment' | 'path' | 'cache' | 'fetched';
}

/** Where Debian carries each line. */
const debianHome: Record<Exclude<RedisBuild, 'any'>, { suite: string; packages: string[]; program: string }> = {
  'redis-7.0': { suite: 'bookworm', packages: ['redis-server', 'redis-tools'], program: 'usr/bin/redis-server' },
  'redis-8.0': { suite: 'trixie', packages: ['redis-server', 'redis-tools'], program: 'usr/bin/redis-server' },
  'valkey-8.1': { suite: 'trixie', packages: ['valkey-server', 'valkey-tools'], program: 'usr/bin/valkey-server' },
};

async function examine(launch: Launch, path: string, source: RedisBinary['source']): Promise<RedisBinary | null> {
  try {
    const { stdout } = await run(launch.command, [...launch.before, '--version'], { env: { ...process.env, ...launch.env }, timeout: 10_000 });
    const version = /\bv=(\d+(?:\.\d+)+)/.exec(stdout)?.[1];
    if (version === undefined) return null;
    return { launch, path, version, source, flavour: /valkey/i.test(stdout) ? 'valkey' : 'redis' };
  } catch {
    // A program that cannot say its version cannot serve; the next candidate is asked.
    return null;
  }
}

const plain = (path: string): Launch => ({ command: path, before: [], env: {} });

function fits(binary: RedisBinary, build: RedisBuild): boolean {
  if (build === 'any') return true;
  return `${binary.flavour}-${binary.version}`.startsWith(`${build}.`);
}

async function locate(build: RedisBuild): Promise<RedisBinary> {
  // LOOKASIDE_REDIS_BIN, or for one line LOOKASIDE_REDIS_8_0_BIN, LOOKASIDE_VALKEY_8_1_BIN ...
  const variable = build === 'any' ? 'LOOKASIDE_REDIS_BIN' : `LOOKASIDE_${build.toUpperCase().replaceAll(/[-.]/g, '_')}_BIN`;
  const given = process.env[variable];
  if (given) {
    const binary = isProgram(given) ? await examine(plain(given), given, 'environment') : null;
    if (binary) return binary;
    throw new LookasideError('DEMO_UNAVAILABLE', `${variable} names ${given}, which is no Redis server`, {
      hint: `Set ${variable} to the path of a redis-server or valkey-server, or unset it.`,
    });
  }
  const names = build === 'any' ? ['redis-server', 'valkey-server'] : [build.startsWith('valkey') ? 'valkey-server' : 'redis-server'];
  for (const path of allOnPath(names)) {
    const binary = await examine(plain(path), path, 'path');
    if (binary && fits(binary, build)) return binary;
  }
  const home = build === 'any' ? { suite: null, packages: ['redis-server', 'redis-tools'], program: 'usr/bin/redis-server' } : debianHome[build];
  if (canFetchPackages()) {
    const before = Date.now();
    const root = await unpackedPackages({ name: build === 'any' ? 'redis-own' : build, packages: home.packages, suite: home.suite });
    const launch = launchUnpacked(root, home.program);
    const path = `${root}/${home.program}`;
    const binary = existsSync(path) ? await examine(launch, path, Date.now() - before > 100 ? 'fetched' : 'cache') : null;
    if (binary) return binary;
    throw new LookasideError('DEMO_UNAVAILABLE', `The fetched ${home.packages[0]} does not run on this machine`, { details: { path } });
  }
  throw new LookasideError('DEMO_UNAVAILABLE', build === 'any' ? 'No Redis server is on this machine' : `No ${build} server is on this machine`, {
    hint:
      process.platform === 'darwin'
        ? 'Install one with: brew install redis'
        : process.platform === 'win32'
          ? 'Run Redis in WSL and open its URL, or set LOOKASIDE_REDIS_BIN.'
          : `Install redis-server or valkey-server, or set ${variable} to its path.`,
  });
}

const found = new Map<RedisBuild, Promise<RedisBinary>>();

/**
 * Finds or obtains a server of this build, in this order: environment variable, PATH and Homebrew, cache,
 * Debian's or Ubuntu's packages. Remembered for the process. Rejects with DEMO_UNAVAILABLE and what to do.
 */
export function redisBinary(build: RedisBuild = 'any'): Promise<RedisBinary> {
  let answer = found.get(build);
  if (!answer) {
    answer = locate(build);
    found.set(build, answer);
    // A failure may be passing (no network): the next call tries again.
    answer.catch(() => found.delete(build));
  }
  return answer;
}
