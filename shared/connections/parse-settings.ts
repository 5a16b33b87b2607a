import { parse, YAMLParseError } from 'yaml';
import { bytesFromBase64, utf8OrNull } from '../bytes.ts';
import { postgresFromEnvironment } from './parse-command.ts';
import { dbNumber, portNumber, type PostgresFound, type RedisFound } from './parsed-connection.ts';
import { parsePostgresUrl, parseRedisUrl, splitHostPort } from './parse-url.ts';

function unquoted(text: string): string {
  const double = /^"((?:[^"\\]|\\.)*)"/su.exec(text);
  if (double) return (double[1] ?? '').replaceAll(/\\(["\\$`])/gu, '$1');
  const single = /^'([^']*)'/su.exec(text);
  if (single) return single[1] ?? '';
  return text.replace(/\s+#.*$/u, '').trim();
}

/** `.env` lines: `NAME=value`, with `export`, quotes and comments; `null` when a line is something else. */
export function parseEnvLines(text: string): Map<string, string> | null {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/u)) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const match = /^(?:export\s+|set\s+|-\s+)?([A-Za-z_][\w.]*)\s*[=:]\s*(.*)$/su.exec(trimmed);
    if (match === null) return null;
    values.set(match[1] ?? '', unquoted(match[2] ?? ''));
  }
  return values.size === 0 ? null : values;
}

/** A Kubernetes Secret or ConfigMap: `stringData` as it stands, a Secret's `data` from base64; `null` when it is none. */
export function parseKubernetes(text: string): Map<string, string> | null {
  if (!/^\s*kind:\s*(Secret|ConfigMap)\s*$/mu.test(text)) return null;
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 10 });
  } catch (error) {
    if (error instanceof YAMLParseError) return null;
    throw error;
  }
  const fields = new Map(typeof document === 'object' && document !== null ? Object.entries(document) : []);
  const entries = (name: string): [string, string][] => {
    const part: unknown = fields.get(name);
    if (typeof part !== 'object' || part === null) return [];
    return Object.entries(part).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  };
  const encoded = fields.get('kind') === 'Secret';
  const values = new Map<string, string>();
  for (const [name, value] of entries('data')) {
    const compact = value.replaceAll(/\s/gu, '');
    const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/u.test(compact);
    values.set(name, encoded && isBase64 ? (utf8OrNull(bytesFromBase64(compact)) ?? '').replace(/\n$/u, '') : value);
  }
  for (const [name, value] of entries('stringData')) values.set(name, value);
  return values.size === 0 ? null : values;
}

function redisFromNames(values: ReadonlyMap<string, string>): RedisFound | null {
  const get = (...names: string[]): string | undefined => names.map((name) => values.get(name)).find((value) => value !== undefined && value !== '');
  const hosts = get('REDIS_HOST', 'REDIS_HOSTNAME', 'VALKEY_HOST', 'CACHE_HOST', 'REDIS_ENDPOINT', 'REDIS_ADDR');
  if (hosts === undefined) return null;
  const given = splitHostPort(hosts);
  const db = get('REDIS_DB', 'REDIS_DATABASE', 'VALKEY_DB');
  return {
    nodes: [{ host: given.host, port: portNumber(given.port || (get('REDIS_PORT', 'VALKEY_PORT', 'CACHE_PORT') ?? ''), 6379) }],
    username: get('REDIS_USERNAME', 'REDIS_USER', 'VALKEY_USERNAME'),
    password: get('REDIS_PASSWORD', 'REDIS_AUTH', 'REDIS_PASS', 'VALKEY_PASSWORD', 'REDIS_AUTH_TOKEN'),
    db: db === undefined ? undefined : dbNumber(db),
    tls: /^(true|1|yes|on)$/iu.test(get('REDIS_TLS', 'REDIS_SSL', 'REDIS_TLS_ENABLED', 'VALKEY_TLS') ?? ''),
    warnings: [],
  };
}

/** Both sides from named values: URLs first, then `REDIS_HOST` and its relatives, `PG*` and its relatives. */
export function fromNamedValues(named: ReadonlyMap<string, string>): { redis: RedisFound | null; postgres: PostgresFound | null } {
  const values = new Map([...named].map(([name, value]) => [name.toUpperCase().replaceAll(/[.-]/gu, '_'), value]));
  let redis: RedisFound | null = null;
  let postgres: PostgresFound | null = null;
  for (const value of values.values()) {
    redis ??= parseRedisUrl(value);
    postgres ??= parsePostgresUrl(value);
  }
  const password = values.get('REDIS_PASSWORD');
  if (redis !== null && redis.password === undefined && password !== undefined) redis.password = password;
  return { redis: redis ?? redisFromNames(values), postgres: postgres ?? postgresFromEnvironment(values) };
}

/** StackExchange.Redis: `host:port,host:port,password=…,ssl=True`; `null` when it is none. */
export function parseStackExchange(text: string): RedisFound | null {
  const pieces = text.trim().split(',').map((each) => each.trim());
  const options = new Map<string, string>();
  const nodes: { host: string; port: number }[] = [];
  for (const piece of pieces) {
    const option = /^([A-Za-z]+)=(.*)$/su.exec(piece);
    if (option) options.set((option[1] ?? '').toLowerCase(), option[2] ?? '');
    else {
      const address = parseAddress(piece);
      if (address === null) return null;
      nodes.push(address);
    }
  }
  if (nodes.length === 0 || options.size === 0) return null;
  const tls = /^true$/iu.test(options.get('ssl') ?? '');
  const db = options.get('defaultdatabase');
  return {
    nodes: nodes.map((each) => ({ host: each.host, port: each.port === 0 ? (tls ? 6380 : 6379) : each.port })),
    topology: options.has('servicename') ? 'sentinel' : undefined,
    sentinelMaster: options.get('servicename'),
    username: options.get('user'),
    password: options.get('password'),
    db: db === undefined ? undefined : dbNumber(db),
    tls,
    serverName: options.get('sslhost'),
    warnings: [],
  };
}

/** A host name or address, with or without a port (0 = none given); `null` when the text is no address. */
export function parseAddress(text: string): { host: string; port: number } | null {
  const { host, port } = splitHostPort(text.trim());
  if (!/^(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_.])?|[0-9a-f:.]*:[0-9a-f:.]+(?:%\w+)?)$/iu.test(host)) return null;
  if (!/^\d*$/u.test(port)) return null;
  return { host, port: port === '' ? 0 : portNumber(port, 0) };
}
