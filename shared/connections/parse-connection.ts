import { parsePsql, parseRedisCli } from './parse-command.ts';
import { parseConninfo } from './parse-conninfo.ts';
import { assemble, parseFailure, type ParsedConnection } from './parsed-connection.ts';
import { fromNamedValues, parseAddress, parseEnvLines, parseKubernetes, parseStackExchange } from './parse-settings.ts';
import { parsePostgresUrl, parseRedisUrl, splitUrl } from './parse-url.ts';
import { shellWords } from './shell-words.ts';

const longest = 100_000;

function fromNamed(values: ReadonlyMap<string, string>): ParsedConnection {
  const { redis, postgres } = fromNamedValues(values);
  if (redis === null && postgres === null) throw parseFailure('None of the names says where a Redis or a Postgres is');
  return assemble(redis, postgres);
}

function fromLine(line: string): ParsedConnection | null {
  const redis = parseRedisUrl(line);
  if (redis !== null) return assemble(redis, null);
  const postgres = parsePostgresUrl(line);
  if (postgres !== null) return assemble(null, postgres);
  if (/(?:^|[\s/\\])(?:redis|valkey|keydb)-cli(?:\.exe)?(?:\s|$)/u.test(line)) {
    const found = parseRedisCli(shellWords(line));
    if (found !== null) return assemble(found, null);
  }
  if (/(?:^|[\s/\\])(?:psql|pgcli|pg_dump|pg_isready)(?:\.exe)?(?:\s|$)/u.test(line)) {
    const found = parsePsql(shellWords(line));
    if (found !== null) return assemble(null, found);
  }
  const conninfo = parseConninfo(line);
  if (conninfo !== null) return assemble(null, conninfo);
  const stackExchange = parseStackExchange(line);
  if (stackExchange !== null) return assemble(stackExchange, null);
  return null;
}

/** A bare socket file, or one or more `host[:port]`. A port of Postgres's range makes it a Postgres. */
function fromAddress(line: string): ParsedConnection | null {
  if (/^\/[^\s,]+$/u.test(line)) return assemble({ nodes: [], socketPath: line, warnings: [] }, null);
  const addresses = line.split(/[\s,]+/u).map(parseAddress);
  if (addresses.some((each) => each === null)) return null;
  const nodes = addresses.flatMap((each) => (each === null ? [] : [each]));
  const first = nodes[0];
  if (first === undefined || (line.split(/\s+/u).length > 1 && nodes.every((each) => each.port === 0))) return null;
  if (nodes.length === 1 && (first.port === 5432 || first.port === 5433)) return assemble(null, { host: first.host, port: first.port, warnings: [] });
  return assemble({ nodes: nodes.map((each) => ({ host: each.host, port: each.port === 0 ? 6379 : each.port })), warnings: [] }, null);
}

/**
 * Reads whatever names a server: Redis, Valkey, Postgres and JDBC URLs, `redis-cli` and `psql` lines, `.env` lines,
 * Kubernetes secrets, libpq's conninfo, StackExchange.Redis strings, `host:port`, a socket's path. Several `.env`
 * lines, or a URL of each kind, give both sides. Throws PARSE_FAILED, which never quotes the text.
 */
export function parseConnectionText(text: string): ParsedConnection {
  const given = text.trim();
  if (given === '') throw parseFailure('There is nothing to read');
  if (given.length > longest) throw parseFailure('The text is too long to be a connection');
  const kubernetes = parseKubernetes(given);
  if (kubernetes !== null) return fromNamed(kubernetes);
  const joined = given.replaceAll(/\\\r?\n\s*/gu, ' ').replace(/^\$\s+/u, '');
  const plain = /^(["'`])([\s\S]*)\1$/u.exec(joined)?.[2] ?? joined;
  const direct = plain.includes('\n') ? null : fromLine(plain);
  if (direct !== null) return direct;
  const lines = plain.split(/\r?\n/u).map((line) => line.trim()).filter((line) => line !== '');
  if (lines.length > 1 && lines.every((line) => splitUrl(line) !== null)) {
    return fromNamed(new Map(lines.map((line, at) => [`URL_${at}`, line])));
  }
  const named = parseEnvLines(plain);
  const looksNamed = named !== null && [...named.keys()].some((name) => /redis|valkey|cache|pg|postgres|database|db|url|uri|dsn/iu.test(name));
  if (named !== null && looksNamed && /=|\n|:\s/u.test(plain)) return fromNamed(named);
  const address = fromAddress(plain);
  if (address !== null) return address;
  const scheme = splitUrl(plain)?.scheme;
  throw parseFailure(scheme === undefined ? 'The text names no server that is understood' : 'The URL is neither a Redis nor a Postgres one');
}
