import { dbNumber, parseFailure, portNumber, type PostgresFound, type RedisFound } from './parsed-connection.ts';
import { parsePostgresUrl, parseRedisUrl } from './parse-url.ts';
import { parseConninfo } from './parse-conninfo.ts';

/** Leading `NAME=value` words, and what follows. */
export function splitAssignments(words: readonly string[]): { environment: Map<string, string>; rest: string[] } {
  const environment = new Map<string, string>();
  let at = 0;
  for (; at < words.length; at += 1) {
    const match = /^([A-Za-z_]\w*)=(.*)$/su.exec(words[at] ?? '');
    if (match === null) break;
    environment.set(match[1] ?? '', match[2] ?? '');
  }
  return { environment, rest: words.slice(at) };
}

function baseName(path: string | undefined): string {
  return (path ?? '').replace(/^.*[/\\]/u, '').replace(/\.exe$/iu, '').toLowerCase();
}

/** `redis-cli` and `valkey-cli` with their options (Redis documentation, "redis-cli"); `null` for another program. */
export function parseRedisCli(words: readonly string[]): RedisFound | null {
  const { environment, rest } = splitAssignments(words);
  const program = rest.findIndex((word) => /^(redis|valkey|keydb)-cli$/u.test(baseName(word)));
  if (program === -1) return null;
  const args = rest.slice(program + 1);
  let found: RedisFound = { nodes: [], password: environment.get('REDISCLI_AUTH') ?? environment.get('VALKEYCLI_AUTH'), warnings: [] };
  let host = '127.0.0.1';
  let port = 6379;
  for (let at = 0; at < args.length; at += 1) {
    const option = args[at] ?? '';
    const value = (): string => {
      at += 1;
      const next = args[at];
      if (next === undefined) throw parseFailure(`${option} has no value`);
      return next;
    };
    if (option === '-h') host = value();
    else if (option === '-p') port = portNumber(value(), 6379);
    else if (option === '-s') found.socketPath = value();
    else if (option === '-a' || option === '--pass') found.password = value();
    else if (option === '--user') found.username = value();
    else if (option === '-n') found.db = dbNumber(value());
    else if (option === '-c') found.topology = 'cluster';
    else if (option === '--tls') found.tls = true;
    else if (option === '--insecure') found.insecure = true;
    else if (option === '--cacert') found.caFile = value();
    else if (option === '--cert') found.certFile = value();
    else if (option === '--key') found.keyFile = value();
    else if (option === '--sni') found.serverName = value();
    else if (option === '-u') {
      const url = parseRedisUrl(value());
      if (url === null) throw parseFailure('The URL after -u is not a Redis URL');
      found = { ...found, ...Object.fromEntries(Object.entries(url).filter(([, each]) => each !== undefined)), warnings: [...found.warnings, ...url.warnings] };
    } else if (option === '-r' || option === '-i' || option === '-d' || option === '-D' || option === '-t' || option === '--cacertdir') value();
    else if (!option.startsWith('-')) break;
  }
  if (found.nodes.length === 0) found.nodes = [{ host, port }];
  return found;
}

/** `psql` with its connection options, a URL or a conninfo string; `null` for another program. */
export function parsePsql(words: readonly string[]): PostgresFound | null {
  const { environment, rest } = splitAssignments(words);
  const program = rest.findIndex((word) => /^(psql|pg_dump|pgcli|pg_isready)$/u.test(baseName(word)));
  if (program === -1) return null;
  const args = rest.slice(program + 1);
  let found: PostgresFound = postgresFromEnvironment(environment) ?? { warnings: [] };
  const positional: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    const match = /^(-h|-p|-U|-d|--host|--port|--username|--dbname)(?:=(.*))?$/su.exec(arg) ?? /^(-[hpUd])(.+)$/su.exec(arg);
    if (match === null) {
      if (/^-[cfvoPFRTL]$/u.test(arg)) at += 1;
      else if (!arg.startsWith('-')) positional.push(arg);
      continue;
    }
    let value = match[2];
    if (value === undefined) {
      at += 1;
      value = args[at];
    }
    if (value === undefined) throw parseFailure(`${arg} has no value`);
    const name = match[1] ?? '';
    if (name === '-h' || name === '--host') found.host = value;
    else if (name === '-p' || name === '--port') found.port = portNumber(value, 5432);
    else if (name === '-U' || name === '--username') found.user = value;
    else positional.unshift(value);
  }
  const [database, user] = positional;
  if (database !== undefined) {
    const given = parsePostgresUrl(database) ?? parseConninfo(database);
    if (given === null) found.database = database;
    else found = { ...found, ...Object.fromEntries(Object.entries(given).filter(([, each]) => each !== undefined)) };
  }
  if (user !== undefined && found.user === undefined) found.user = user;
  return found;
}

/** libpq's environment variables (PostgreSQL documentation, 32.15); `null` when none is there. */
export function postgresFromEnvironment(environment: ReadonlyMap<string, string>): PostgresFound | null {
  const get = (name: string): string | undefined => environment.get(name) || undefined;
  const found: PostgresFound = {
    host: get('PGHOST') ?? get('POSTGRES_HOST') ?? get('DB_HOST'),
    user: get('PGUSER') ?? get('POSTGRES_USER') ?? get('DB_USER') ?? get('DB_USERNAME'),
    password: get('PGPASSWORD') ?? get('POSTGRES_PASSWORD') ?? get('DB_PASSWORD'),
    database: get('PGDATABASE') ?? get('POSTGRES_DB') ?? get('DB_NAME') ?? get('DB_DATABASE'),
    sslMode: get('PGSSLMODE'),
    sslRootCert: get('PGSSLROOTCERT'),
    sslCert: get('PGSSLCERT'),
    sslKey: get('PGSSLKEY'),
    passFile: get('PGPASSFILE'),
    options: get('PGOPTIONS'),
    warnings: [],
  };
  const port = get('PGPORT') ?? get('POSTGRES_PORT') ?? get('DB_PORT');
  if (port !== undefined) found.port = portNumber(port, 5432);
  if (get('PGSERVICE') !== undefined) found.warnings.push('PGSERVICE is not read: give the host itself');
  return Object.entries(found).some(([name, value]) => name !== 'warnings' && value !== undefined) ? found : null;
}
