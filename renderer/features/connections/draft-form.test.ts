import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parseConnectionText } from '../../../shared/connections/parse-connection.ts';
import { workspaceDraft, type Workspace } from '../../../shared/contract/workspaces.ts';
import { checkForm, copyOfWorkspace, draftOfForm, formOfDraft, isSameForm, newForm, secretsOfForm, withEnvironment, withParsed, type DraftForm } from './draft-form.ts';

const named = (form: DraftForm = newForm()): DraftForm => ({ ...form, name: 'cache' });

const draft = v.parse(workspaceDraft, {
  name: 'prod',
  environment: 'production',
  colour: 'red',
  readOnly: true,
  delimiters: [':', '/'],
  redis: {
    topology: 'sentinel',
    nodes: [
      { host: 's1', port: 26379 },
      { host: 's2', port: 26380 },
    ],
    sentinelMaster: 'mymaster',
    username: 'app',
    db: 3,
    tls: { mode: 'verify', caFile: '/ca.pem' },
    ssh: { host: 'bastion', proxyJump: 'a@b:22' },
  },
  postgres: { host: 'db', database: 'shop', sslMode: 'verify-full' },
});

describe('the form of a draft', () => {
  it('gives the same draft back', () => {
    expect(draftOfForm(formOfDraft(draft))).toEqual(draft);
  });

  it('is what the contract accepts, also when new', () => {
    expect(checkForm(named()).size).toBe(0);
    expect(v.safeParse(workspaceDraft, draftOfForm(named())).success).toBe(true);
  });

  it('copies without secrets', () => {
    const workspace: Workspace = { ...draft, id: 'w', demo: false, secrets: { 'redis.password': 'stored' }, lastOpenedAt: null };
    const copy = copyOfWorkspace(workspace);
    expect(copy.name).toBe('prod copy');
    expect(copy.secrets).toEqual({});
    expect(isSameForm(copy, formOfDraft(draft))).toBe(false);
  });

  it('leaves a side that is off out, and keeps its fields', () => {
    const form = formOfDraft(draft);
    const off = { ...form, redis: { ...form.redis, on: false } };
    expect(draftOfForm(off).redis).toBeNull();
    expect(draftOfForm({ ...off, redis: { ...off.redis, on: true } }).redis).toEqual(draft.redis);
  });

  it('sends what belongs to the topology only', () => {
    const form = named();
    const socket = { ...form, redis: { ...form.redis, socket: true, socketPath: ' /run/redis.sock ', sshOn: true } };
    expect(draftOfForm(socket).redis).toMatchObject({ nodes: [], socketPath: '/run/redis.sock', ssh: null });
    const cluster = { ...form, redis: { ...form.redis, topology: 'cluster' as const, db: 5 as const } };
    expect(draftOfForm(cluster).redis).toMatchObject({ db: 0, socketPath: '' });
  });
});

describe('checkForm', () => {
  const broken: [string, (form: DraftForm) => DraftForm, string][] = [
    ['no name', (form) => ({ ...form, name: '  ' }), 'name'],
    ['no side', (form) => ({ ...form, redis: { ...form.redis, on: false } }), 'sides'],
    ['no host', (form) => ({ ...form, redis: { ...form.redis, nodes: [{ host: ' ', port: 6379 }] } }), 'redis.nodes.0.host'],
    ['a port too high', (form) => ({ ...form, redis: { ...form.redis, nodes: [{ host: 'a', port: 70_000 }] } }), 'redis.nodes.0.port'],
    ['a socket without path', (form) => ({ ...form, redis: { ...form.redis, socket: true } }), 'redis.socketPath'],
    ['Sentinel without master', (form) => ({ ...form, redis: { ...form.redis, topology: 'sentinel' } }), 'redis.sentinelMaster'],
    ['a pin of the wrong length', (form) => ({ ...form, redis: { ...form.redis, tls: { ...form.redis.tls, mode: 'pin', pinSha256: 'abc' } } }), 'redis.tls.pinSha256'],
    ['a certificate without key', (form) => ({ ...form, redis: { ...form.redis, tls: { ...form.redis.tls, mode: 'verify', certFile: '/c' } } }), 'redis.tls.keyFile'],
    ['SSH without host', (form) => ({ ...form, redis: { ...form.redis, sshOn: true } }), 'redis.ssh.host'],
    ['Postgres without host', (form) => ({ ...form, postgres: { ...form.postgres, on: true, host: '' } }), 'postgres.host'],
  ];
  it.each(broken)('finds %s', (_what, breakIt, field) => expect([...checkForm(breakIt(named())).keys()]).toEqual([field]));
});

describe('environment', () => {
  it('makes production read-only and red, and takes that back', () => {
    const production = withEnvironment(newForm(), 'production');
    expect(production).toMatchObject({ readOnly: true, colour: 'red' });
    expect(withEnvironment(production, 'local')).toMatchObject({ readOnly: false, colour: 'gray' });
  });

  it('respects what was chosen by hand', () => {
    const chosen = { ...newForm(), colour: 'teal' as const, readOnly: true };
    expect(withEnvironment(chosen, 'staging')).toMatchObject({ readOnly: true, colour: 'teal' });
  });
});

describe('secrets', () => {
  it('sends those of the sides that are on, forgets by null, and leaves the untouched', () => {
    const form = { ...named(), secrets: { 'redis.password': 'p', 'redis.sshPassword': null, 'postgres.password': 'q', 'redis.sentinelPassword': '' } };
    expect(secretsOfForm(form)).toEqual({ 'redis.password': 'p', 'redis.sshPassword': null });
  });
});

describe('withParsed', () => {
  it('fills in a Redis with its secret', () => {
    const form = withParsed(newForm(), parseConnectionText('rediss://app:s3cret@cache.example:6380/2'));
    expect(draftOfForm(form).redis).toMatchObject({ nodes: [{ host: 'cache.example', port: 6380 }], username: 'app', db: 2, tls: { mode: 'verify' } });
    expect(form.secrets).toEqual({ 'redis.password': 's3cret' });
    expect(form.name).toBe('cache.example');
  });

  it('lets the suggested local Redis give way to a Postgres, but not a Redis of the user', () => {
    const parsed = parseConnectionText('postgres://app:pw@db.example/shop');
    expect(withParsed(newForm(), parsed)).toMatchObject({ redis: { on: false }, postgres: { on: true, host: 'db.example', database: 'shop' } });
    const own = formOfDraft(draft);
    expect(withParsed(own, parsed).redis).toEqual(own.redis);
  });

  it('keeps the tunnel and the name', () => {
    const form = withParsed(formOfDraft(draft), parseConnectionText('redis://other:6379'));
    expect(form.name).toBe('prod');
    expect(form.redis).toMatchObject({ sshOn: true, ssh: { host: 'bastion' } });
  });
});
