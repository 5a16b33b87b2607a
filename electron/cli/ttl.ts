import type { KeyFilter } from '../../shared/contract/key-filter.ts';
import { searchCliffs, type NamedCliff } from '../../shared/redis/search-cliffs.ts';
import { distributionEdges, windowEdges } from '../../shared/redis/ttl-edges.ts';
import { durationText, parseDuration } from '../../shared/redis/ttl-input.ts';
import { parse, usageError, wholeNumber } from '../launch/launch-arguments.ts';
import { wholeIndex } from './follow-index.ts';
import { nameOptions, readNameFilter, sourceOf } from './keys.ts';
import { namedField, shownName } from './names.ts';
import { onRedis } from './on-redis.ts';
import { readRedisArguments, redisHelp, redisOptions, type RedisArguments } from './redis-arguments.ts';
import { exitCodes, type Terminal } from './terminal.ts';
import { aligned, counted, lasting, ofKeys, percent } from './words.ts';

const day = 86_400_000;

export const ttlHelp = `lookaside ttl: when the keys of a Redis expire, which never do, and where many expire at once.

Usage
  lookaside ttl --url redis://... [--match GLOB] [--depth N] [--within TIME] [--json]

What to look at
  --match GLOB            only names that match, as Redis matches
  --prefix TEXT           only names that begin with these bytes
  --type TYPE             only keys of one type
  --depth N               namespaces N levels deep (default 1, at most 16)
  --limit N               namespaces to list (default 20, at most 100)
  --within TIME           length of the timeline (default 24h): 90m, 2h 30m, 7d
  --bars N                its bars (default 24, at most 500)

Where
${redisHelp}

With --json: {total, exact, elapsedMs, at, withTtl, noExpiry: {keys, bytes}, histogram: [{fromMs, toMs, keys, bytes}], timeline: {from, to,
bars: [{from, to, keys}]}, namespaces: [{prefix, keys, withTtl, noExpiry}], cliffs: [{prefix, from, to, fromMs, toMs, keys, share,
peakPerSecond, severity}]}. Times are Unix ms, lengths ms from "at"; bytes are sums of MEMORY USAGE.
`;

interface TtlArguments extends RedisArguments {
  filter: KeyFilter | null;
  type: string | null;
  depth: number;
  limit: number;
  withinMs: number;
  bars: number;
}

export function readTtlArguments(args: readonly string[], environment: NodeJS.ProcessEnv): TtlArguments {
  const { values } = parse({
    args: [...args],
    options: { ...redisOptions, ...nameOptions, depth: { type: 'string' }, limit: { type: 'string' }, within: { type: 'string' }, bars: { type: 'string' } },
    strict: true,
    allowPositionals: false,
  });
  const withinMs = values.within === undefined ? day : parseDuration(values.within);
  if (withinMs === null || withinMs < 1000 || withinMs > 3650 * day) throw usageError('--within takes a length of time from 1s to 10 years, such as 90m or 7d');
  return {
    ...readRedisArguments(values, environment),
    filter: readNameFilter(values),
    type: values.type ?? null,
    depth: wholeNumber('--depth', values.depth, 1, 16) ?? 1,
    limit: wholeNumber('--limit', values.limit, 1, 100) ?? 20,
    withinMs,
    bars: wholeNumber('--bars', values.bars, 1, 500) ?? 24,
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

interface Findings {
  total: number;
  exact: boolean;
  elapsedMs: number;
  at: number;
  withTtl: number;
  noExpiry: { keys: number; bytes: number };
  histogram: { fromMs: number; toMs: number | null; keys: number; bytes: number }[];
  timeline: { from: number; to: number; bars: { from: number; to: number; keys: number }[] };
  namespaces: ({ keys: number; withTtl: number; noExpiry: number } & Record<string, string | number>)[];
  /** Their names for a person. */
  shownNames: string[];
  cliffs: NamedCliff[];
}

function show(found: Findings, terminal: Terminal): void {
  const { total, at } = found;
  const share = (count: number): string => percent(total === 0 ? 0 : count / total);
  terminal.print(`${ofKeys(total)} (${found.exact ? 'exact' : 'estimated'}), read in ${lasting(found.elapsedMs)}`);
  terminal.print(`${counted(found.noExpiry.keys)} never expire (${share(found.noExpiry.keys)}, ${counted(found.noExpiry.bytes)} bytes)`);
  const filled = found.histogram.filter(({ keys }) => keys > 0);
  if (filled.length > 0) terminal.print('\nTime left');
  const range = ({ fromMs, toMs }: Findings['histogram'][number]): string => (toMs === null ? `${durationText(fromMs)} or more` : `${durationText(fromMs)} to ${durationText(toMs)}`);
  for (const line of aligned(filled.map((bucket) => [counted(bucket.keys), share(bucket.keys), range(bucket)]))) terminal.print(line);
  if (found.namespaces.length > 0) terminal.print('\nNamespaces: keys, without expiry');
  for (const line of aligned(found.namespaces.map(({ keys, noExpiry }, at) => [counted(keys), counted(noExpiry), found.shownNames[at] ?? '']))) terminal.print(line);
  terminal.print(found.cliffs.length === 0 ? '\nNo expiry cliff' : '\nExpiry cliffs');
  const clock = (ms: number): string => new Date(at + ms).toISOString().replace('T', ' ').slice(0, 19);
  for (const { namespace, from, to, keys, share: part } of found.cliffs) {
    terminal.print(`  ${ofKeys(keys)} of ${shownName(namespace)} (${percent(part)} of those that expire) between ${clock(from)} and ${clock(to)} UTC`);
  }
}

/** `lookaside ttl`. Resolves to the exit code. */
export function ttl(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = readTtlArguments(args, process.env);
  return onRedis(given, terminal, async (side) => {
    const { keys } = side.host.services;
    const index = await wholeIndex(side, { type: given.type, fields: ['ttl', 'bytes'] });
    try {
      const source = await sourceOf(side, index, given.filter);
      const ask = (edges: readonly number[], limit: number) => keys.ttlHistogram({ ...source, edges: [...edges], by: 'namespace', depth: given.depth, limit });
      const spread = await ask(distributionEdges, given.limit);
      const [all, ...named] = spread.series;
      const { edges, skip } = windowEdges(0, given.withinMs, given.bars);
      const [timeline] = (await ask(edges, 1)).series;
      const { cliffs } = await searchCliffs(ask);
      const at = spread.now;
      const withTtl = sum(all?.keys ?? []);
      const total = withTtl + (all?.noneKeys ?? 0) + (all?.passed ?? 0) + (all?.unknown ?? 0);
      const bars = (timeline?.keys ?? []).slice(skip, skip + given.bars).map((count, bar) => ({ from: at + (edges[skip + bar] ?? 0), to: at + (edges[skip + bar + 1] ?? 0), keys: count }));
      const found: Findings = {
        total,
        exact: spread.exactness === 'exact' && (all?.unknown ?? 0) === 0,
        elapsedMs: index.elapsedMs,
        at,
        withTtl,
        noExpiry: { keys: all?.noneKeys ?? 0, bytes: all?.noneBytes ?? 0 },
        histogram: spread.edges.map((fromMs, bucket) => ({ fromMs, toMs: spread.edges[bucket + 1] ?? null, keys: all?.keys[bucket] ?? 0, bytes: all?.bytes[bucket] ?? 0 })),
        timeline: { from: at, to: at + given.withinMs, bars },
        namespaces: named.map((one) => {
          const expiring = sum(one.keys);
          return { ...namedField('prefix', one.name), keys: expiring + one.noneKeys + one.passed + one.unknown, withTtl: expiring, noExpiry: one.noneKeys };
        }),
        shownNames: named.map(({ name }) => shownName(name)),
        cliffs,
      };
      if (!given.json) {
        show(found, terminal);
        return exitCodes.done;
      }
      const sharp = cliffs.map(({ namespace, from, to, keys: count, share, peakPerSecond, severity }) => ({
        ...namedField('prefix', namespace),
        from: at + from,
        to: at + to,
        fromMs: from,
        toMs: to,
        keys: count,
        share,
        peakPerSecond,
        severity,
      }));
      const { shownNames: _, ...figures } = found;
      terminal.print(JSON.stringify({ ...figures, cliffs: sharp }));
      return exitCodes.done;
    } finally {
      await index.leave();
    }
  });
}
