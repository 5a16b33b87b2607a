import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SshProfile } from '../../../../shared/contract/workspaces.ts';
import { startSshd, type RunningSshd } from '../../../demo/servers/ssh-server.ts';
import { createDialer, type Dialer, type DialerOptions, type DialStep } from './dialer.ts';
import { trustHostKey } from './known-hosts-file.ts';

const run = promisify(execFile);
/** Without PAM, sshd takes `nobody` for a locked account. */
const daemon = { config: ['UsePAM yes'] };
let folder: string;
let home: string;
let gate: RunningSshd;
let inner: RunningSshd;
let echo: net.Server;
let echoPort: number;
let agent: ChildProcess;
let agentSocket: string;
const dialers: Dialer[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dial-test-'));
  home = join(folder, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true });
  [gate, inner] = await Promise.all([startSshd(daemon), startSshd(daemon)]);
  echo = net.createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  echoPort = (echo.address() as net.AddressInfo).port;
  agentSocket = join(folder, 'agent');
  agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: ['ignore', 'pipe', 'ignore'] });
  if (agent.stdout !== null) await once(agent.stdout, 'data');
  await run('ssh-add', [gate.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket } });
});

afterAll(async () => {
  await Promise.all(dialers.map((each) => each.close()));
  agent.kill();
  echo.close();
  await Promise.all([gate.stop(), inner.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const profile = (changes: Partial<SshProfile>): SshProfile => ({
  host: '127.0.0.1',
  port: gate.port,
  user: gate.user,
  auth: 'key',
  keyFile: gate.keyFile,
  useConfig: false,
  proxyJump: '',
  ...changes,
});

let known = 0;
/** A known_hosts of the app's own with these lines. */
function knownHosts(...lines: string[]): string {
  const file = join(folder, `known-${(known += 1)}`);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

function open(ssh: SshProfile | null, changes: Partial<DialerOptions> = {}): Dialer {
  const dialer = createDialer({
    ssh,
    secrets: {},
    slotPrefix: 'redis',
    knownHostsFile: knownHosts(gate.knownHostsLine, inner.knownHostsLine),
    environment: { HOME: home, USER: gate.user },
    ...changes,
  });
  dialers.push(dialer);
  return dialer;
}

async function echoes(dialer: Dialer, text: string): Promise<string> {
  const socket = await dialer.dial('127.0.0.1', echoPort);
  socket.setNoDelay(true);
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

async function failure(work: Promise<unknown>): Promise<{ code: string; message: string; details: Record<string, unknown> }> {
  return work.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error as { code: string; message: string; details: Record<string, unknown> },
  );
}

describe('without SSH', () => {
  test('dials TCP and says how', async () => {
    const steps: DialStep[] = [];
    const dialer = open(null, { onStep: (step) => steps.push(step) });
    const socket = await dialer.dial('localhost', echoPort);
    socket.destroy();
    expect(steps.map((step) => step.kind)).toEqual(['resolved', 'connected']);
    expect(dialer.sshPath).toEqual([]);
  });

  test('names each failure', async () => {
    const dialer = open(null);
    expect((await failure(dialer.dial('no-such-name.invalid', 1))).code).toBe('DNS_FAILED');
    expect((await failure(dialer.dial('127.0.0.1', 1))).code).toBe('CONNECTION_REFUSED');
    expect((await failure(dialer.dialPath(join(folder, 'nothing.sock')))).code).toBe('SOCKET_MISSING');
    const aborted = AbortSignal.abort();
    expect((await failure(dialer.dial('127.0.0.1', echoPort, { signal: aborted }))).code).toBe('CANCELLED');
    await dialer.close();
    expect((await failure(dialer.dial('127.0.0.1', echoPort))).code).toBe('NOT_CONNECTED');
  });
});

describe('through a real sshd', () => {
  test('with a key file; many dials share one connection', async () => {
    const steps: DialStep[] = [];
    const dialer = open(profile({}), { onStep: (step) => steps.push(step) });
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((text) => echoes(dialer, text)));
    expect(answers).toEqual(['a', 'b', 'c', 'd']);
    expect(steps.filter((step) => step.kind === 'ssh-hop' && step.state === 'ready')).toHaveLength(1);
    expect(dialer.sshPath).toEqual([`${gate.user}@127.0.0.1`]);
  });

  test('with the passphrase of a key, and says when it is missing or wrong', async () => {
    const locked = profile({ keyFile: gate.encryptedKeyFile });
    expect(await echoes(open(locked, { secrets: { 'redis.sshPassphrase': gate.passphrase } }), 'open')).toBe('open');
    const missing = await failure(open(locked).dial('127.0.0.1', echoPort));
    expect(missing).toMatchObject({ code: 'SSH_PASSPHRASE_REQUIRED', details: { given: false } });
    const wrong = await failure(open(locked, { secrets: { 'redis.sshPassphrase': 'not it' } }).dial('127.0.0.1', echoPort));
    expect(wrong).toMatchObject({ code: 'SSH_PASSPHRASE_REQUIRED', details: { given: true } });
    expect(JSON.stringify(wrong)).not.toContain('not it');
  });

  test('with a real ssh-agent, and says when there is none', async () => {
    const environment = { HOME: home, USER: gate.user, SSH_AUTH_SOCK: agentSocket };
    expect(await echoes(open(profile({ auth: 'agent', keyFile: '' }), { environment }), 'agent')).toBe('agent');
    expect(await echoes(open(profile({ auth: 'auto', keyFile: '' }), { environment }), 'auto')).toBe('auto');
    expect((await failure(open(profile({ auth: 'agent', keyFile: '' })).dial('127.0.0.1', echoPort))).code).toBe('SSH_AGENT_UNAVAILABLE');
    const dead = { ...environment, SSH_AUTH_SOCK: join(folder, 'no-agent') };
    expect((await failure(open(profile({ auth: 'agent' }), { environment: dead }).dial('127.0.0.1', echoPort))).code).toBe('SSH_AGENT_UNAVAILABLE');
  });

  test('names a key that is refused, absent or none', async () => {
    const stranger = await failure(open(profile({ keyFile: gate.strangerKeyFile })).dial('127.0.0.1', echoPort));
    expect(stranger).toMatchObject({ code: 'SSH_AUTH_FAILED', details: { tried: 'publickey' } });
    expect((await failure(open(profile({ keyFile: join(folder, 'nowhere') })).dial('127.0.0.1', echoPort))).code).toBe('SSH_KEY_UNREADABLE');
    const notKey = join(folder, 'not-a-key');
    writeFileSync(notKey, 'hello');
    expect((await failure(open(profile({ keyFile: notKey })).dial('127.0.0.1', echoPort))).code).toBe('SSH_KEY_UNREADABLE');
    const password = await failure(open(profile({ auth: 'password' }), { secrets: { 'redis.sshPassword': 'guess' } }).dial('127.0.0.1', echoPort));
    expect(password).toMatchObject({ code: 'SSH_AUTH_FAILED', details: { accepted: 'publickey' } });
  });

  test('asks for an unknown host key, trusts it when told, and refuses another', async () => {
    const knownHostsFile = knownHosts();
    const first = await failure(open(profile({}), { knownHostsFile }).dial('127.0.0.1', echoPort));
    expect(first).toMatchObject({
      code: 'SSH_HOST_KEY_UNKNOWN',
      details: { host: '127.0.0.1', port: gate.port, keyType: 'ssh-ed25519', sha256: `SHA256:${gate.hostKeySha256}`, hop: `${gate.user}@127.0.0.1` },
    });
    const asked = { host: '127.0.0.1', port: gate.port, keyType: 'ssh-ed25519', sha256: String(first.details['sha256']) };
    expect((await failure(trustHostKey(knownHostsFile, { ...asked, sha256: 'SHA256:other' }))).code).toBe('CONFLICT');
    await trustHostKey(knownHostsFile, asked);
    expect(readFileSync(knownHostsFile, 'utf8')).toBe(`${gate.knownHostsLine.split(' ').slice(0, 3).join(' ')}\n`);
    expect(await echoes(open(profile({}), { knownHostsFile }), 'known')).toBe('known');
    expect((await failure(trustHostKey(knownHostsFile, asked))).code).toBe('NOT_FOUND');
  });

  test('knows hashed names and refuses revoked and changed keys', async () => {
    const hashedFile = knownHosts(gate.knownHostsLine);
    await run('ssh-keygen', ['-H', '-f', hashedFile]);
    expect(readFileSync(hashedFile, 'utf8')).toMatch(/^\|1\|/);
    expect(await echoes(open(profile({}), { knownHostsFile: hashedFile }), 'hashed')).toBe('hashed');
    const revoked = knownHosts(gate.knownHostsLine, `@revoked * ${gate.knownHostsLine.split(' ').slice(1).join(' ')}`);
    expect(await failure(open(profile({}), { knownHostsFile: revoked }).dial('127.0.0.1', echoPort))).toMatchObject({
      code: 'SSH_HOST_KEY_CHANGED',
      details: { revoked: true },
    });
    const other = knownHosts(inner.knownHostsLine.replace(`:${inner.port}`, `:${gate.port}`));
    expect(await failure(open(profile({}), { knownHostsFile: other }).dial('127.0.0.1', echoPort))).toMatchObject({
      code: 'SSH_HOST_KEY_CHANGED',
      details: { knownSha256: `SHA256:${inner.hostKeySha256}`, knownAt: `${other}:1` },
    });
  });

  test('says what the far side found', async () => {
    const dialer = open(profile({}));
    expect(await failure(dialer.dial('127.0.0.1', 1))).toMatchObject({ code: 'CONNECTION_REFUSED', details: { hop: `${gate.user}@127.0.0.1` } });
    expect((await failure(dialer.dial('no-such-name.invalid', 80))).code).toMatch(/DNS_FAILED|SSH_FORWARD_REFUSED/);
    expect((await failure(open(profile({ port: echoPort })).dial('127.0.0.1', echoPort, { timeoutMs: 2000 }))).code).toMatch(/SSH_FAILED|CONNECT_TIMEOUT/);
  });

  test('reaches a unix socket on the far side', async () => {
    const path = join(folder, 'far.sock');
    const server = net.createServer((socket) => socket.end('far'));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await run('chmod', ['-R', 'o+rwx', folder]);
    const socket = await open(profile({})).dialPath(path);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toBe('far');
    socket.destroy();
    server.close();
  });

  test('a forward is a private socket for others to use', async () => {
    const dialer = open(profile({}));
    const { path } = await dialer.forward('127.0.0.1', echoPort);
    expect((await dialer.forward('127.0.0.1', echoPort)).path).toBe(path);
    const { stdout } = await run('stat', ['-c', '%a', join(path, '..')]);
    expect(stdout.trim()).toBe('700');
    const socket = net.connect({ path });
    socket.write('through');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toBe('through');
    const ended = once(socket, 'close');
    await dialer.close();
    await ended;
    expect((await failure(open(null).dialPath(path))).code).toBe('SOCKET_MISSING');
  });

  test('opens the chain anew after it dropped, and fails what is pending', async () => {
    const through = new Set<net.Socket>();
    const wire = net.createServer((near) => {
      const far = net.connect(gate.port, '127.0.0.1');
      for (const each of [near, far]) through.add(each.on('error', () => each.destroy()));
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
    const { port } = wire.address() as net.AddressInfo;
    const steps: DialStep[] = [];
    const knownHostsFile = knownHosts(gate.knownHostsLine.replace(`:${gate.port}`, `:${port}`));
    const dialer = open(profile({ port }), { knownHostsFile, onStep: (step) => steps.push(step) });
    const drops: string[] = [];
    dialer.onDrop((error) => drops.push(error.code));
    const socket = await dialer.dial('127.0.0.1', echoPort);
    socket.resume();
    const closed = once(socket, 'close');
    const pending = failure(dialer.dial('127.0.0.1', echoPort));
    for (const each of through) each.destroy();
    await closed;
    expect((await pending).code).toBe('CONNECTION_LOST');
    await expect.poll(() => drops).toEqual(['CONNECTION_LOST']);
    expect(await echoes(dialer, 'again')).toBe('again');
    expect(steps.filter((step) => step.kind === 'ssh-hop' && step.state === 'ready')).toHaveLength(2);
    await dialer.close();
    wire.close();
  });
});

describe('ssh_config and jump hosts', () => {
  const withConfig = (text: string): NodeJS.ProcessEnv => {
    const at = mkdtempSync(join(folder, 'h-'));
    mkdirSync(join(at, '.ssh'));
    writeFileSync(join(at, '.ssh', 'config'), text);
    writeFileSync(join(at, '.ssh', 'known_hosts'), `${gate.knownHostsLine}\n${inner.knownHostsLine}\n`);
    return { HOME: at, USER: 'somebody-else' };
  };

  test('goes through a jump host of ssh_config with aliases and keys', async () => {
    const environment = withConfig(
      [
        `Host gate`,
        `  HostName 127.0.0.1`,
        `  Port ${gate.port}`,
        `  IdentityFile ${gate.keyFile}`,
        `Host db`,
        `  HostName 127.0.0.1`,
        `  Port ${inner.port}`,
        `  ProxyJump gate`,
        `  IdentityFile ${inner.keyFile}`,
        `Host *`,
        `  User ${gate.user}`,
      ].join('\n'),
    );
    const ssh = profile({ host: 'db', port: 0, user: '', auth: 'auto', keyFile: '', useConfig: true });
    const dialer = open(ssh, { environment, knownHostsFile: knownHosts() });
    expect(await echoes(dialer, 'two hops')).toBe('two hops');
    expect(dialer.sshPath).toEqual([`${gate.user}@127.0.0.1`, `${inner.user}@127.0.0.1`]);
  });

  test('names the hop whose key is unknown', async () => {
    const ssh = profile({ port: inner.port, keyFile: inner.keyFile, proxyJump: `${gate.user}@127.0.0.1:${gate.port}` });
    const knownHostsFile = knownHosts(gate.knownHostsLine);
    const environment = { HOME: home, USER: gate.user, SSH_AUTH_SOCK: agentSocket };
    expect(await failure(open(ssh, { knownHostsFile, environment }).dial('127.0.0.1', echoPort))).toMatchObject({
      code: 'SSH_HOST_KEY_UNKNOWN',
      details: { port: inner.port },
    });
    expect(await echoes(open(ssh, { environment }), 'jumped')).toBe('jumped');
  });
});
