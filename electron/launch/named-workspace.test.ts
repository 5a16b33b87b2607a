import { describe, expect, it } from 'vitest';
import { namedWorkspace } from './named-workspace.ts';

const nothing = { url: undefined, pg: undefined };

describe('namedWorkspace', () => {
  it('is absent when nothing is named', () => {
    expect(namedWorkspace(nothing)).toBeNull();
  });

  it('pairs a Redis with the Postgres behind it and keeps the passwords apart', () => {
    const named = namedWorkspace({ url: 'redis://app:hunter2@127.0.0.1:6390/3', pg: 'postgres://u:swordfish@localhost:5439/shop' });
    expect(named).toMatchObject({
      draft: {
        environment: 'local',
        readOnly: false,
        redis: { nodes: [{ host: '127.0.0.1', port: 6390 }], db: 3, username: 'app' },
        postgres: { host: 'localhost', port: 5439, database: 'shop', user: 'u' },
      },
      secrets: { 'redis.password': 'hunter2', 'postgres.password': 'swordfish' },
    });
    expect(JSON.stringify(named?.draft)).not.toMatch(/hunter2|swordfish/u);
  });

  it('has an id of its servers, whatever database or password is named', () => {
    const id = (url: string) => namedWorkspace({ ...nothing, url })?.id;
    expect(id('redis://:hunter2@127.0.0.1:6390/3')).toBe(id('redis://127.0.0.1:6390'));
    expect(id('redis://127.0.0.1:6390')).not.toBe(id('redis://127.0.0.1:6391'));
  });

  it.each([
    ['redis://cache.prod.example.com', 'production', true],
    ['redis://prod-cache:6379', 'production', true],
    ['redis://product-cache.example.com', 'staging', true],
    ['redis://10.0.0.5', 'staging', true],
    ['redis://[::1]:6379', 'local', false],
    ['unix:///run/redis.sock', 'local', false],
  ])('takes %s for %s', (url, environment, readOnly) => {
    expect(namedWorkspace({ ...nothing, url })?.draft).toMatchObject({ environment, readOnly });
  });

  it.each([
    [{ ...nothing, url: 'http://u:hunter2@x' }, /^--url: /u],
    [{ ...nothing, url: 'redis://u:hunter2@host:notaport' }, /^--url: /u],
    [{ ...nothing, pg: 'mysql://u:hunter2@x' }, /^--pg: /u],
    [{ ...nothing, url: 'postgres://u:hunter2@x/db' }, /belongs to --pg/u],
    [{ ...nothing, pg: 'redis://u:hunter2@x' }, /belongs to --url/u],
  ])('names what is wrong without quoting it (%#)', (given, words) => {
    const fail = () => namedWorkspace(given);
    expect(fail).toThrowError(expect.objectContaining({ code: 'PARSE_FAILED', message: expect.stringMatching(words) }));
    expect(fail).not.toThrowError(/hunter2/u);
  });
});
