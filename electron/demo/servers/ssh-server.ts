import { createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { canFetchPackages, launchUnpacked, unpackedPackages } from './debian-packages.ts';
import { freePort } from './free-port.ts';
import { findOnPath } from './path-lookup.ts';
import { makeServerFolder, removeServerFolder } from './process-guard.ts';
import { ServerProcess, type Launch } from './server-process.ts';

export interface SshOptions {
  /** Further lines for sshd_config; the first value of an option wins in sshd, and these come first. */
  config?: readonly string[];
}

export interface RunningSshd {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** The user to log in as. */
  readonly user: string;
  /** SHA-256 of the host key in base64 without padding, as `ssh-keygen -l` prints after `SHA256:`. */
  readonly hostKeySha256: string;
  readonly hostKeyType: 'ssh-ed25519';
  /** Private key that may log in. */
  readonly keyFile: string;
  /** Another private key that may log in, encrypted with `passphrase`. */
  readonly encryptedKeyFile: string;
  readonly passphrase: string;
  /** A key that may not log in. */
  readonly strangerKeyFile: string;
  /** `[127.0.0.1]:port ssh-ed25519 …` */
  readonly knownHostsLine: string;
  readonly folder: string;
  readonly pid: number;
  readonly output: string;
  /** Restarts on the same port with a new host key, as after an attack or a reinstallation. */
  rotateHostKey(): Promise<void>;
  /** SIGKILL of the daemon that listens; connections that are open live on. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** As root the daemon runs as `nobody`: it then needs neither a privilege separation user nor /run/sshd. */
const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

async function sshdLaunch(): Promise<Launch> {
  const path = findOnPath(['sshd']);
  if (path !== null) return { command: path, before: [], env: {} };
  if (canFetchPackages()) {
    return launchUnpacked(await unpackedPackages({ name: 'sshd', packages: ['openssh-server'], suite: null }), 'usr/sbin/sshd');
  }
  throw new LookasideError('DEMO_UNAVAILABLE', 'No sshd is on this machine', { hint: 'Install the OpenSSH server.' });
}

/** Makes sshd known without starting it; for fetching ahead. */
export async function obtainSshd(): Promise<string> {
  const launch = await sshdLaunch();
  return launch.before.at(-1) ?? launch.command;
}

interface KeyPairOptions {
  comment: string;
  passphrase?: string;
  cipher?: string;
  rounds?: number;
}

/** About one in three hundred of ssh2's ed25519 pairs is malformed and refused by OpenSSH too: those are made again. */
function readableKeyPair(options: KeyPairOptions): { private: string; public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', options);
    const parsed = options.passphrase === undefined ? ssh2.utils.parseKey(pair.private) : ssh2.utils.parseKey(pair.private, options.passphrase);
    if (!(parsed instanceof Error)) return pair;
  }
}

/** Starts a real OpenSSH daemon on loopback that allows keys and TCP forwarding. Rejects with DEMO_UNAVAILABLE. */
export async function startSshd(options: SshOptions = {}): Promise<RunningSshd> {
  const launch = await sshdLaunch();
  const folder = makeServerFolder();
  const closed = join(folder, 'daemon');
  mkdirSync(closed, { mode: 0o700 });
  const forDaemon = (path: string) => {
    if (identity) chownSync(path, identity.uid, identity.gid);
    return path;
  };
  forDaemon(folder);
  forDaemon(closed);
  const passphrase = randomBytes(9).toString('base64url');
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const key = readableKeyPair({ comment: 'lookaside test' });
  const encrypted = readableKeyPair({ passphrase, cipher: 'aes256-ctr', rounds: 8, comment: 'lookaside test' });
  const stranger = readableKeyPair({ comment: 'stranger' });
  const keyFile = write('key', key.private);
  const encryptedKeyFile = write('key-encrypted', encrypted.private);
  const strangerKeyFile = write('key-stranger', stranger.private);
  const authorised = forDaemon(write('daemon/authorized_keys', `${key.public}\n${encrypted.public}\n`));
  const hostKeyFile = join(closed, 'host_key');
  let hostKey = { type: '', base64: '' };
  const makeHostKey = () => {
    const pair = readableKeyPair({ comment: 'host' });
    writeFileSync(hostKeyFile, pair.private, { mode: 0o600 });
    forDaemon(hostKeyFile);
    const [type = '', base64 = ''] = pair.public.split(' ');
    hostKey = { type, base64 };
  };
  makeHostKey();
  const start = (port: number) => {
    const config = [
      ...(options.config ?? []),
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${hostKeyFile}`,
      `AuthorizedKeysFile ${authorised}`,
      'PidFile none',
      'StrictModes no',
      // Without PAM sshd takes an account whose shadow entry it cannot read for a locked one.
      ...(process.platform === 'linux' ? ['UsePAM yes'] : []),
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'AllowTcpForwarding yes',
      'AllowStreamLocalForwarding yes',
      'MaxStartups 200',
      'LogLevel VERBOSE',
    ];
    const file = forDaemon(write('daemon/sshd_config', `${config.join('\n')}\n`));
    return ServerProcess.start({
      launch,
      args: ['-D', '-e', '-f', file],
      cwd: folder,
      identity,
      ready: /Server listening on/,
    });
  };
  const fail = (error: unknown): never => {
    removeServerFolder(folder);
    throw error;
  };
  let port = await freePort();
  let server: ServerProcess | null = null;
  for (let attempt = 1; server === null; attempt += 1) {
    try {
      server = await start(port);
    } catch (error) {
      const taken = error instanceof LookasideError && /already in use/i.test(String(error.details['output'] ?? ''));
      if (!taken || attempt >= 5) fail(error);
      port = await freePort();
    }
  }
  let running = server;
  return {
    host: '127.0.0.1',
    port,
    user: identity ? 'nobody' : userInfo().username,
    get hostKeySha256() {
      return createHash('sha256').update(Buffer.from(hostKey.base64, 'base64')).digest('base64').replace(/=+$/, '');
    },
    hostKeyType: 'ssh-ed25519',
    keyFile,
    encryptedKeyFile,
    strangerKeyFile,
    passphrase,
    get knownHostsLine() {
      return `[127.0.0.1]:${port} ${hostKey.type} ${hostKey.base64}`;
    },
    folder,
    get pid() {
      return running.pid;
    },
    get output() {
      return running.output;
    },
    async rotateHostKey() {
      await running.stop();
      makeHostKey();
      running = await start(port);
    },
    kill: () => running.kill(),
    async stop() {
      await running.stop();
      if (existsSync(folder)) removeServerFolder(folder);
    },
  };
}
