import { addForeign, fieldsOf, numberOf, textOf, type Fields } from './draft-of.ts';
import type { ImportResult } from './read-import.ts';

function tlsOf(entry: Fields, notes: string[]): Record<string, unknown> {
  if (entry.get('tls') !== true) return { mode: 'off' };
  if (entry.get('caCert')) notes.push('The CA certificate is inside the export: save it as a file and choose it');
  if (entry.get('clientCert')) notes.push('The client certificate is inside the export: save it as files and choose them');
  // Its "verify" is off by default; here a connection verifies unless somebody decides otherwise.
  if (entry.get('verifyServerCert') === false) notes.push('The certificate was not verified there; it is verified here');
  return { mode: 'verify', serverName: textOf(entry, 'tlsServername') };
}

function sshOf(entry: Fields, notes: string[]): { ssh: Record<string, unknown> | null; password: string; passphrase: string } {
  const ssh = fieldsOf(entry.get('sshOptions'));
  if (entry.get('ssh') !== true || ssh.size === 0) return { ssh: null, password: '', passphrase: '' };
  const hasKey = textOf(ssh, 'privateKey') !== '';
  if (hasKey) notes.push('The SSH key is inside the export: save it as a file and choose it');
  return {
    ssh: { host: textOf(ssh, 'host'), port: numberOf(ssh, 'port', 22), user: textOf(ssh, 'username'), auth: hasKey ? 'key' : 'password' },
    password: textOf(ssh, 'password'),
    passphrase: textOf(ssh, 'passphrase'),
  };
}

/** RedisInsight's database export: a list of objects with `host`, `port` and `connectionType`. `null` when it is none. */
export function readRedisInsight(json: unknown): ImportResult | null {
  if (!Array.isArray(json) || !json.some((each) => fieldsOf(each).has('host') && fieldsOf(each).has('port'))) return null;
  const result: ImportResult = { source: 'redisinsight', found: [], skipped: [] };
  for (const each of json) {
    const entry = fieldsOf(each);
    const notes: string[] = [];
    const sentinel = fieldsOf(entry.get('sentinelMaster'));
    const type = textOf(entry, 'connectionType');
    const isSentinel = type === 'SENTINEL' || sentinel.size > 0;
    const ssh = sshOf(entry, notes);
    const password = textOf(entry, 'password');
    addForeign(result, {
      name: textOf(entry, 'name') || `${textOf(entry, 'host')}:${textOf(entry, 'port')}`,
      delimiters: [':'],
      readOnly: false,
      redis: {
        topology: isSentinel ? 'sentinel' : type === 'CLUSTER' ? 'cluster' : 'auto',
        nodes: [{ host: textOf(entry, 'host'), port: numberOf(entry, 'port', 6379) }],
        sentinelMaster: textOf(sentinel, 'name'),
        sentinelUsername: isSentinel ? textOf(entry, 'username') : '',
        username: isSentinel ? textOf(sentinel, 'username') : textOf(entry, 'username'),
        db: numberOf(entry, 'db', 0),
        tls: tlsOf(entry, notes),
        ssh: ssh.ssh,
      },
      secrets: {
        'redis.password': isSentinel ? textOf(sentinel, 'password') : password,
        'redis.sentinelPassword': isSentinel ? password : '',
        'redis.sshPassword': ssh.password,
        'redis.sshPassphrase': ssh.passphrase,
      },
      notes,
    });
  }
  return result;
}
