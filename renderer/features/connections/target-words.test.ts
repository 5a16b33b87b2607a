import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { postgresProfile, redisProfile, type Workspace } from '../../../shared/contract/workspaces.ts';
import { filterWorkspaces, postgresTarget, redisTarget } from './target-words.ts';

const redis = (profile: object) => v.parse(redisProfile, { nodes: [{ host: 'cache', port: 6379 }], ...profile });
const postgres = (profile: object) => v.parse(postgresProfile, { host: 'db', ...profile });

describe('targets', () => {
  it.each([
    [{}, 'cache:6379'],
    [{ db: 2, tls: { mode: 'verify' } }, 'cache:6379/2, TLS'],
    [{ nodes: [{ host: '::1', port: 6379 }] }, '[::1]:6379'],
    [{ nodes: [], socketPath: '/run/r.sock' }, '/run/r.sock'],
    [{ topology: 'cluster', nodes: [{ host: 'a', port: 1 }, { host: 'b', port: 2 }] }, 'cluster a:1 +1'],
    [{ topology: 'sentinel', sentinelMaster: 'm' }, 'm by Sentinel cache:6379'],
    [{ ssh: { host: 'bastion' } }, 'cache:6379, SSH bastion'],
    [{ nodes: [] }, 'no address'],
  ])('%j is %s', (profile, expected) => expect(redisTarget(redis(profile))).toBe(expected));

  it.each([
    [{}, 'db:5432'],
    [{ user: 'app', database: 'shop', port: 6432 }, 'app@db:6432/shop'],
    [{ host: '/var/run/postgresql', database: 'shop' }, '/var/run/postgresql/shop'],
    [{ host: '' }, 'localhost:5432'],
  ])('%j is %s', (profile, expected) => expect(postgresTarget(postgres(profile))).toBe(expected));
});

describe('filterWorkspaces', () => {
  const workspace = (name: string, environment: Workspace['environment'], profile: object): Workspace => ({
    id: name,
    name,
    environment,
    colour: 'gray',
    readOnly: false,
    delimiters: [':'],
    redis: redis(profile),
    postgres: null,
    demo: false,
    secrets: {},
    lastOpenedAt: null,
  });
  const all = [workspace('shop', 'production', {}), workspace('shop-eu', 'staging', { db: 3 }), workspace('blog', 'local', { nodes: [{ host: '10.0.0.5', port: 6379 }] })];
  it.each([
    ['', ['shop', 'shop-eu', 'blog']],
    ['shop', ['shop', 'shop-eu']],
    ['stag shop', ['shop-eu']],
    ['10.0', ['blog']],
    ['nothing', []],
  ])('by %j finds %j', (query, expected) => expect(filterWorkspaces(all, query).map((each) => each.name)).toEqual(expected));
});
