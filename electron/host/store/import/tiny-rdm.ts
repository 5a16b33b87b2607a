import { strFromU8, unzipSync } from 'fflate';
import { parse, YAMLParseError } from 'yaml';
import { addForeign, fieldsOf, numberOf, textOf, type Fields } from './draft-of.ts';
import type { ImportResult } from './read-import.ts';

/** Beginning of a zip file in base64. */
const zipInBase64 = /^UEsDB/u;
const largestYaml = 4_000_000;

function yamlText(text: string): string | null {
  if (!zipInBase64.test(text)) return text;
  try {
    const files = unzipSync(Buffer.from(text, 'base64'), { filter: (file) => /\.ya?ml$/u.test(file.name) && file.originalSize < largestYaml });
    const first = Object.values(files)[0];
    return first === undefined ? null : strFromU8(first);
  } catch (error) {
    // fflate throws plain errors for a damaged archive
    if (error instanceof Error) return null;
    throw error;
  }
}

function listOf(text: string): unknown[] | null {
  try {
    const json: unknown = parse(text, { maxAliasCount: 10 });
    return Array.isArray(json) ? json : null;
  } catch (error) {
    if (error instanceof YAMLParseError || error instanceof ReferenceError) return null;
    throw error;
  }
}

function flat(entries: readonly unknown[]): Fields[] {
  return entries.flatMap((each) => {
    const entry = fieldsOf(each);
    const inner = entry.get('connections');
    return textOf(entry, 'type') === 'group' && Array.isArray(inner) ? flat(inner) : [entry];
  });
}

const loginTypes = new Map([
  ['pwd', 'password'],
  ['pkfile', 'key'],
  ['agent', 'agent'],
]);

/** Tiny RDM's `connections.yaml`, or its zip in base64: entries and groups of entries. `null` when it is none. */
export function readTinyRdm(text: string): ImportResult | null {
  const yaml = yamlText(text.trim());
  const entries = yaml === null ? null : listOf(yaml);
  if (entries === null || !flat(entries).some((entry) => entry.has('addr') || entry.has('sock'))) return null;
  const result: ImportResult = { source: 'tinyrdm', found: [], skipped: [] };
  for (const entry of flat(entries)) {
    const notes: string[] = [];
    const part = (name: string): Fields => {
      const fields = fieldsOf(entry.get(name));
      return fields.get('enable') === true ? fields : new Map();
    };
    const [ssl, ssh, sentinel, cluster] = [part('ssl'), part('ssh'), part('sentinel'), part('cluster')];
    const isSocket = textOf(entry, 'network') === 'unix';
    const isSentinel = sentinel.size > 0;
    const password = textOf(entry, 'password');
    if (ssl.get('allow_insecure') === true) notes.push('The certificate was not verified there; it is verified here');
    addForeign(result, {
      name: textOf(entry, 'name'),
      delimiters: [textOf(entry, 'key_separator') || ':'],
      readOnly: false,
      redis: {
        topology: isSentinel ? 'sentinel' : cluster.size > 0 ? 'cluster' : 'auto',
        nodes: isSocket ? [] : [{ host: textOf(entry, 'addr'), port: numberOf(entry, 'port', 6379) }],
        socketPath: isSocket ? textOf(entry, 'sock') : '',
        sentinelMaster: textOf(sentinel, 'master'),
        sentinelUsername: isSentinel ? textOf(entry, 'username') : '',
        username: isSentinel ? textOf(sentinel, 'username') : textOf(entry, 'username'),
        db: numberOf(entry, 'last_db', 0),
        tls:
          ssl.size === 0
            ? { mode: 'off' }
            : { mode: 'verify', caFile: textOf(ssl, 'ca_file'), certFile: textOf(ssl, 'cert_file'), keyFile: textOf(ssl, 'key_file'), serverName: textOf(ssl, 'sni') },
        ssh:
          ssh.size === 0
            ? null
            : {
                host: textOf(ssh, 'addr'),
                port: numberOf(ssh, 'port', 22),
                user: textOf(ssh, 'username'),
                auth: loginTypes.get(textOf(ssh, 'login_type')) ?? 'auto',
                keyFile: textOf(ssh, 'pk_file'),
              },
      },
      secrets: {
        'redis.password': isSentinel ? textOf(sentinel, 'password') : password,
        'redis.sentinelPassword': isSentinel ? password : '',
        'redis.sshPassword': textOf(ssh, 'password'),
        'redis.sshPassphrase': textOf(ssh, 'passphrase'),
      },
      notes,
    });
  }
  return result;
}
