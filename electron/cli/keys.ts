import type { ParseArgsConfig } from 'node:util';
import { toWire } from '../../shared/bytes.ts';
import type { KeyFilter } from '../../shared/contract/key-filter.ts';
import type { NamespaceRow } from '../../shared/contract/key-groups.ts';
import { nameBytes } from '../../shared/redis/cli-quote.ts';
import { parse, usageError, wholeNumber } from '../launch/launch-arguments.ts';
import { wholeIndex, type WholeIndex } from './follow-index.ts';
import { namedField, shownName } from './names.ts';
import { onRedis, type RedisSide } from './on-redis.ts';
import { readRedisArguments, redisHelp, redisOptions, type RedisArguments } from './redis-arguments.ts';
import { exitCodes, type Terminal } from './terminal.ts';
import { aligned, counted, lasting, ofKeys, percent } from './words.ts';

/** Rows that one call gives. */
const pageRows = 500;

export const keysHelp = `lookaside keys: the namespaces of a Redis and how many keys each holds, by a gentle SCAN of all of them.

Usage
  lookaside keys --url redis://... [--match GLOB] [--depth N] [--json]

What to count
  --match GLOB            only names that match, as Redis matches (* ? [a-z] \\); "\\xff" in double quotes for bytes
  --prefix TEXT           only names that begin with these bytes, whatever they mean in a glob
  --type TYPE             only keys of one type
  --depth N               namespaces N levels deep (default 1, at most 16)
  --templates             fold segments that look like ids: user:{id}:profile
  --limit N               namespaces to list, those with most keys first (default 1000)

Where
${redisHelp}

With --json: {total, exact, elapsedMs, namespaces: [{prefix, keys}], namespaceCount, outside}. "outside" are keys above the depth asked for. A
name that is not UTF-8 stands as redis-cli quotes it, with its bytes beside it in "prefixBase64".
`;

export const nameOptions = {
  match: { type: 'string' },
  prefix: { type: 'string' },
  type: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

/** What narrows the names; `null` = all of them. */
export function readNameFilter(values: { match?: string | undefined; prefix?: string | undefined }): KeyFilter | null {
  if (values.match !== undefined && values.prefix !== undefined) throw usageError('--match and --prefix cannot be given together');
  if (values.match !== undefined) return { pattern: toWire(nameBytes(values.match)), mode: 'glob' };
  if (values.prefix !== undefined) return { pattern: toWire(nameBytes(values.prefix)), mode: 'prefix' };
  return null;
}

/** The part of an index that the filter takes, as the questions about many keys name it. */
export async function sourceOf(side: RedisSide, index: WholeIndex, filter: KeyFilter | null): Promise<{ indexId: string; viewId: string | null }> {
  const { indexId } = index.snapshot;
  if (filter === null) return { indexId, viewId: null };
  const { viewId } = await side.host.services.keys.openView({ index: indexId, mode: 'tree', filter, sort: null, expanded: [] });
  return { indexId, viewId };
}

interface KeysArguments extends RedisArguments {
  filter: KeyFilter | null;
  type: string | null;
  depth: number;
  templates: boolean;
  limit: number;
}

export function readKeysArguments(args: readonly string[], environment: NodeJS.ProcessEnv): KeysArguments {
  const { values } = parse({
    args: [...args],
    options: { ...redisOptions, ...nameOptions, depth: { type: 'string' }, templates: { type: 'boolean', default: false }, limit: { type: 'string' } },
    strict: true,
    allowPositionals: false,
  });
  return {
    ...readRedisArguments(values, environment),
    filter: readNameFilter(values),
    type: values.type ?? null,
    depth: wholeNumber('--depth', values.depth, 1, 16) ?? 1,
    templates: values.templates,
    limit: wholeNumber('--limit', values.limit, 1, 1_000_000) ?? 1000,
  };
}

/** `lookaside keys`. Resolves to the exit code. */
export function keys(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = readKeysArguments(args, process.env);
  return onRedis(given, terminal, async (side) => {
    const index = await wholeIndex(side, { type: given.type, fields: [] });
    try {
      const source = await sourceOf(side, index, given.filter);
      const ask = (from: number) =>
        side.host.services.keys.namespaces({ ...source, depth: given.depth, templates: given.templates, sort: 'keys', descending: true, from, count: Math.min(pageRows, given.limit) });
      const first = await ask(0);
      const rows: NamespaceRow[] = [...first.rows];
      while (rows.length < Math.min(given.limit, first.total)) {
        const { rows: more } = await ask(rows.length);
        if (more.length === 0) break;
        rows.push(...more);
      }
      const shown = rows.slice(0, given.limit);
      const exact = first.exactness === 'exact';
      const total = first.whole.keys;
      const { elapsedMs } = index;
      if (given.json) {
        const namespaces = shown.map(({ name, keys: count }) => ({ ...namedField('prefix', name), keys: count }));
        terminal.print(JSON.stringify({ total, exact, elapsedMs, namespaces, namespaceCount: first.total, outside: first.outside }));
        return exitCodes.done;
      }
      terminal.print(`${ofKeys(total)} (${exact ? 'exact' : 'estimated'}) in ${counted(first.total)} ${first.total === 1 ? 'namespace' : 'namespaces'}, counted in ${lasting(elapsedMs)}`);
      const outside = first.outside === 0 ? [] : [[counted(first.outside), percent(first.outside / total), given.depth === 1 ? 'in no namespace' : `less than ${given.depth} levels deep`]];
      for (const line of aligned([...shown.map(({ name, keys: count, share }) => [counted(count), percent(share), shownName(name)]), ...outside])) terminal.print(line);
      if (first.total > shown.length) terminal.print(`  and ${counted(first.total - shown.length)} more namespaces (--limit)`);
      return exitCodes.done;
    } finally {
      await index.leave();
    }
  });
}
