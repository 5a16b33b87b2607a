import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { PostgresProfile } from '../../../shared/contract/workspaces.ts';
import { errorCodeOf } from '../connections/dial/network-errors.ts';

export interface PgpassResult {
  password: string | null;
  /** The file that was read, and why it was not used, if so. */
  file: string;
  note: string;
}

/** One field of a line: its text with escapes undone, and whether it is the wildcard (a bare `*`). */
interface PgpassField {
  text: string;
  any: boolean;
}

/** Splits a line at unescaped colons; a backslash makes the next character itself (PostgreSQL documentation, "The Password File"). */
export function splitPgpassLine(line: string): PgpassField[] {
  const fields: PgpassField[] = [];
  let text = '';
  let raw = '';
  for (let at = 0; at <= line.length; at += 1) {
    const sign = line[at];
    if (sign === undefined || (sign === ':' && fields.length < 4)) {
      fields.push({ text, any: raw === '*' });
      text = '';
      raw = '';
    } else if (sign === '\\' && line[at + 1] !== undefined) {
      at += 1;
      text += line[at] ?? '';
      raw += `\\${line[at] ?? ''}`;
    } else {
      text += sign;
      raw += sign;
    }
  }
  return fields;
}

/** The first matching line's password; `wanted` is host, port, database, user. */
export function passwordInPgpass(text: string, wanted: readonly [string, string, string, string]): string | null {
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const fields = splitPgpassLine(line);
    const password = fields[4];
    const matches = wanted.every((value, index) => fields[index]?.any === true || fields[index]?.text === value);
    if (password !== undefined && matches) return password.text;
  }
  return null;
}

export function pgpassFile(profile: PostgresProfile, environment: NodeJS.ProcessEnv): string {
  if (profile.passFile !== '') return profile.passFile;
  const named = environment['PGPASSFILE'] ?? '';
  if (named !== '') return named;
  if (process.platform === 'win32') return join(environment['APPDATA'] ?? '', 'postgresql', 'pgpass.conf');
  return join(environment['HOME'] ?? homedir(), '.pgpass');
}

/**
 * Looks a password up as libpq does: the file must be a plain one that group and others cannot touch, and a unix
 * socket in the default folder counts as `localhost`.
 */
export async function findPgpassPassword(profile: PostgresProfile, environment: NodeJS.ProcessEnv): Promise<PgpassResult> {
  const file = pgpassFile(profile, environment);
  let text: string;
  try {
    const facts = await stat(file);
    if (!facts.isFile()) return { password: null, file, note: `${file} is not a plain file and is ignored` };
    if (process.platform !== 'win32' && (facts.mode & 0o077) !== 0) {
      return { password: null, file, note: `${file} can be read by others and is ignored; its permissions should be 0600` };
    }
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === '') throw error;
    return { password: null, file, note: code === 'ENOENT' ? '' : `${file} cannot be read (${code})` };
  }
  const user = profile.user === '' ? (environment['USER'] ?? '') : profile.user;
  const database = profile.database === '' ? user : profile.database;
  const onDefaultSocket = profile.host === '' || profile.host === '/tmp' || profile.host === '/var/run/postgresql' || profile.host === '/run/postgresql';
  const hosts = onDefaultSocket ? ['localhost', profile.host] : [profile.host];
  for (const host of hosts) {
    const password = passwordInPgpass(text, [host, String(profile.port), database, user]);
    if (password !== null && password !== '') return { password, file, note: '' };
  }
  return { password: null, file, note: '' };
}
