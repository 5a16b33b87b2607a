import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';
import { exactness } from './exactness.ts';
import { groupFacts, keyFacts, keyFactField } from './key-facts.ts';
import { indexSnapshot } from './keys.ts';

const offset = v.pipe(v.number(), v.integer(), v.minValue(0));
const atMost = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max));

/** The keys that a question is about: all of an index, or those that pass the filter of one of its views. */
const source = { indexId: v.string(), viewId: v.optional(v.nullable(v.string()), null) };

/** Keys and facts of one namespace. */
export const namespaceRow = v.object({
  /** The prefix with its closing delimiter, or a template such as `user:{id}:profile`. */
  name: wireBytes,
  /** One key in it. */
  sample: wireBytes,
  /** Namespaces directly inside; 0 for templates. */
  folders: v.number(),
  keys: v.number(),
  /** Part of all keys asked about, 0 to 1. */
  share: v.number(),
  ...groupFacts.entries,
});

export type NamespaceRow = v.InferOutput<typeof namespaceRow>;

export const namespacePage = v.object({
  rows: v.array(namespaceRow),
  from: v.number(),
  total: v.number(),
  /** All keys asked about. */
  whole: v.object({ keys: v.number(), ...groupFacts.entries }),
  /** Keys that lie above this depth and so are in no row; 0 for templates. */
  outside: v.number(),
  exactness,
  version: v.number(),
});

export const namespaceSorts = ['name', 'keys', 'bytes', 'withoutTtl', 'bytesPerKey'] as const;

export const treemapItem = v.object({
  /** `keys`: those directly in the parent. `rest`: everything that had no room of its own. */
  kind: v.picklist(['folder', 'keys', 'rest']),
  /** Prefix of a folder, empty otherwise. */
  name: wireBytes,
  /** Namespaces summed up here: 1 for a folder, more for the rest. */
  folders: v.number(),
  keys: v.number(),
  ...groupFacts.entries,
});

export const ttlSeries = v.object({
  /** The namespace's prefix, or the type's name; empty for all keys together. */
  name: wireBytes,
  /** Keys and their known bytes in each bucket. */
  keys: v.array(v.number()),
  bytes: v.array(v.number()),
  /** No expiry. */
  noneKeys: v.number(),
  noneBytes: v.number(),
  /** The expiry that was read has passed. */
  passed: v.number(),
  unknown: v.number(),
});

/** Questions about many keys at once. Each works through the index in slices, so it may take a second per million keys. */
export const keyGroupsContract = {
  /**
   * Reads facts of every key, by a pass over the keyspace from its start, within the scan's budget, pausable and
   * resumable like the scan. `fields` add to those asked for before; when all of them are held or being read, nothing
   * begins anew unless `refresh`. No fields = all facts are forgotten.
   */
  enrich: base
    .input(
      v.object({ indexId: v.string(), fields: v.pipe(v.array(keyFactField), v.maxLength(6)), refresh: v.optional(v.boolean(), false) }),
    )
    .output(indexSnapshot),
  /**
   * Namespaces `depth` levels below a parent (`null` = the root), or name templates in which segments that look like
   * ids are folded, the first `depth` segments of each name; sorted, at most 500 rows a call.
   */
  namespaces: base
    .input(
      v.object({
        ...source,
        parent: v.optional(v.nullable(wireBytes), null),
        depth: v.optional(atMost(16), 1),
        templates: v.optional(v.boolean(), false),
        sort: v.optional(v.picklist(namespaceSorts), 'keys'),
        descending: v.optional(v.boolean(), true),
        from: offset,
        count: atMost(500),
      }),
    )
    .output(namespacePage),
  /** The `limit` biggest parts of a folder (`null` = the root), the others summed up as one. */
  treemap: base
    .input(
      v.object({ ...source, parent: v.optional(v.nullable(wireBytes), null), by: v.picklist(['keys', 'bytes']), limit: atMost(500) }),
    )
    .output(v.object({ items: v.array(treemapItem), exactness, version: v.number() })),
  /** The keys with the most of something among all whose facts are known. */
  top: base
    .input(v.object({ ...source, by: v.picklist(['bytes', 'elements', 'idle', 'frequency']), count: atMost(1000) }))
    .output(
      v.object({
        keys: v.array(v.object({ name: wireBytes, facts: keyFacts })),
        /** Keys for which it is known, of how many. */
        known: v.number(),
        of: v.number(),
      }),
    ),
  /**
   * Time left of all keys in buckets: `[edges[i], edges[i+1])` ms from `now`, the last one open. Without edges: logarithmic
   * ones, four a decade from 1 s on. By type, or by the namespaces at a depth: the `limit` with most keys that have an
   * expiry, each a series; the series of all keys comes first.
   */
  ttlHistogram: base
    .input(
      v.object({
        ...source,
        edges: v.optional(v.nullable(v.pipe(v.array(v.pipe(v.number(), v.minValue(0))), v.minLength(1), v.maxLength(512))), null),
        by: v.optional(v.nullable(v.picklist(['type', 'namespace'])), null),
        depth: v.optional(atMost(16), 1),
        limit: v.optional(atMost(100), 20),
      }),
    )
    .output(v.object({ now: v.number(), edges: v.array(v.number()), series: v.array(ttlSeries), exactness })),
};
