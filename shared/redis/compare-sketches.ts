import { wireKey, type WireBytes } from '../bytes.ts';
import type { KeyFilter } from '../contract/key-filter.ts';
import type { SketchChange } from '../contract/key-sketches.ts';
import type * as v from 'valibot';
import type { sketchFigures } from '../contract/key-sketches.ts';
import { quantileOf } from './ttl-buckets.ts';

/** Figures of one namespace in a sketch. What was not read is `null`. */
export interface SketchEntry {
  name: WireBytes;
  keys: number;
  /** Keys whose bytes are known, and their sum. */
  bytes: { known: number; sum: number } | null;
  /** Keys without expiry, and those with one by bucket of the time left. */
  ttl: { without: number; buckets: number[] } | null;
}

export interface Sketch {
  /** Where the buckets begin, ms. */
  edges: readonly number[];
  namespaces: readonly SketchEntry[];
  /** All that had no room among the namespaces, summed up; no keys = nothing was left out. */
  rest: SketchEntry;
}

type Figures = v.InferOutput<typeof sketchFigures>;

function bytesOf({ keys, bytes }: SketchEntry): number | null {
  if (bytes === null) return null;
  if (keys === 0) return 0;
  return bytes.known === 0 ? null : Math.round((bytes.sum / bytes.known) * keys);
}

function figuresOf(entry: SketchEntry, edges: readonly number[]): Figures {
  const quantile = (share: number) => (entry.ttl === null ? null : quantileOf(edges, entry.ttl.buckets, share));
  const [q25, q50, q90] = [quantile(0.25), quantile(0.5), quantile(0.9)];
  return {
    keys: entry.keys,
    bytes: bytesOf(entry),
    withoutTtl: entry.ttl?.without ?? null,
    ttlQuantiles: q25 === null || q50 === null || q90 === null ? null : { q25, q50, q90 },
  };
}

/** Sums of entries; what one of them does not know, the sum does not. */
export function sumEntries(name: WireBytes, entries: readonly SketchEntry[]): SketchEntry {
  const filled = entries.filter(({ keys }) => keys > 0);
  const sum = (of: (entry: SketchEntry) => number) => filled.reduce((all, entry) => all + of(entry), 0);
  const buckets = Math.max(0, ...filled.map(({ ttl }) => ttl?.buckets.length ?? 0));
  return {
    name,
    keys: sum(({ keys }) => keys),
    bytes: filled.some(({ bytes }) => bytes === null) ? null : { known: sum(({ bytes }) => bytes?.known ?? 0), sum: sum(({ bytes }) => bytes?.sum ?? 0) },
    ttl: filled.some(({ ttl }) => ttl === null)
      ? null
      : { without: sum(({ ttl }) => ttl?.without ?? 0), buckets: Array.from({ length: buckets }, (_, at) => sum(({ ttl }) => ttl?.buckets[at] ?? 0)) },
  };
}

function change(name: WireBytes, rest: boolean, a: Figures | null, b: Figures | null): SketchChange {
  const keys = (b?.keys ?? 0) - (a?.keys ?? 0);
  const [before, after] = [a === null ? 0 : a.bytes, b === null ? 0 : b.bytes];
  const bytes = before === null || after === null ? null : after - before;
  let kind: SketchChange['kind'] = 'same';
  if (a === null) kind = 'new';
  else if (b === null) kind = 'vanished';
  else if (keys !== 0 || (bytes ?? 0) !== 0) kind = (keys === 0 ? (bytes ?? 0) : keys) > 0 ? 'grew' : 'shrank';
  return { kind, name, rest, a, b, keys, bytes };
}

/**
 * What differs from sketch `a` to sketch `b`, the biggest change first. A namespace that only one of them names is new
 * or vanished only if the other has left nothing out; otherwise it may be in what was left out, and is compared with that.
 */
export function compareSketches(a: Sketch, b: Sketch, by: 'keys' | 'bytes'): { whole: SketchChange; rows: SketchChange[] } {
  const named = new Map<string, { a: SketchEntry | null; b: SketchEntry | null }>();
  for (const entry of a.namespaces) named.set(wireKey(entry.name), { a: entry, b: null });
  for (const entry of b.namespaces) {
    const id = wireKey(entry.name);
    named.set(id, { a: named.get(id)?.a ?? null, b: entry });
  }
  const rests: [SketchEntry[], SketchEntry[]] = [[a.rest], [b.rest]];
  const rows: SketchChange[] = [];
  for (const pair of named.values()) {
    if (pair.b === null && b.rest.keys > 0) rests[0].push(pair.a as SketchEntry);
    else if (pair.a === null && a.rest.keys > 0) rests[1].push(pair.b as SketchEntry);
    else {
      const { name } = (pair.a ?? pair.b) as SketchEntry;
      rows.push(change(name, false, pair.a === null ? null : figuresOf(pair.a, a.edges), pair.b === null ? null : figuresOf(pair.b, b.edges)));
    }
  }
  const [restA, restB] = rests.map((entries) => sumEntries('', entries)) as [SketchEntry, SketchEntry];
  if (restA.keys > 0 || restB.keys > 0) rows.push(change('', true, figuresOf(restA, a.edges), figuresOf(restB, b.edges)));
  const size = (row: SketchChange) => Math.abs((by === 'bytes' ? row.bytes : row.keys) ?? 0);
  const wholeOf = (sketch: Sketch) => figuresOf(sumEntries('', [...sketch.namespaces, sketch.rest]), sketch.edges);
  return { whole: change('', false, wholeOf(a), wholeOf(b)), rows: rows.toSorted((left, right) => size(right) - size(left)) };
}

function partKey(part: KeyFilter | null): string {
  if (part === null) return '';
  const { pattern, mode, ...conditions } = part;
  const named = Object.entries(conditions).map(([kind, asked]): [string, unknown] => [
    kind,
    Array.isArray(asked) ? asked.toSorted() : typeof asked === 'object' ? [asked.min ?? 0, asked.max ?? null] : (asked ?? null),
  ]);
  return JSON.stringify([pattern === '' ? '' : mode, wireKey(pattern), named.filter(([, asked]) => asked !== null).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Whether two sketches are of the same part of a database, so that what one lacks is missing and not merely elsewhere. */
export function samePart(a: KeyFilter | null, b: KeyFilter | null): boolean {
  return partKey(a) === partKey(b);
}
