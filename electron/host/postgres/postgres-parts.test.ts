import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { PostgresProfile } from '../../../shared/contract/workspaces.ts';
import { fillFromEnvironment, profileFromEnvironment } from './libpq-environment.ts';
import { planTls } from './libpq-tls.ts';
import { passwordInPgpass } from './pgpass.ts';
import { translatePostgresError } from './postgres-errors.ts';

const home = mkdtempSync(join(tmpdir(), 'pg-parts-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const profile = (changes: Partial<PostgresProfile> = {}): PostgresProfile => ({
  host: 'db',
  port: 5432,
  user: 'me',
  database: 'shop',
  sslMode: 'prefer',
  sslRootCert: '',
  sslCert: '',
  sslKey: '',
  passFile: '',
  options: '',
  ssh: null,
  ...changes,
});

describe('errors', () => {
  const place = { target: { host: 'db', port: 5432 }, user: 'me', database: 'shop', encrypted: false };
  test.each([
    ['28P01', 'auth_failed', 'PG_WRONG_PASSWORD'],
    ['28000', 'ClientAuthentication', 'PG_NO_HBA_ENTRY'],
    ['28000', 'InitializeSessionUserId', 'PG_WRONG_ROLE'],
    ['3D000', 'InitPostgres', 'PG_WRONG_DATABASE'],
    ['53300', 'InitProcess', 'PG_TOO_MANY_CONNECTIONS'],
    ['57P03', 'ProcessStartupPacket', 'PG_STARTING_UP'],
    ['57P01', 'ProcessInterrupts', 'CONNECTION_LOST'],
    ['42501', 'aclcheck_error', 'PG_NO_PERMISSION'],
    ['25006', 'PreventCommandIfReadOnly', 'READ_ONLY'],
    ['57014', 'ProcessInterrupts', 'PG_QUERY_FAILED'],
    ['42601', 'scanner_yyerror', 'PG_QUERY_FAILED'],
  ])('%s of %s is %s, in whatever language the server speaks', (code, routine, expected) => {
    const error = Object.assign(new Error('Etwas ist schiefgegangen'), { code, routine, severity: 'FATAL' });
    const translated = translatePostgresError(error, place);
    expect(translated.code).toBe(expected);
    expect(translated.details['sqlstate']).toBe(code);
  });

  test('of the socket and of the driver are told apart', () => {
    expect(translatePostgresError(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), place).code).toBe('CONNECTION_REFUSED');
    // five letters, but no ErrorResponse
    expect(translatePostgresError(Object.assign(new Error('x'), { code: 'EPIPE' }), place).code).toBe('CONNECTION_LOST');
    expect(translatePostgresError(new Error('Connection terminated unexpectedly'), place).code).toBe('CONNECTION_LOST');
  });
});

describe('.pgpass', () => {
  const text = ['# a comment:5432:*:*:no', 'db:5432:shop:me:first', 'db:*:*:me:with\\:colon\\\\and:more', '\\*:*:*:*:literal star', 'short:line', '*:*:*:*:last'].join('\n');
  test.each([
    [['db', '5432', 'shop', 'me'], 'first'],
    [['db', '5433', 'shop', 'me'], 'with:colon\\and:more'],
    [['*', '1', 'x', 'y'], 'literal star'],
    [['other', '1', 'x', 'y'], 'last'],
  ] as const)('%j gets %s', (wanted, password) => {
    expect(passwordInPgpass(text, [...wanted])).toBe(password);
  });

  test('any value survives its escapes', () => {
    const field = fc.string({ minLength: 1 }).filter((value) => !/[\r\n]/.test(value));
    const escape = (value: string): string => value.replaceAll(/[\\:]/g, '\\$&').replace(/^\*$/, '\\*');
    fc.assert(
      fc.property(fc.array(field, { minLength: 5, maxLength: 5 }), (fields) => {
        fc.pre(!fields[0]?.startsWith('#'));
        const [host = '', port = '', database = '', user = '', password = ''] = fields;
        expect(passwordInPgpass(fields.map(escape).join(':'), [host, port, database, user])).toBe(password);
      }),
    );
  });
});

describe('the environment', () => {
  test('makes a profile only when it names something', () => {
    expect(profileFromEnvironment({ HOME: home }).profile).toBeNull();
    expect(profileFromEnvironment({ PGHOST: 'a,b', PGPORT: '6000', PGSSLMODE: 'REQUIRE', PGSERVICE: 's' })).toMatchObject({
      profile: { host: 'a', port: 6000, sslMode: 'require' },
      notes: ['PGSERVICE is set but not supported', 'PGHOST names several servers; the first is used'],
    });
    expect(profileFromEnvironment({ PGHOST: 'a', PGPORT: '99999' }).profile?.port).toBe(5432);
  });

  test('fills what a profile leaves open and nothing else', () => {
    const environment = { PGHOST: 'env', PGUSER: 'env', PGDATABASE: 'env', PGSSLROOTCERT: '/env', PGOPTIONS: '-c a=b' };
    expect(fillFromEnvironment(profile(), environment).profile).toMatchObject({ host: 'db', user: 'me', database: 'shop', sslRootCert: '/env', options: '-c a=b' });
    expect(fillFromEnvironment(profile({ host: '', user: '' }), environment).profile).toMatchObject({ host: 'env', user: 'env' });
    expect(fillFromEnvironment(profile({ host: '' }), {}).profile.host).toBe('localhost');
  });
});

test.each([
  ['disable', ['plain']],
  ['allow', ['plain', 'tls']],
  ['prefer', ['tls', 'plain']],
  ['require', ['tls']],
] as const)('sslmode %s tries %j', async (sslMode, attempts) => {
  expect((await planTls(profile({ sslMode }), {}, { HOME: home })).attempts).toEqual(attempts);
  // libpq never encrypts a unix socket
  expect((await planTls(profile({ sslMode, host: '/run/postgresql' }), {}, { HOME: home })).attempts).toEqual(['plain']);
});
