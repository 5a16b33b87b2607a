import { readdir, readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { parse, type Line } from 'ssh-config';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { matchesPatternList, matchesWildcard } from '../../../../shared/connections/known-hosts.ts';
import { errorCodeOf } from './network-errors.ts';

/** What ssh_config says for one host: the first value of each keyword wins, IdentityFile adds up. */
export interface HostConfig {
  /** Keyword in lower case to its values. */
  values: Map<string, string[]>;
  /** Parts of the files that were not applied, in words. */
  notes: string[];
}

export interface LocalUser {
  home: string;
  name: string;
}

export function localUser(environment: NodeJS.ProcessEnv): LocalUser {
  const home = environment['HOME'] ?? environment['USERPROFILE'] ?? homedir();
  const named = environment['USER'] ?? environment['LOGNAME'] ?? environment['USERNAME'];
  if (named !== undefined && named !== '') return { home, name: named };
  try {
    return { home, name: userInfo().username };
  } catch (error) {
    if (errorCodeOf(error) !== '') return { home, name: '' };
    throw error;
  }
}

const adding = new Set(['identityfile', 'certificatefile']);
const includeDepth = 16;

function valuesOf(line: Extract<Line, { param: string }>): string[] {
  return typeof line.value === 'string' ? [line.value] : line.value.map((each) => each.val);
}

function readFailure(file: string, error: unknown): LookasideError {
  return new LookasideError('SSH_CONFIG_INVALID', `The SSH configuration ${file} cannot be read`, {
    hint: 'Correct the file, or turn off "use ssh_config" for this connection.',
    details: { file, why: error instanceof Error ? error.message.slice(0, 200) : '' },
    cause: error,
  });
}

async function parseFile(file: string): Promise<readonly Line[] | null> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT' || errorCodeOf(error) === 'ENOTDIR') return null;
    throw readFailure(file, error);
  }
}

/** Files of an Include pattern; wildcards may stand in the last part, sorted as the shell does. */
async function includedFiles(pattern: string): Promise<string[]> {
  if (!/[*?]/.test(pattern)) return [pattern];
  const folder = dirname(pattern);
  const last = basename(pattern);
  try {
    const names = await readdir(folder);
    return names.filter((name) => (last.startsWith('.') || !name.startsWith('.')) && matchesWildcard(last, name)).toSorted().map((name) => join(folder, name));
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT' || errorCodeOf(error) === 'ENOTDIR') return [];
    throw readFailure(pattern, error);
  }
}

/**
 * Reads the user's and the system's ssh_config for one host. The library parses; the choice of sections is made
 * here because its own runs commands (`Match exec`, nslookup) and knows no Include.
 */
export async function readHostConfig(alias: string, environment: NodeJS.ProcessEnv, givenUser = ''): Promise<HostConfig> {
  const user = localUser(environment);
  const values = new Map<string, string[]>();
  const notes: string[] = [];
  if (givenUser !== '') values.set('user', [givenUser]);

  function take(param: string, found: string[]): void {
    const name = param.toLowerCase();
    const known = values.get(name);
    if (known === undefined) values.set(name, found);
    else if (adding.has(name)) known.push(...found);
  }

  function matches(criteria: Record<string, unknown>, file: string): boolean {
    for (const [name, given] of Object.entries(criteria)) {
      const patterns = typeof given === 'string' ? given.split(',') : [];
      const hostName = values.get('hostname')?.[0]?.replaceAll('%h', alias) ?? alias;
      const subject = new Map([
        ['host', hostName],
        ['originalhost', alias],
        ['user', values.get('user')?.[0] ?? user.name],
        ['localuser', user.name],
      ]).get(name.toLowerCase());
      if (name.toLowerCase() === 'all') continue;
      if (subject === undefined) {
        notes.push(`"Match ${name}" in ${file} is not applied`);
        return false;
      }
      if (!matchesPatternList(patterns, subject)) return false;
    }
    return true;
  }

  async function apply(lines: readonly Line[], file: string, base: string, depth: number): Promise<void> {
    for (const line of lines) {
      if (!('param' in line)) continue;
      const name = line.param.toLowerCase();
      if (name === 'host' && 'config' in line) {
        if (matchesPatternList(valuesOf(line), alias)) await apply(line.config, file, base, depth);
      } else if (name === 'match' && 'criteria' in line) {
        if (matches(line.criteria, file)) await apply(line.config, file, base, depth);
      } else if (name === 'include') {
        for (const pattern of valuesOf(line)) await include(pattern, file, base, depth + 1);
      } else {
        take(line.param, valuesOf(line));
      }
    }
  }

  async function include(pattern: string, from: string, base: string, depth: number): Promise<void> {
    if (depth > includeDepth) throw readFailure(from, new Error('Include goes too deep'));
    const home = pattern.startsWith('~/') ? join(user.home, pattern.slice(2)) : pattern;
    for (const file of await includedFiles(isAbsolute(home) ? home : join(base, home))) {
      const parsed = await parseFile(file);
      if (parsed !== null) await apply(parsed, file, base, depth);
    }
  }

  const own = join(user.home, '.ssh', 'config');
  const files: [string, string][] = [[own, dirname(own)]];
  if (process.platform !== 'win32') files.push(['/etc/ssh/ssh_config', '/etc/ssh']);
  for (const [file, base] of files) {
    const parsed = await parseFile(file);
    if (parsed !== null) await apply(parsed, file, base, 0);
  }
  return { values, notes };
}

/** Aliases that a person can pick: names of Host sections without wildcards, in the order of the files. */
export async function listSshAliases(environment: NodeJS.ProcessEnv): Promise<string[]> {
  const folder = join(localUser(environment).home, '.ssh');
  const found = new Set<string>();
  const visit = async (file: string, depth: number): Promise<void> => {
    const parsed = await parseFile(file);
    for (const line of parsed ?? []) {
      if (!('param' in line)) continue;
      const name = line.param.toLowerCase();
      if (name === 'host') for (const each of valuesOf(line)) if (!/[*?!]/.test(each)) found.add(each);
      if (name === 'include' && depth < includeDepth) {
        for (const pattern of valuesOf(line)) {
          const path = pattern.startsWith('~/') ? join(folder, '..', pattern.slice(2)) : pattern;
          for (const each of await includedFiles(isAbsolute(path) ? path : join(folder, path))) await visit(each, depth + 1);
        }
      }
    }
  };
  await visit(join(folder, 'config'), 0);
  return [...found];
}
