import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LookasideError, type ErrorDetails } from '../../../shared/contract/errors.ts';
import { cacheFolder, withLock } from './cache-folder.ts';
import { findOnPath } from './path-lookup.ts';
import type { Launch } from './server-process.ts';

const run = promisify(execFile);
const listsAgeMs = 24 * 3_600_000;

/** What to fetch: packages of one suite, unpacked side by side into one folder of the cache. */
export interface PackageSet {
  /** Name of the folder in the cache. */
  name: string;
  packages: readonly string[];
  /** A suite of the machine's own mirror, for example `trixie`; `null` takes the machine's own suites. */
  suite: string | null;
}

interface OsRelease {
  id: string;
  like: string;
  codename: string;
}

function osRelease(): OsRelease {
  const fields = new Map<string, string>();
  if (existsSync('/etc/os-release')) {
    for (const line of readFileSync('/etc/os-release', 'utf8').split('\n')) {
      const [, key, value] = /^([A-Z_]+)="?(.*?)"?$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined) fields.set(key, value);
    }
  }
  return { id: fields.get('ID') ?? '', like: fields.get('ID_LIKE') ?? '', codename: fields.get('VERSION_CODENAME') ?? '' };
}

/** Whether packages can be fetched here: a Debian-like Linux with apt and dpkg. */
export function canFetchPackages(): boolean {
  return process.platform === 'linux' && ['apt-get', 'apt-cache', 'dpkg-deb'].every((name) => findOnPath([name]) !== null);
}

/**
 * The machine's main archive with another suite: its first `deb` source for its own release, security and update
 * suites left out, in deb822 form. Mirror, components, keys and options stay as the machine has them.
 * `null` when no source fits.
 */
export function sourceForSuite(files: readonly { name: string; text: string }[], ownSuite: string, suite: string): string | null {
  for (const { name, text } of files) {
    if (name.endsWith('.sources')) {
      for (const stanza of text.split(/\n\s*\n/)) {
        const lines = stanza.split('\n').filter((line) => !line.startsWith('#'));
        const field = (key: string) => lines.find((line) => line.toLowerCase().startsWith(`${key}:`))?.slice(key.length + 1).trim() ?? '';
        if (!field('types').split(/\s+/).includes('deb') || !field('suites').split(/\s+/).includes(ownSuite)) continue;
        if (field('enabled').toLowerCase() === 'no') continue;
        return lines
          .filter((line) => line !== '')
          .map((line) => (/^suites:/i.test(line) ? `Suites: ${suite}` : /^types:/i.test(line) ? 'Types: deb' : line))
          .join('\n');
      }
    } else {
      for (const line of text.split('\n')) {
        const [, options = '', uri, suiteOf, components] = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line) ?? [];
        if (uri === undefined || components === undefined || suiteOf !== ownSuite) continue;
        const signedBy = /signed-by=(\S+)/.exec(options)?.[1];
        return [
          'Types: deb',
          `URIs: ${uri}`,
          `Suites: ${suite}`,
          `Components: ${components.trim()}`,
          ...(signedBy === undefined ? [] : [`Signed-By: ${signedBy}`]),
          ...(/trusted=yes/.test(options) ? ['Trusted: yes'] : []),
        ].join('\n');
      }
    }
  }
  return null;
}

function aptSourceFiles(): { name: string; text: string }[] {
  const folder = '/etc/apt/sources.list.d';
  const names = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return ['/etc/apt/sources.list', ...names.toSorted()]
    .filter((name) => existsSync(name) && (name.endsWith('.list') || name.endsWith('.sources')))
    .map((name) => ({ name, text: readFileSync(name, 'utf8') }));
}

function unavailable(message: string, hint: string, cause?: unknown): LookasideError {
  const output = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).slice(-1_500) : '';
  // A mirror's address may carry a user and password.
  const details: ErrorDetails = output === '' ? {} : { output: output.replaceAll(/\/\/[^/\s@]*@/g, '//') };
  return new LookasideError('DEMO_UNAVAILABLE', message, { hint, details, cause });
}

const set = (name: string, value: string) => ['-o', `${name}=${value}`];

/** apt's options for a state of our own, so that neither root nor a fetched package list of the system is needed. */
async function aptOptions(suite: string | null): Promise<string[]> {
  const release = osRelease();
  const folder = join(cacheFolder(), 'apt', suite ?? 'own');
  mkdirSync(join(folder, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(folder, 'archives', 'partial'), { recursive: true });
  const options = [
    ...set('Dir::State::lists', join(folder, 'lists')),
    ...set('Dir::State::status', '/dev/null'),
    ...set('Dir::Cache', folder),
    ...set('Dir::Cache::archives', join(folder, 'archives')),
    ...set('Acquire::Languages', 'none'),
    ...set('APT::Sandbox::User', 'root'),
  ];
  if (suite !== null) {
    const source = sourceForSuite(aptSourceFiles(), release.codename, suite);
    if (source === null) {
      throw unavailable(`The package sources of this machine name no archive of ${release.codename || 'its release'}`, 'Install the server, or name it in the environment variable.');
    }
    const file = join(folder, 'lookaside.sources');
    writeFileSync(file, `${source}\n`);
    options.push(...set('Dir::Etc::sourcelist', file), ...set('Dir::Etc::sourceparts', '-'));
  }
  const stamp = join(folder, 'updated');
  if (!existsSync(stamp) || Date.now() - statSync(stamp).mtimeMs > listsAgeMs) {
    try {
      await run('apt-get', [...options, 'update', '-q'], { env: { ...process.env, LC_ALL: 'C' }, maxBuffer: 1 << 24 });
    } catch (error) {
      throw unavailable('The package lists of the distribution cannot be fetched', 'Check the network and the package sources of this machine.', error);
    }
    writeFileSync(stamp, '');
  }
  return options;
}

/** The packages and the libraries they need, from apt's own dependency graph. */
async function withLibraries(options: readonly string[], packages: readonly string[], includeLibc: boolean): Promise<string[]> {
  const flags = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`);
  const { stdout } = await run('apt-cache', [...options, 'depends', '--recurse', ...flags, ...packages], {
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 1 << 26,
  });
  const graph = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of stdout.split('\n')) {
    if (/^\S/.test(line)) {
      current = graph.get(line.trim()) ?? [];
      graph.set(line.trim(), current);
    }
    const needed = /^\s+\|?(?:Pre)?Depends: ([^<\s]+)/.exec(line)?.[1];
    if (needed !== undefined) current.push(needed);
  }
  const wanted = new Set(packages);
  for (const name of wanted) {
    for (const needed of graph.get(name) ?? []) {
      const library = /^(lib|zlib1g)/.test(needed) && !/^lib(pam-|debian|newt|slang|text|semanage|systemd-shared)/.test(needed);
      if (library && (includeLibc || needed !== 'libc6')) wanted.add(needed);
    }
  }
  return [...wanted];
}

/**
 * Unpacks packages into the cache without root and without installing anything, once: later calls and other
 * processes find them there. Returns the folder. Rejects with DEMO_UNAVAILABLE.
 */
export async function unpackedPackages(set: PackageSet): Promise<string> {
  const parent = join(cacheFolder(), 'packages');
  const target = join(parent, set.name);
  if (existsSync(target)) return target;
  if (!canFetchPackages()) throw unavailable(`${set.packages[0]} is not on this machine and apt is not here to fetch it`, '');
  mkdirSync(parent, { recursive: true });
  // One lock for all sets: two of the same suite share apt's lists.
  return withLock('packages', async () => {
    if (existsSync(target)) return target;
    const options = await aptOptions(set.suite);
    const draft = mkdtempSync(join(parent, '.draft-'));
    try {
      const names = await withLibraries(options, set.packages, set.suite !== null);
      await run('apt-get', [...options, 'download', '-q', ...names], { cwd: draft, env: { ...process.env, LC_ALL: 'C' }, maxBuffer: 1 << 24 });
      const root = join(draft, 'root');
      mkdirSync(root);
      for (const file of readdirSync(draft).filter((name) => name.endsWith('.deb'))) await run('dpkg-deb', ['-x', join(draft, file), root]);
      renameSync(root, target);
      return target;
    } catch (error) {
      throw error instanceof LookasideError
        ? error
        : unavailable(`${set.packages.join(', ')} cannot be fetched from the distribution`, 'Check the network and the package sources of this machine.', error);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  });
}

/** Folders of an unpacked set that hold shared libraries. */
function libraryFolders(root: string): string[] {
  const found: string[] = [];
  for (const base of ['lib', 'usr/lib']) {
    const folder = join(root, base);
    if (!existsSync(folder)) continue;
    found.push(folder);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || !entry.name.includes('-linux-gnu')) continue;
      found.push(join(folder, entry.name));
      const systemd = join(folder, entry.name, 'systemd');
      if (existsSync(systemd)) found.push(systemd);
    }
  }
  return found;
}

/**
 * How to start a program of an unpacked set. With its own libc it goes through its own loader, so that the
 * machine's may be older; otherwise the library path is set for that child only.
 */
export function launchUnpacked(root: string, program: string): Launch {
  const folders = libraryFolders(root);
  const path = join(root, program);
  for (const folder of folders) {
    const loader = readdirSync(folder).find((name) => /^ld-linux.*\.so\.\d+$/.test(name) && statSync(join(folder, name), { throwIfNoEntry: false })?.isFile());
    if (loader !== undefined) return { command: join(folder, loader), before: ['--library-path', folders.join(':'), path], env: {} };
  }
  return { command: path, before: [], env: { LD_LIBRARY_PATH: folders.join(':') } };
}
