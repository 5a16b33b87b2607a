import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import {
  formatKnownHost,
  knownHostName,
  lineMatches,
  parseKnownHosts,
  type KnownHostLine,
} from '../../../../shared/connections/known-hosts.ts';
import { readText, writeWhole } from '../../store/atomic-file.ts';
import { errorCodeOf } from './network-errors.ts';

/** One line that speaks about a host, and where it stands. */
export interface KnownKey extends KnownHostLine {
  file: string;
}

/** `SHA256:` and unpadded base64, as ssh-keygen prints it. */
export function keyFingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replaceAll('=', '')}`;
}

/** The type named inside a key as the server sends it; empty when the bytes are no key. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 64 || key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length);
}

function hashName(salt: string, name: string): string {
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
}

async function linesOf(file: string): Promise<KnownKey[]> {
  try {
    return parseKnownHosts(await readFile(file, 'utf8')).map((line) => ({ ...line, file }));
  } catch (error) {
    // what cannot be read vouches for nobody: the key then counts as unknown, and is asked about
    if (errorCodeOf(error) !== '') return [];
    throw error;
  }
}

export interface KnownHost {
  /** The name looked up, in known_hosts' form. */
  name: string;
  lines: KnownKey[];
  /** Lines under the bare name when the port is not 22; OpenSSH takes an exact match there too. */
  bareLines: KnownKey[];
}

/** All that these files say about a host. `alias` is ssh_config's HostKeyAlias and stands for host and port. */
export async function findKnownHost(files: readonly string[], host: string, port: number, alias: string): Promise<KnownHost> {
  const all = (await Promise.all([...new Set(files)].map(linesOf))).flat();
  const name = alias === '' ? knownHostName(host, port) : alias.toLowerCase();
  const lines = all.filter((line) => lineMatches(line, name, hashName));
  const bare = alias === '' && port !== 22 ? all.filter((line) => lineMatches(line, knownHostName(host, 22), hashName)) : [];
  return { name, lines, bareLines: bare };
}

export type KeyVerdict =
  | { kind: 'trusted' }
  | { kind: 'unknown' }
  | { kind: 'revoked'; line: KnownKey }
  /** The host is known by other keys, and this is none of them. */
  | { kind: 'changed'; line: KnownKey };

/** Judges a presented key. Revocation wins over everything, a known other key over trust on first use. */
export function judgeHostKey(known: KnownHost, key: Buffer): KeyVerdict {
  const presented = key.toString('base64');
  const same = (line: KnownKey): boolean => Buffer.from(line.key, 'base64').toString('base64') === presented;
  const revoked = [...known.lines, ...known.bareLines].find((line) => line.marker === 'revoked' && same(line));
  if (revoked !== undefined) return { kind: 'revoked', line: revoked };
  const plain = known.lines.filter((line) => line.marker === 'none');
  if (plain.some(same)) return { kind: 'trusted' };
  const type = keyTypeOf(key);
  const other = plain.find((line) => line.keyType === type) ?? plain[0];
  if (other !== undefined) return { kind: 'changed', line: other };
  if (known.bareLines.some((line) => line.marker === 'none' && same(line))) return { kind: 'trusted' };
  return { kind: 'unknown' };
}

let appending: Promise<unknown> = Promise.resolve();

/** Adds a key to a known_hosts file, atomically; nothing happens when the very line is there. Rejects with STORE_*. */
export function appendKnownHost(file: string, entry: { host: string; port: number; key: Buffer }): Promise<void> {
  const line = formatKnownHost(entry.host, entry.port, keyTypeOf(entry.key), entry.key.toString('base64'));
  const append = async (): Promise<void> => {
    const text = (await readText(file)) ?? '';
    if (text.split(/\r?\n/).includes(line)) return;
    const separator = text === '' || text.endsWith('\n') ? '' : '\n';
    await writeWhole(file, `${text}${separator}${line}\n`);
  };
  const mine = appending.then(append, append);
  appending = mine.catch(() => undefined);
  return mine;
}

/** Keys that were refused as unknown in this process, by host and port: what a person can be asked to trust. */
const presentedKeys = new Map<string, Buffer>();
const presentedLimit = 256;

export function rememberPresentedKey(host: string, port: number, key: Buffer): void {
  const name = knownHostName(host, port);
  presentedKeys.delete(name);
  presentedKeys.set(name, key);
  const oldest = presentedKeys.keys().next();
  if (presentedKeys.size > presentedLimit && oldest.done !== true) presentedKeys.delete(oldest.value);
}

/**
 * Trusts the key that SSH_HOST_KEY_UNKNOWN named, by adding it to this app's known_hosts. Rejects with NOT_FOUND
 * when no such key was presented, and CONFLICT when the host presented another since.
 */
export async function trustHostKey(knownHostsFile: string, asked: { host: string; port: number; keyType: string; sha256: string }): Promise<void> {
  const key = presentedKeys.get(knownHostName(asked.host, asked.port));
  const where = `${asked.host}:${asked.port}`;
  if (key === undefined) {
    throw new LookasideError('NOT_FOUND', `No host key of ${where} waits for an answer`, { hint: 'Test the connection again.' });
  }
  if (keyFingerprint(key) !== asked.sha256 || keyTypeOf(key) !== asked.keyType) {
    throw new LookasideError('CONFLICT', `${where} presents another host key now`, {
      hint: 'Test the connection again and compare the fingerprint.',
      details: { host: asked.host, port: asked.port, keyType: keyTypeOf(key), sha256: keyFingerprint(key) },
    });
  }
  await appendKnownHost(knownHostsFile, { host: asked.host, port: asked.port, key });
  presentedKeys.delete(knownHostName(asked.host, asked.port));
}
