import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact, redactSql } from './redact.ts';

const secret = 'hunter2-Ωsecret';

/** Every form in which the servers, their tools and their libraries write a credential. */
const forms: ((value: string) => string)[] = [
  (value) => `redis://:${value}@cache:6379/0`,
  (value) => `connect rediss://app:${value}@cache.example.com:6380 failed`,
  (value) => `redis+sentinel://app:${value}@a:1,b:2/main`,
  (value) => `postgres://u:${value}@db/shop?sslmode=require`,
  (value) => `postgresql://db/shop?user=u&password=${value}&sslmode=require`,
  (value) => `host=db user=u password=${value} dbname=shop`,
  (value) => `host=db password='${value}' dbname=shop`,
  (value) => `AUTH ${value}`,
  (value) => `auth app ${value}`,
  (value) => `ReplyError: WRONGPASS at AUTH "app" "${value}"`,
  (value) => `HELLO 3 AUTH app ${value} SETNAME lookaside`,
  (value) => `command ["AUTH", "app", "${value}"]`,
  (value) => `args: [ 'AUTH', '${value}' ]`,
  (value) => `CONFIG SET requirepass ${value}`,
  (value) => `requirepass "${value}"`,
  (value) => `'requirepass', '${value}'`,
  (value) => `masterauth ${value}`,
  (value) => `sentinel auth-pass mymaster ${value}`,
  (value) => `ACL SETUSER app on >${value} ~* +@all`,
  (value) => `redis-cli -h cache -a ${value} ping`,
  (value) => `redis-cli --pass ${value}`,
  (value) => `PGPASSWORD=${value} psql`,
  (value) => `REDISCLI_AUTH=${value}`,
  (value) => `REDIS_PASSWORD: ${value}`,
  (value) => `{"password":"${value}","host":"x"}`,
  (value) => `{ password: '${value}' }`,
  (value) => `{"redis.password":"${value}"}`,
  (value) => `passphrase = ${value}`,
  (value) => `http://127.0.0.1:4100/?token=${value}`,
  (value) => `api_key=${value}`,
  (value) => `ALTER ROLE app PASSWORD '${value}'`,
  (value) => `-----BEGIN OPENSSH PRIVATE KEY-----\n${value}\n-----END OPENSSH PRIVATE KEY-----`,
];

describe('redact', () => {
  it.each(forms.map((form) => [form(secret), form] as const))('hides the secret in %s', (text) => {
    expect(redact(text)).not.toContain('hunter2');
    expect(redact(text)).toContain('***');
  });

  it('hides any secret of printable signs in a URL, escaped or not', () => {
    const signs = fc.stringMatching(/^[\w!$%&()*+,\-./:;=@[\]^{|}~]{4,40}$/u);
    fc.assert(
      fc.property(signs, (value) => {
        expect(redact(`redis://app:${value}@cache:6379`)).toBe('redis://app:***@cache:6379');
        expect(redact(`redis://app:${encodeURIComponent(value)}@cache:6379`)).toBe('redis://app:***@cache:6379');
      }),
    );
  });

  it('leaves the rest readable', () => {
    expect(redact('redis://app:x@cache:6379/2 refused')).toBe('redis://app:***@cache:6379/2 refused');
    for (const plain of ['redis://cache:6379', 'ECONNREFUSED 127.0.0.1:6379', 'SCAN 0 MATCH user:* COUNT 1000', 'session:42 has no TTL', 'author 7', 'at authenticate (session.ts:12)']) {
      expect(redact(plain)).toBe(plain);
    }
  });

  it('takes a long line without a match in no time', () => {
    const begun = performance.now();
    redact(`${'a:/'.repeat(30_000)} ${'password'.repeat(5_000)} ${"'".repeat(20_000)}`);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe('redactSql', () => {
  it('hides the literals of SQL as well', () => {
    expect(redactSql("select * from users where mail = 'a''b@example.org' and age > 41 and note = E'x\\'y' and q = $$body$$")).toBe(
      'select * from users where mail = ? and age > ? and note = ? and q = ?',
    );
    expect(redactSql("insert into cards values ('4111-1111', 12.5)")).toBe('insert into cards values (?, ?)');
    expect(redactSql('select name1 from t2 where id = $1')).toBe('select name1 from t2 where id = $1');
  });

  it('leaves other lines alone', () => {
    expect(redactSql("took 41 ms for 'user:1'")).toBe("took 41 ms for 'user:1'");
  });
});
