import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { knownHostName, matchesPatternList, matchesWildcard, parseKnownHosts } from '../../../../shared/connections/known-hosts.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { SshProfile } from '../../../../shared/contract/workspaces.ts';
import { appendKnownHost, findKnownHost, judgeHostKey, keyFingerprint } from './known-hosts-file.ts';
import { targetText, translateNetworkError } from './network-errors.ts';
import { listSshAliases } from './ssh-config-file.ts';
import { parseJump, resolveSshHops } from './ssh-hops.ts';
import { normalisePin } from './tls-material.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'dial-parts-'));
  mkdirSync(join(home, '.ssh'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const ssh = (host: string, changes: Partial<SshProfile> = {}): SshProfile => ({ host, port: 0, user: '', auth: 'auto', keyFile: '', useConfig: true, proxyJump: '', ...changes });

function config(text: string, name = 'config'): NodeJS.ProcessEnv {
  writeFileSync(join(home, '.ssh', name), text);
  return { HOME: home, USER: 'local', KEYS: '/keys' };
}

function key(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(body)]);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error instanceof LookasideError ? error.code : String(error)),
  );
}

describe('network errors', () => {
  test.each([
    ['ENOTFOUND', 'DNS_FAILED'],
    ['EAI_AGAIN', 'DNS_FAILED'],
    ['ECONNREFUSED', 'CONNECTION_REFUSED'],
    ['EHOSTUNREACH', 'HOST_UNROUTABLE'],
    ['ENETUNREACH', 'HOST_UNROUTABLE'],
    ['ETIMEDOUT', 'CONNECT_TIMEOUT'],
    ['ECONNRESET', 'CONNECTION_LOST'],
    ['EPIPE', 'CONNECTION_LOST'],
    ['EACCES', 'HOST_UNROUTABLE'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS_NOT_SPOKEN'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'TLS_CLIENT_CERT_REQUIRED'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'TLS_CLIENT_CERT_REQUIRED'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'TLS_FAILED'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'TLS_FAILED'],
    ['SOMETHING_ELSE', 'CONNECTION_LOST'],
  ])('%s is %s', (system, code) => {
    expect(translateNetworkError(Object.assign(new Error('x'), { code: system }), { host: 'cache', port: 6379 }).code).toBe(code);
  });

  test('of a socket file are told apart, and of several addresses the telling one counts', () => {
    const of = (code: string): string => translateNetworkError(Object.assign(new Error('x'), { code }), { path: '/run/redis.sock' }).code;
    expect([of('ENOENT'), of('EACCES'), of('ECONNREFUSED')]).toEqual(['SOCKET_MISSING', 'SOCKET_DENIED', 'CONNECTION_REFUSED']);
    const both = new AggregateError([Object.assign(new Error('6'), { code: 'ENETUNREACH' }), Object.assign(new Error('4'), { code: 'ECONNREFUSED' })]);
    expect(translateNetworkError(both, { host: 'cache', port: 1 }).code).toBe('CONNECTION_REFUSED');
    expect(targetText({ host: '::1', port: 6379 })).toBe('[::1]:6379');
  });
});

describe('known_hosts', () => {
  test('reads plain, wildcard, marked and hashed lines and leaves others out', () => {
    const lines = parseKnownHosts(
      ['# comment', '', 'a,b ssh-ed25519 AAAA comment here', '@revoked * ssh-rsa BBBB', '@cert-authority *.x ssh-rsa CCCC', '@odd x ssh-rsa DDDD', 'short line', '|2|x|y ssh-rsa EEEE', '|1|c2FsdA==|aGFzaA== ssh-rsa FFFF'].join('\r\n'),
    );
    expect(lines.map((line) => [line.lineNumber, line.marker, line.key])).toEqual([
      [3, 'none', 'AAAA'],
      [4, 'revoked', 'BBBB'],
      [5, 'cert-authority', 'CCCC'],
      [9, 'none', 'FFFF'],
    ]);
    expect(lines[3]?.names).toEqual({ salt: 'c2FsdA==', hash: 'aGFzaA==' });
  });

  test('wildcards match as OpenSSH does, never exponentially', () => {
    expect([matchesWildcard('*.example', 'a.example'), matchesWildcard('?', ''), matchesWildcard('a?c', 'abc'), matchesWildcard('[ab]', 'a')]).toEqual([true, false, true, false]);
    expect(matchesPatternList(['*.example', '!bad.example'], 'bad.example')).toBe(false);
    expect(matchesPatternList(['!bad.example'], 'good.example')).toBe(false);
    expect(matchesPatternList(['HOST'], 'host')).toBe(true);
    expect(matchesWildcard(`${'*a'.repeat(40)}b`, 'a'.repeat(4000))).toBe(false);
    fc.assert(
      fc.property(fc.stringMatching(/^[ab*?]{0,8}$/), fc.stringMatching(/^[ab]{0,8}$/), (pattern, text) => {
        const oracle = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
        expect(matchesWildcard(pattern, text)).toBe(oracle);
      }),
    );
  });

  test('judges keys: revoked before all, another known key before trust', async () => {
    const file = join(home, 'known');
    const good = key('ssh-ed25519', 'good');
    const line = (names: string, blob: Buffer, marker = ''): string => `${marker}${names} ssh-ed25519 ${blob.toString('base64')}`;
    writeFileSync(file, [line('db.example', good), line('[db.example]:2222', key('ssh-ed25519', 'other')), line('only.example', good), line('*', key('ssh-ed25519', 'stolen'), '@revoked ')].join('\n'));
    const judge = async (host: string, port: number, blob: Buffer, alias = '') => judgeHostKey(await findKnownHost([file, join(home, 'absent')], host, port, alias), blob).kind;
    expect(await judge('DB.example', 22, good)).toBe('trusted');
    expect(await judge('db.example', 22, key('ssh-ed25519', 'new'))).toBe('changed');
    expect(await judge('db.example', 22, key('ssh-rsa', 'another kind'))).toBe('changed');
    expect(await judge('db.example', 2222, good)).toBe('changed');
    expect(await judge('only.example', 2200, good)).toBe('trusted');
    expect(await judge('only.example', 2200, key('ssh-ed25519', 'new'))).toBe('unknown');
    expect(await judge('nobody.example', 22, good)).toBe('unknown');
    expect(await judge('nobody.example', 22, key('ssh-ed25519', 'stolen'))).toBe('revoked');
    expect(await judge('10.0.0.1', 2200, good, 'db.example')).toBe('trusted');
  });

  test('gets lines added whole, once, for this user only', async () => {
    const file = join(home, 'new', 'known');
    const entries = Array.from({ length: 20 }, (_, index) => ({ host: `h${index % 10}`, port: index % 2 === 0 ? 22 : 2222, key: key('ssh-ed25519', `k${index % 10}`) }));
    await Promise.all(entries.map((entry) => appendKnownHost(file, entry)));
    const text = readFileSync(file, 'utf8');
    expect(parseKnownHosts(text)).toHaveLength(10);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(knownHostName('::1', 2222)).toBe('[::1]:2222');
    expect(keyFingerprint(Buffer.from('x'))).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  });
});

describe('ssh_config', () => {
  test('first value wins, keys add up, tokens and variables expand', async () => {
    const environment = config(
      [
        'Host db',
        '  HostName %h.internal.example',
        '  Port 2200',
        '  IdentityFile ~/.ssh/%r@%h',
        '  UserKnownHostsFile ~/.ssh/one ~/.ssh/two',
        '  HostKeyAlias db-alias',
        'Host * !other',
        '  User deploy',
        '  Port 9',
        '  IdentityFile "${KEYS}/100%%"',
        '  IdentityAgent none',
        'Match host *.internal.example user deploy',
        '  ServerAliveInterval 7',
        'Match exec "touch /tmp/never"',
        '  HostName hijacked',
      ].join('\n'),
    );
    const { hops, notes } = await resolveSshHops(ssh('db'), environment);
    expect(hops).toHaveLength(1);
    expect(hops[0]).toMatchObject({
      host: 'db.internal.example',
      port: 2200,
      user: 'deploy',
      hostKeyAlias: 'db-alias',
      identityFiles: [join(home, '.ssh', 'deploy@db.internal.example'), '/keys/100%'],
      identityDefaults: false,
      agent: null,
      aliveSeconds: 7,
    });
    expect(hops[0]?.knownHostsFiles.slice(0, 2)).toEqual([join(home, '.ssh', 'one'), join(home, '.ssh', 'two')]);
    expect(notes.join()).toMatch(/Match exec/);
    expect((await resolveSshHops(ssh('other'), environment)).hops[0]).toMatchObject({ host: 'other', port: 22, user: 'local', identityDefaults: true });
    expect((await resolveSshHops(ssh('db', { useConfig: false, user: 'me', port: 7 }), environment)).hops[0]).toMatchObject({ host: 'db', port: 7, user: 'me' });
    expect((await resolveSshHops(ssh('db', { user: 'me', port: 7 }), environment)).hops[0]).toMatchObject({ port: 7, user: 'me' });
  });

  test('Include reads folders, and sections hold for what they include', async () => {
    mkdirSync(join(home, '.ssh', 'more'));
    writeFileSync(join(home, '.ssh', 'more', '10-a.conf'), 'Host inc\n  Port 4001\n');
    writeFileSync(join(home, '.ssh', 'more', '20-b.conf'), 'Host inc\n  Port 4002\n  User second\n');
    writeFileSync(join(home, '.ssh', 'inner'), 'User conditional\n');
    const environment = config('Include more/*.conf\nInclude absent-*\nHost only\n  Include inner\n');
    expect((await resolveSshHops(ssh('inc'), environment)).hops[0]).toMatchObject({ port: 4001, user: 'second' });
    expect((await resolveSshHops(ssh('only'), environment)).hops[0]?.user).toBe('conditional');
    expect((await resolveSshHops(ssh('else'), environment)).hops[0]?.user).toBe('local');
    expect(await listSshAliases(environment)).toEqual(['inc', 'only']);
    expect(await listSshAliases({ HOME: join(home, 'nowhere') })).toEqual([]);
  });

  test('ProxyJump goes through lists and other aliases, outermost first', async () => {
    const environment = config('Host target\n  ProxyJump a,b\nHost a\n  ProxyJump edge\nHost b\n  ProxyJump never\nHost direct\n  ProxyJump none\n  ProxyCommand nc %h %p\n');
    const names = async (host: string, changes: Partial<SshProfile> = {}): Promise<string[]> => (await resolveSshHops(ssh(host, changes), environment)).hops.map((hop) => `${hop.user}@${hop.host}:${hop.port}`);
    expect(await names('target')).toEqual(['local@edge:22', 'local@a:22', 'local@b:22', 'local@target:22']);
    expect(await names('target', { proxyJump: 'ssh://me@[::1]:2201' })).toEqual(['me@::1:2201', 'local@target:22']);
    expect(await names('target', { proxyJump: 'none' })).toEqual(['local@target:22']);
  });

  test('what cannot work is said, and nothing is run', async () => {
    const environment = config('Host loop\n  ProxyJump loop\nHost x\n  ProxyJump y\nHost y\n  ProxyJump x\nHost cmd\n  ProxyCommand nc %h %p\nHost badport\n  Port many\n');
    expect(await codeOf(resolveSshHops(ssh('loop'), environment))).toBe('SSH_CONFIG_INVALID');
    expect(await codeOf(resolveSshHops(ssh('x'), environment))).toBe('SSH_CONFIG_INVALID');
    expect(await codeOf(resolveSshHops(ssh('cmd'), environment))).toBe('UNSUPPORTED');
    expect(await codeOf(resolveSshHops(ssh('badport'), environment))).toBe('SSH_CONFIG_INVALID');
    expect(await codeOf(resolveSshHops(ssh('any'), config('Host "unclosed\n')))).toBe('SSH_CONFIG_INVALID');
    expect(await codeOf(resolveSshHops(ssh('any', { proxyJump: 'a b:c:d' }), environment))).toBe('SSH_CONFIG_INVALID');
    expect(parseJump('me@with@at@host:1')).toEqual({ user: 'me@with@at', host: 'host', port: 1 });
  });
});

test('a pin is read in every usual spelling', () => {
  const hex = 'ab'.repeat(32);
  expect([hex, hex.toUpperCase(), `SHA256:${hex}`, hex.replaceAll(/(..)(?!$)/g, '$1:'), `sha256=${hex}`].map(normalisePin)).toEqual(Array.from({ length: 5 }, () => hex));
  expect([normalisePin(''), normalisePin('ab'), normalisePin('zz'.repeat(32))]).toEqual([null, null, null]);
});
