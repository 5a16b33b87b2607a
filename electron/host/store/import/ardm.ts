import { addForeign, fieldsOf, numberOf, textOf } from './draft-of.ts';
import type { ImportResult } from './read-import.ts';

function decoded(text: string): unknown {
  const compact = text.replaceAll(/\s/gu, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/u.test(compact)) return null;
  try {
    return JSON.parse(Buffer.from(compact, 'base64').toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Another Redis Desktop Manager's `.ano`: a list of connections as JSON in base64. `null` when it is none. */
export function readArdm(text: string): ImportResult | null {
  const json = decoded(text);
  if (!Array.isArray(json)) return null;
  const result: ImportResult = { source: 'ardm', found: [], skipped: [] };
  for (const each of json) {
    const entry = fieldsOf(each);
    const notes: string[] = [];
    const ssh = fieldsOf(entry.get('sshOptions'));
    const tls = fieldsOf(entry.get('sslOptions'));
    const sentinel = fieldsOf(entry.get('sentinelOptions'));
    const isSentinel = sentinel.size > 0;
    if (tls.size > 0) notes.push('The certificate was not verified there; it is verified here');
    const auth = textOf(entry, 'auth');
    const host = textOf(entry, 'host') || '127.0.0.1';
    const isSocket = host.startsWith('/');
    addForeign(result, {
      name: textOf(entry, 'name') || textOf(entry, 'connectionName') || `${host}:${textOf(entry, 'port')}`,
      delimiters: [textOf(entry, 'separator') || ':'],
      readOnly: entry.get('connectionReadOnly') === true,
      redis: {
        topology: isSentinel ? 'sentinel' : entry.get('cluster') === true ? 'cluster' : 'auto',
        nodes: isSocket ? [] : [{ host, port: numberOf(entry, 'port', 6379) }],
        socketPath: isSocket ? host : '',
        sentinelMaster: textOf(sentinel, 'masterName'),
        username: textOf(entry, 'username'),
        tls:
          tls.size === 0
            ? { mode: 'off' }
            : { mode: 'verify', caFile: textOf(tls, 'ca'), certFile: textOf(tls, 'cert'), keyFile: textOf(tls, 'key'), serverName: textOf(tls, 'servername') },
        ssh:
          ssh.size === 0
            ? null
            : {
                host: textOf(ssh, 'host'),
                port: numberOf(ssh, 'port', 22),
                user: textOf(ssh, 'username'),
                auth: textOf(ssh, 'privatekey') === '' ? 'password' : 'key',
                keyFile: textOf(ssh, 'privatekey'),
              },
      },
      secrets: {
        'redis.password': isSentinel ? textOf(sentinel, 'nodePassword') : auth,
        'redis.sentinelPassword': isSentinel ? auth : '',
        'redis.sshPassword': textOf(ssh, 'password'),
        'redis.sshPassphrase': textOf(ssh, 'passphrase'),
      },
      notes,
    });
  }
  return result;
}
