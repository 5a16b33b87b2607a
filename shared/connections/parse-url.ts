import { dbNumber, parseFailure, portNumber, type PostgresFound, type RedisFound } from './parsed-connection.ts';

interface UrlParts {
  scheme: string;
  user: string | undefined;
  password: string | undefined;
  hosts: { host: string; port: string }[];
  path: string;
  query: Map<string, string>;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // A password with a bare percent sign is common in hand-written URLs: it is meant as it stands.
    if (error instanceof URIError) return text;
    throw error;
  }
}

export function splitHostPort(text: string): { host: string; port: string } {
  const bracketed = /^\[([^\]]+)\](?::(\d*))?$/u.exec(text);
  if (bracketed) return { host: bracketed[1] ?? '', port: bracketed[2] ?? '' };
  const colons = text.split(':').length - 1;
  if (colons > 1) return { host: text, port: '' };
  const [host = '', port = ''] = text.split(':');
  return { host, port };
}

/** WHATWG URLs know no list of hosts and no bare `@` or `#` in passwords, so the parts are taken apart here. */
export function splitUrl(text: string): UrlParts | null {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/isu.exec(text.trim());
  if (match === null) return null;
  const rest = match[2] ?? '';
  const at = rest.lastIndexOf('@', authorityEnd(rest));
  const userInfo = at === -1 ? '' : rest.slice(0, at);
  const after = rest.slice(at + 1);
  const end = /[/?#]/u.exec(after)?.index ?? after.length;
  const hosts = after.slice(0, end).split(',').filter((each) => each !== '').map((each) => splitHostPort(decode(each)));
  const tail = after.slice(end).replace(/#.*$/su, '');
  const question = tail.indexOf('?');
  const path = question === -1 ? tail : tail.slice(0, question);
  const query = new URLSearchParams(question === -1 ? '' : tail.slice(question + 1));
  const colon = userInfo.indexOf(':');
  const user = colon === -1 ? userInfo : userInfo.slice(0, colon);
  return {
    scheme: (match[1] ?? '').toLowerCase(),
    user: user === '' ? undefined : decode(user),
    password: colon === -1 ? undefined : decode(userInfo.slice(colon + 1)),
    hosts,
    path: decode(path),
    query: new Map(query),
  };
}

/** The last `@` before the path ends the user part; an `@` may stand in a query or path too. */
function authorityEnd(rest: string): number {
  const clean = /^[^/?#]*@/u.exec(rest);
  if (clean !== null) {
    const end = /[/?#]/u.exec(rest.slice(clean[0].length))?.index;
    return end === undefined ? rest.length : clean[0].length + end;
  }
  // a password may hold an unescaped slash: then the last `@` before the query counts
  const question = rest.indexOf('?');
  return question === -1 ? rest.length : question;
}

const redisSchemes = new Map<string, { tls: boolean; sentinel: boolean; socket: boolean }>(
  ['redis', 'valkey'].flatMap((name) => [
    [name, { tls: false, sentinel: false, socket: false }] as const,
    [`${name}s`, { tls: true, sentinel: false, socket: false }] as const,
    [`${name}+tls`, { tls: true, sentinel: false, socket: false }] as const,
    [`${name}+ssl`, { tls: true, sentinel: false, socket: false }] as const,
    [`${name}+unix`, { tls: false, sentinel: false, socket: true }] as const,
    [`${name}-socket`, { tls: false, sentinel: false, socket: true }] as const,
    [`${name}-sentinel`, { tls: false, sentinel: true, socket: false }] as const,
    [`${name}+sentinel`, { tls: false, sentinel: true, socket: false }] as const,
    [`${name}s+sentinel`, { tls: true, sentinel: true, socket: false }] as const,
  ]),
);
redisSchemes.set('rediss', { tls: true, sentinel: false, socket: false });
redisSchemes.set('unix', { tls: false, sentinel: false, socket: true });

const yes = (value: string | undefined): boolean => value !== undefined && /^(true|1|yes|on|)$/iu.test(value);

/** `redis://[user][:password]@host[:port][,host…][/db]` and its relatives; `null` for another scheme. */
export function parseRedisUrl(text: string): RedisFound | null {
  const url = splitUrl(text);
  const kind = url === null ? undefined : redisSchemes.get(url.scheme);
  if (url === null || kind === undefined) return null;
  const { query } = url;
  const found: RedisFound = {
    nodes: [],
    username: url.user ?? query.get('username') ?? query.get('user'),
    password: url.password ?? query.get('password'),
    tls: kind.tls || yes(query.get('tls')) || yes(query.get('ssl')),
    insecure: /^(none|false|0|no)$/iu.test(query.get('ssl_cert_reqs') ?? query.get('verify') ?? '') || yes(query.get('insecure')),
    caFile: query.get('ssl_ca_certs') ?? query.get('cacert'),
    certFile: query.get('ssl_certfile') ?? query.get('cert'),
    keyFile: query.get('ssl_keyfile') ?? query.get('key'),
    warnings: [],
  };
  // `redis://secret@host` is written by many tools and means a password, as redis-cli reads it
  if (url.user !== undefined && url.password === undefined && !query.has('password')) {
    found.username = undefined;
    found.password = url.user;
    found.warnings.push('The part before @ has no colon: it is read as the password, as redis-cli does');
  }
  const database = query.get('db') ?? query.get('database');
  if (database !== undefined) found.db = dbNumber(database);
  if (kind.socket) {
    found.socketPath = url.hosts.length === 0 ? url.path : `/${url.hosts.map((each) => each.host).join(',')}${url.path}`;
    if (found.socketPath === '' || found.socketPath === '/') throw parseFailure('The URL names no socket file');
    return found;
  }
  const segments = url.path.split('/').filter((each) => each !== '');
  if (kind.sentinel) {
    found.topology = 'sentinel';
    found.nodes = url.hosts.map((each) => ({ host: each.host, port: portNumber(each.port, 26_379) }));
    const named = segments.find((each) => !/^\d+$/u.test(each));
    found.sentinelMaster = query.get('sentinelMasterId') ?? query.get('master') ?? query.get('service_name') ?? named ?? 'mymaster';
    const number = segments.find((each) => /^\d+$/u.test(each));
    if (number !== undefined && found.db === undefined) found.db = dbNumber(number);
    found.sentinelPassword = query.get('sentinelPassword') ?? query.get('sentinel_password');
    found.sentinelUsername = query.get('sentinelUsername') ?? query.get('sentinel_username');
  } else {
    found.nodes = url.hosts.map((each) => ({ host: each.host === '' ? '127.0.0.1' : each.host, port: portNumber(each.port, 6379) }));
    if (segments[0] !== undefined && found.db === undefined) found.db = dbNumber(segments[0]);
  }
  if (found.nodes.length === 0) found.nodes = [{ host: '127.0.0.1', port: kind.sentinel ? 26_379 : 6379 }];
  return found;
}

/** `postgres://` and `postgresql://` as libpq reads them (32.1.1.2), and JDBC's form; `null` for another scheme. */
export function parsePostgresUrl(text: string): PostgresFound | null {
  const plain = text.trim().replace(/^jdbc:/iu, '');
  const url = splitUrl(plain);
  if (url === null || !/^(postgres|postgresql|pgsql|postgis)$/u.test(url.scheme.replace(/\+\w+$/u, ''))) return null;
  const { query } = url;
  const first = url.hosts[0];
  const found: PostgresFound = { warnings: [] };
  if (url.hosts.length > 1) found.warnings.push('Several hosts are named: the first one is used');
  const host = first?.host !== undefined && first.host !== '' ? first.host : query.get('host');
  if (host !== undefined) found.host = host;
  found.port = portNumber(first?.port || (query.get('port') ?? ''), 5432);
  const database = url.path.replace(/^\//u, '');
  found.database = database === '' ? query.get('dbname') : database;
  found.user = url.user ?? query.get('user');
  found.password = url.password ?? query.get('password');
  found.sslMode = query.get('sslmode') ?? (yes(query.get('ssl') ?? 'off') ? 'require' : undefined);
  found.sslRootCert = query.get('sslrootcert');
  found.sslCert = query.get('sslcert');
  found.sslKey = query.get('sslkey');
  found.sslPassword = query.get('sslpassword');
  found.passFile = query.get('passfile');
  found.options = query.get('options');
  return found;
}
