import { describe, expect, it } from 'vitest';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { isPermanent, lostConnection, notRedis, translateRedisError, whatAnswers } from './redis-errors.ts';

const target = { host: 'cache.shop', port: 6379 };
const reply = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError', command: { name: 'auth', args: ['s3cret'] } });

describe('translateRedisError', () => {
  it.each([
    ['NOAUTH Authentication required.', 'REDIS_AUTH_REQUIRED'],
    ['ERR operation not permitted', 'REDIS_AUTH_REQUIRED'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'REDIS_WRONG_PASSWORD'],
    ['ERR invalid password', 'REDIS_WRONG_PASSWORD'],
    ["NOPERM User app has no permissions to run the 'config|get' command", 'REDIS_NO_PERMISSION'],
    ['NOPERM this user has no permissions to access one of the keys used as arguments', 'REDIS_NO_PERMISSION'],
    ['DENIED Redis is running in protected mode because protected mode is enabled and no password is set', 'REDIS_PROTECTED_MODE'],
    ['-DENIED Redis is running in protected mode', 'REDIS_PROTECTED_MODE'],
    ['LOADING Redis is loading the dataset in memory', 'REDIS_LOADING'],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'REDIS_MASTER_DOWN'],
    ['CLUSTERDOWN Hash slot not served', 'REDIS_CLUSTER_DOWN'],
    ['CLUSTERDOWN The cluster is down', 'REDIS_CLUSTER_DOWN'],
    ['ERR max number of clients reached', 'REDIS_MAX_CLIENTS'],
    ['ERR max number of clients + cluster connections reached', 'REDIS_MAX_CLIENTS'],
    ['ERR DB index is out of range', 'REDIS_WRONG_DB'],
    ['ERR invalid DB index', 'REDIS_WRONG_DB'],
    ['ERR SELECT is not allowed in cluster mode', 'REDIS_WRONG_DB'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'REDIS_WRONG_TYPE'],
    ["READONLY You can't write against a read only replica.", 'REDIS_READ_ONLY_REPLICA'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'REDIS_OUT_OF_MEMORY'],
    ['BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.', 'REDIS_BUSY'],
    ['MISCONF Redis is configured to save RDB snapshots', 'REDIS_MISCONF'],
    ['NOREPLICAS Not enough good replicas to write.', 'REDIS_MISCONF'],
    ['ERR This instance has cluster support disabled', 'REDIS_CLUSTER_MODE_MISMATCH'],
    ['MOVED 3999 127.0.0.1:6381', 'REDIS_CLUSTER_MODE_MISMATCH'],
    ["CROSSSLOT Keys in request don't hash to the same slot", 'REDIS_COMMAND_FAILED'],
    ['ERR no such key', 'KEY_GONE'],
    ["ERR unknown command 'nope', with args beginning with: 's3cret' ", 'REDIS_COMMAND_FAILED'],
  ])('%s is %s', (message, code) => {
    const error = translateRedisError(reply(message), { target, command: 'GET', user: 'app' });
    expect(error).toMatchObject({ code, details: { host: 'cache.shop', port: 6379, command: 'GET' } });
    expect(error.message).not.toMatch(/undefined|\bwe\b|!/i);
    expect(JSON.stringify([error.message, error.hint, error.details, error.cause ?? null])).not.toContain('s3cret');
  });

  it('names the user, the command and the database', () => {
    expect(translateRedisError(reply("NOPERM User app has no permissions to run the 'config|get' command"), { target, user: 'app' }).message).toBe('The user app may not run CONFIG GET');
    expect(translateRedisError(reply('ERR DB index is out of range'), { target, db: 99 }).message).toBe('cache.shop:6379 has no database 99');
    expect(translateRedisError(reply('CLUSTERDOWN Hash slot not served'), { target }).message).toBe('The cluster is down: Hash slot not served');
  });

  it('leaves an outcome open only for what was sent and may have an effect', () => {
    const closed = new Error('Connection is closed.');
    expect(translateRedisError(closed, { target, command: 'SET', sent: true, effect: true }).code).toBe('OUTCOME_UNKNOWN');
    expect(translateRedisError(closed, { target, command: 'GET', sent: true, effect: false }).code).toBe('CONNECTION_LOST');
    expect(translateRedisError(closed, { target, command: 'SET', sent: false, effect: true }).code).toBe('CONNECTION_LOST');
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(translateRedisError(reset, { target, command: 'SET', sent: true, effect: true }).code).toBe('OUTCOME_UNKNOWN');
    expect(lostConnection({ target: { path: '/run/redis.sock' } }).details).toEqual({ path: '/run/redis.sock' });
  });

  it('passes what is translated, and hands sockets to their own translation', () => {
    const known = new LookasideError('TLS_CERT_EXPIRED', 'x');
    expect(translateRedisError(known, { target })).toBe(known);
    expect(translateRedisError(Object.assign(new Error(''), { code: 'ECONNREFUSED' }), { target }).code).toBe('CONNECTION_REFUSED');
  });

  it('says what answers instead of Redis', () => {
    expect(notRedis({ target }, whatAnswers('HTTP/1.1 400 Bad Request')).message).toBe('cache.shop:6379 is a web server, not Redis');
    expect(whatAnswers('SSH-2.0-OpenSSH')).toBe('an SSH server');
    expect(whatAnswers('\0')).toBe('something else');
  });

  it('tries again by itself only where waiting helps', () => {
    for (const code of ['REDIS_WRONG_PASSWORD', 'REDIS_NO_PERMISSION', 'TLS_CERT_EXPIRED', 'SSH_HOST_KEY_CHANGED'] as const) expect(isPermanent(code)).toBe(true);
    for (const code of ['CONNECTION_REFUSED', 'REDIS_LOADING', 'REDIS_MAX_CLIENTS', 'REDIS_CLUSTER_DOWN', 'DNS_FAILED'] as const) expect(isPermanent(code)).toBe(false);
  });
});
