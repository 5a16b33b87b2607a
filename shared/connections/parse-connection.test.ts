import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConnectionText } from './parse-connection.ts';

const node = (host: string, port = 6379) => [{ host, port }];

describe('Redis', () => {
  test.each<[string, object, object]>([
    ['redis://cache', { nodes: node('cache'), db: 0, tls: { mode: 'off' } }, {}],
    ['redis://:p%40ss@cache:6380/3', { nodes: node('cache', 6380), db: 3 }, { 'redis.password': 'p@ss' }],
    ['rediss://app:se:cr@et@cache/2', { nodes: node('cache'), username: 'app', db: 2, tls: { mode: 'verify' } }, { 'redis.password': 'se:cr@et' }],
    ['redis://app:a/b#c@cache:6379/1', { nodes: node('cache'), username: 'app', db: 1 }, { 'redis.password': 'a/b#c' }],
    ['redis://secret@cache', { username: '' }, { 'redis.password': 'secret' }],
    ['valkey://cache?db=4', { nodes: node('cache'), db: 4 }, {}],
    ['redis://[::1]:7000', { nodes: node('::1', 7000) }, {}],
    ['redis://a:7000,b:7001,c', { topology: 'cluster', nodes: [...node('a', 7000), ...node('b', 7001), ...node('c')] }, {}],
    ['redis+sentinel://:pw@s1,s2:26380/main/5', { topology: 'sentinel', sentinelMaster: 'main', db: 5, nodes: [...node('s1', 26_379), ...node('s2', 26_380)] }, { 'redis.password': 'pw' }],
    ['unix:///run/redis.sock?db=2', { socketPath: '/run/redis.sock', nodes: [], db: 2 }, {}],
    ['redis+unix://:pw@/run/redis.sock', { socketPath: '/run/redis.sock' }, { 'redis.password': 'pw' }],
    ['rediss://cache?ssl_cert_reqs=none', { tls: { mode: 'skip' } }, {}],
    ['redis-cli -h cache -p 6380 -a "p w" --user app -n 2', { nodes: node('cache', 6380), username: 'app', db: 2 }, { 'redis.password': 'p w' }],
    ["$ REDISCLI_AUTH='x y' redis-cli -h cache --tls --cacert /ca.pem --sni name GET k", { nodes: node('cache'), tls: { mode: 'verify', caFile: '/ca.pem', serverName: 'name' } }, { 'redis.password': 'x y' }],
    ['kubectl exec -it pod -- redis-cli -s /tmp/r.sock', { socketPath: '/tmp/r.sock' }, {}],
    ['redis-cli -c -u rediss://u:p@cache:7000/0 --insecure', { topology: 'cluster', nodes: node('cache', 7000), username: 'u', tls: { mode: 'skip' } }, { 'redis.password': 'p' }],
    ['redis-cli \\\n  -h cache \\\n  -p 1234', { nodes: node('cache', 1234) }, {}],
    ['export REDIS_URL="redis://:pw@cache:6379/1"', { nodes: node('cache'), db: 1 }, { 'redis.password': 'pw' }],
    ['REDIS_HOST=cache\nREDIS_PORT=6390\nREDIS_PASSWORD=\'a#b\' # comment\nREDIS_TLS=true', { nodes: node('cache', 6390), tls: { mode: 'verify' } }, { 'redis.password': 'a#b' }],
    ['cache.windows.net:6380,password=abc=,ssl=True,abortConnect=False', { nodes: node('cache.windows.net', 6380), tls: { mode: 'verify' } }, { 'redis.password': 'abc=' }],
    ['cache', { nodes: node('cache') }, {}],
    ['10.0.0.1:6390', { nodes: node('10.0.0.1', 6390) }, {}],
    ['[::1]:6390', { nodes: node('::1', 6390) }, {}],
    ['/var/run/redis/redis.sock', { socketPath: '/var/run/redis/redis.sock' }, {}],
    ['"redis://cache"', { nodes: node('cache') }, {}],
  ])('reads %j', (text, redis, secrets) => {
    const parsed = parseConnectionText(text);
    expect(parsed.redis).toMatchObject(redis);
    expect(parsed.postgres).toBeNull();
    expect(parsed.secrets).toEqual(secrets);
  });
});

describe('Postgres', () => {
  test.each<[string, object, object]>([
    ['postgres://me:p%2Fw@db:5433/shop?sslmode=verify-full', { host: 'db', port: 5433, user: 'me', database: 'shop', sslMode: 'verify-full' }, { 'postgres.password': 'p/w' }],
    ['postgresql:///shop?host=/var/run/postgresql', { host: '/var/run/postgresql', database: 'shop' }, {}],
    ['postgresql://%2Fvar%2Frun/shop', { host: '/var/run', database: 'shop' }, {}],
    ['jdbc:postgresql://db:5432/shop?user=me&password=pw&ssl=true', { host: 'db', user: 'me', sslMode: 'require' }, { 'postgres.password': 'pw' }],
    ["host=db port=5433 dbname='my shop' user=me password='it\\'s'", { host: 'db', port: 5433, database: 'my shop', user: 'me' }, { 'postgres.password': "it's" }],
    ['PGPASSWORD=pw psql -h db -p 5433 -U me shop', { host: 'db', port: 5433, user: 'me', database: 'shop' }, { 'postgres.password': 'pw' }],
    ['psql "host=db dbname=shop sslmode=require"', { host: 'db', database: 'shop', sslMode: 'require' }, {}],
    ['psql --host=db --username=me -d shop -c "select 1"', { host: 'db', user: 'me', database: 'shop' }, {}],
    ['PGHOST=db\nPGUSER=me\nPGPASSWORD=pw', { host: 'db', user: 'me' }, { 'postgres.password': 'pw' }],
    ['db:5432', { host: 'db', port: 5432 }, {}],
  ])('reads %j', (text, postgres, secrets) => {
    const parsed = parseConnectionText(text);
    expect(parsed.postgres).toMatchObject(postgres);
    expect(parsed.redis).toBeNull();
    expect(parsed.secrets).toEqual(secrets);
  });
});

describe('both sides', () => {
  const b64 = (text: string): string => btoa(text);
  test.each([
    ['.env lines', 'DATABASE_URL=postgres://me:a@db/shop\nREDIS_URL=redis://:b@cache/1\nOTHER=1'],
    ['two URLs', 'redis://:b@cache/1\npostgres://me:a@db/shop'],
    ['a Kubernetes secret', `apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ndata:\n  DATABASE_URL: ${b64('postgres://me:a@db/shop\n')}\nstringData:\n  REDIS_URL: redis://:b@cache/1\n`],
  ])('come from %s', (_what, text) => {
    const parsed = parseConnectionText(text);
    expect(parsed.redis).toMatchObject({ nodes: node('cache'), db: 1 });
    expect(parsed.postgres).toMatchObject({ host: 'db', user: 'me', database: 'shop' });
    expect(parsed.secrets).toEqual({ 'redis.password': 'b', 'postgres.password': 'a' });
  });
});

test.each(['', '   ', 'http://cache', 'hello there, who are you?', 'redis://cache:99999', 'redis://cache/notadb', 'redis-cli -h', 'FOO=bar', '{"a":1}', 'redis-cli -a "open', 'mysql://u:topsecret@h/d', 'unix://', 'x'.repeat(200_000)])(
  'refuses %j without quoting it',
  (text) => {
    expect(() => parseConnectionText(text)).toThrow(expect.objectContaining({ code: 'PARSE_FAILED' }));
    try {
      parseConnectionText(text);
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain('topsecret');
      expect(String(error)).not.toContain('topsecret');
    }
  },
);

test('secrets are masked in what is shown', () => {
  const parsed = parseConnectionText('REDIS_URL=redis://app:hush-1@cache\nDATABASE_URL=postgres://me:hush-2@db/shop');
  expect(JSON.stringify(parsed.parts)).not.toContain('hush');
  expect(parsed.parts.filter((part) => part.secret).map((part) => part.label)).toEqual(['Redis password', 'Postgres password']);
});

test('any password survives a URL, percent-encoded', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.isWellFormed()), fc.constantFrom('redis', 'postgres'), (password, scheme) => {
      const parsed = parseConnectionText(`${scheme}://user:${encodeURIComponent(password)}@host:7000/1`);
      expect(parsed.secrets[`${scheme}.password` as 'redis.password']).toBe(password);
    }),
  );
});

test('any password survives a redis-cli line, quoted for the shell', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }).filter((text) => !/[\n\r]/u.test(text)), (password) => {
      const quoted = `'${password.replaceAll("'", String.raw`'\''`)}'`;
      expect(parseConnectionText(`redis-cli -h host -a ${quoted} -n 1`).secrets['redis.password']).toBe(password);
    }),
  );
});

test('no text makes it fail otherwise', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string().map((text) => `redis://${text}`), fc.string().map((text) => `PGHOST=${text}`), fc.string().map((text) => `redis-cli ${text}`)), (text) => {
      try {
        const parsed = parseConnectionText(text);
        expect(parsed.redis !== null || parsed.postgres !== null).toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ code: 'PARSE_FAILED' });
      }
    }),
  );
});
