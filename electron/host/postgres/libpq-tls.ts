import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { PostgresProfile, SecretChanges } from '../../../shared/contract/workspaces.ts';
import { errorCodeOf } from '../connections/dial/network-errors.ts';
import { readCertificates, readClientPair, systemCertificates } from '../connections/dial/tls-material.ts';
import type { SocketTls } from '../redis/session.ts';

/** What libpq's sslmode means for one connection (PostgreSQL documentation, "SSL Support"). */
export interface TlsPlan {
  /** Encryption of each attempt, in order; the next follows when the one before is refused. */
  attempts: ('plain' | 'tls')[];
  tls: SocketTls | null;
  /** verify-ca checks the chain only. */
  checkName: boolean;
  /** Why it is so, for the test's first step; empty when there is nothing to add. */
  note: string;
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if (errorCodeOf(error) === '') throw error;
    return false;
  }
}

/** libpq's folder of defaults, where `root.crt`, `postgresql.crt` and `postgresql.key` may lie. */
function defaultFolder(environment: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return join(environment['APPDATA'] ?? '', 'postgresql');
  return join(environment['HOME'] ?? homedir(), '.postgresql');
}

async function clientPair(profile: PostgresProfile, secrets: SecretChanges, folder: string): Promise<{ cert?: string; key?: string }> {
  const passphrase = secrets['postgres.tlsKeyPassphrase'] ?? undefined;
  if (profile.sslCert !== '' || profile.sslKey !== '') {
    const cert = profile.sslCert === '' ? join(folder, 'postgresql.crt') : profile.sslCert;
    const key = profile.sslKey === '' ? join(folder, 'postgresql.key') : profile.sslKey;
    return readClientPair(cert, key, passphrase);
  }
  const cert = join(folder, 'postgresql.crt');
  const key = join(folder, 'postgresql.key');
  return (await exists(cert)) && (await exists(key)) ? readClientPair(cert, key, passphrase) : {};
}

async function rootsOf(profile: PostgresProfile, folder: string): Promise<{ ca: string[] | null; from: string }> {
  if (profile.sslRootCert === 'system') return { ca: await systemCertificates(), from: 'the system' };
  if (profile.sslRootCert !== '') return { ca: await readCertificates('root certificate', profile.sslRootCert), from: profile.sslRootCert };
  const usual = join(folder, 'root.crt');
  return (await exists(usual)) ? { ca: await readCertificates('root certificate', usual), from: usual } : { ca: null, from: '' };
}

/**
 * Reads what sslmode, sslrootcert, sslcert and sslkey ask for. A root certificate makes every encrypted mode below
 * verify-ca check the chain, as libpq does. Rejects with TLS_MATERIAL_INVALID.
 */
export async function planTls(profile: PostgresProfile, secrets: SecretChanges, environment: NodeJS.ProcessEnv): Promise<TlsPlan> {
  const mode = profile.sslMode;
  // libpq never encrypts a unix socket, whatever sslmode says
  if (mode === 'disable' || profile.host.startsWith('/')) return { attempts: ['plain'], tls: null, checkName: false, note: '' };
  const folder = defaultFolder(environment);
  if (profile.sslRootCert === 'system' && mode !== 'verify-full') {
    throw new LookasideError('TLS_MATERIAL_INVALID', `sslmode ${mode} is too weak for sslrootcert=system`, {
      hint: 'Use sslmode verify-full with the system\'s certificates.',
      details: { what: 'root certificate', file: 'system' },
    });
  }
  const { ca, from } = await rootsOf(profile, folder);
  const strict = mode === 'verify-ca' || mode === 'verify-full';
  if (strict && ca === null) {
    throw new LookasideError('TLS_MATERIAL_INVALID', `sslmode ${mode} needs a root certificate, and there is none at ${join(folder, 'root.crt')}`, {
      hint: 'Set sslrootcert to a CA file, or to "system" with verify-full.',
      details: { what: 'root certificate', file: join(folder, 'root.crt') },
    });
  }
  const pair = await clientPair(profile, secrets, folder);
  const tls: SocketTls = { serverName: profile.host, mode: ca === null ? 'skip' : 'verify', ...(ca === null ? {} : { ca }), ...pair };
  const attempts: TlsPlan['attempts'] = mode === 'allow' ? ['plain', 'tls'] : mode === 'prefer' ? ['tls', 'plain'] : ['tls'];
  const note = !strict && ca !== null ? `The chain is checked because ${from} exists` : '';
  return { attempts, tls, checkName: mode === 'verify-full', note };
}
