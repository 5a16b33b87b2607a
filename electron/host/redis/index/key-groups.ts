import type { InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract';
import { compareBytes, toWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { keyGroupsContract } from '../../../../shared/contract/key-groups.ts';
import { Contribution } from './fact-columns.ts';
import { FactSums } from './folder-facts.ts';
import { foldersAtDepth } from './folder-depths.ts';
import { none } from './id-table.ts';
import { inSlices, mergeSort } from './in-slices.ts';
import { folderOf, keySource, onOneTree, sweepKeys, type KeySource } from './key-source.ts';
import { KeyTemplates } from './key-templates.ts';
import type { KeyspaceIndex } from './keyspace-index.ts';
import { rootFolder, type PrefixTree } from './prefix-tree.ts';

type In = InferContractRouterInputs<typeof keyGroupsContract>;
type Out = InferContractRouterOutputs<typeof keyGroupsContract>;
type Row = Out['namespaces']['rows'][number];
type Sort = NonNullable<In['namespaces']['sort']>;

/** A table is made anew for another version not sooner than this, ms, nor than so many times the time that it took. */
const keepMs = 1000;
const keepFactor = 10;
const maxTables = 8;

/** Namespaces of one question, in numbers: rows are made for the page only. */
interface Table {
  source: KeySource;
  /** Folder ids, or numbers of templates. */
  groups: ArrayLike<number> & { readonly length: number };
  keysOf: (group: number) => number;
  sumsOf: (group: number) => FactSums;
  nameOf: (group: number) => Uint8Array;
  sampleOf: (group: number) => number;
  foldersIn: (group: number) => number;
  whole: { keys: number; sums: FactSums };
  outside: number;
  /** Places of groups by sort. */
  orders: Map<string, Uint32Array>;
  madeAt: number;
  took: number;
}

/** A key somewhere below a folder that holds some. */
export function anyKeyBelow(tree: PrefixTree, folder: number): number {
  for (let at = folder; at !== none; ) {
    const key = tree.firstKeyOf(at);
    if (key !== none) return key;
    let child = tree.firstFolderOf(at);
    while (child !== none && tree.keysBelow(child) === 0) child = tree.nextFolderOf(child);
    at = child;
  }
  return none;
}

/** Namespaces as a table and as parts of a map. What was worked out is kept for the next page. */
export class KeyGroups {
  readonly #index: KeyspaceIndex;
  readonly #tables = new Map<string, Promise<Table>>();

  constructor(index: KeyspaceIndex) {
    this.#index = index;
  }

  async namespaces(input: In['namespaces']): Promise<Out['namespaces']> {
    const { sort = 'keys', descending = true, from, count } = input;
    const table = await this.#table(input);
    const order = await orderOf(table, sort, descending);
    const { source, whole, outside } = table;
    const complete = source.exactness === 'exact';
    const rows = Array.from(order.subarray(from, from + count), (place): Row => {
      const group = table.groups[place] as number;
      const keys = table.keysOf(group);
      return {
        name: toWire(table.nameOf(group)),
        sample: toWire(source.tree.store.nameOf(table.sampleOf(group))),
        folders: table.foldersIn(group),
        keys,
        share: whole.keys === 0 ? 0 : keys / whole.keys,
        ...table.sumsOf(group).facts(source.columns, keys, complete),
      };
    });
    return {
      rows,
      from,
      total: table.groups.length,
      whole: { keys: whole.keys, ...whole.sums.facts(source.columns, whole.keys, complete) },
      outside,
      exactness: source.exactness,
      version: source.version,
    };
  }

  async treemap({ viewId, parent, by, limit }: In['treemap']): Promise<Out['treemap']> {
    const source = await keySource(this.#index, viewId);
    const { tree, counts, sums, columns, exactness, version } = source;
    const folder = folderOf(source, parent);
    const complete = exactness === 'exact';
    const weigh = (keys: number, own: FactSums): number => (by === 'keys' ? keys : own.known === 0 ? 0 : (own.bytes / own.known) * keys);
    const parts: { kind: 'folder' | 'keys'; folder: number; keys: number; sums: FactSums; weight: number }[] = [];
    const direct = sumsOf(source, folder);
    for (let child = tree.firstFolderOf(folder); child !== none; child = tree.nextFolderOf(child)) {
      const keys = counts.keysBelow(child);
      if (keys === 0) continue;
      const own = sumsOf(source, child);
      sums?.addTo(direct, child, -1);
      parts.push({ kind: 'folder', folder: child, keys, sums: own, weight: weigh(keys, own) });
    }
    const loose = counts.keys(folder);
    if (loose > 0) parts.push({ kind: 'keys', folder, keys: loose, sums: direct, weight: weigh(loose, direct) });
    parts.sort((a, b) => b.weight - a.weight || b.keys - a.keys);
    const items: Out['treemap']['items'] = parts.slice(0, limit).map((part) => ({
      kind: part.kind,
      name: part.kind === 'folder' ? toWire(tree.prefixOf(part.folder)) : '',
      folders: part.kind === 'folder' ? 1 : 0,
      keys: part.keys,
      ...part.sums.facts(columns, part.keys, complete),
    }));
    const rest = parts.slice(limit);
    if (rest.length > 0) {
      const all = new FactSums();
      for (const part of rest) all.merge(part.sums);
      const keys = rest.reduce((sum, part) => sum + part.keys, 0);
      items.push({ kind: 'rest', name: '', folders: rest.filter(({ kind }) => kind === 'folder').length, keys, ...all.facts(columns, keys, complete) });
    }
    return { items, exactness, version };
  }

  /** A table that is new enough, or a new one. */
  async #table({ viewId = null, parent = null, depth, templates = false }: In['namespaces']): Promise<Table> {
    const levels = depth ?? (templates ? 16 : 1);
    const id = JSON.stringify([viewId, parent, levels, templates]);
    const kept = await this.#tables.get(id)?.catch(() => null);
    const index = this.#index;
    if (kept !== undefined && kept !== null && kept.source.tree === index.tree && kept.source.columns === index.columns) {
      const age = performance.now() - kept.madeAt;
      if (kept.source.version === index.version || age < Math.max(keepMs, kept.took * keepFactor)) return kept;
    }
    const begun = performance.now();
    const making = (templates ? byTemplate(index, viewId, levels) : byFolder(index, viewId, parent, levels)).then((table) => {
      table.madeAt = performance.now();
      table.took = table.madeAt - begun;
      return table;
    });
    this.#tables.delete(id);
    if (this.#tables.size >= maxTables) this.#tables.delete([...this.#tables.keys()][0] as string);
    this.#tables.set(id, making);
    return making;
  }
}

function sumsOf({ sums }: KeySource, folder: number): FactSums {
  const own = new FactSums();
  sums?.addTo(own, folder);
  return own;
}

async function byFolder(index: KeyspaceIndex, viewId: string | null, parent: WireBytes | null, depth: number): Promise<Table> {
  const source = await keySource(index, viewId);
  const { tree, counts } = source;
  const folder = folderOf(source, parent);
  const groups = foldersAtDepth(tree, counts, folder, depth);
  const keys = counts.keysBelow(folder);
  return {
    source,
    groups,
    keysOf: (group) => counts.keysBelow(group),
    sumsOf: (group) => sumsOf(source, group),
    nameOf: (group) => tree.prefixOf(group),
    sampleOf: (group) => anyKeyBelow(tree, group),
    foldersIn: (group) => counts.folders(group),
    whole: { keys, sums: sumsOf(source, folder) },
    outside: keys - groups.reduce((sum, group) => sum + counts.keysBelow(group), 0),
    orders: new Map(),
    madeAt: 0,
    took: 0,
  };
}

function byTemplate(index: KeyspaceIndex, viewId: string | null, depth: number): Promise<Table> {
  return onOneTree(index, viewId, async (source) => {
    const { tree, columns } = source;
    const templates = new KeyTemplates(tree, depth);
    const found: { keys: number; sample: number; sums: FactSums }[] = [];
    const all = { keys: 0, sums: new FactSums() };
    const facts = new Contribution();
    const whole = await sweepKeys(index, source, (key) => {
      const number = templates.of(key);
      const group = (found[number] ??= { keys: 0, sample: key, sums: new FactSums() });
      group.keys += 1;
      all.keys += 1;
      if (columns === null) return;
      columns.contribution(key, facts);
      group.sums.add(facts);
      all.sums.add(facts);
    });
    if (!whole) return null;
    return {
      source,
      groups: Uint32Array.from(found.keys()),
      keysOf: (group) => found[group]?.keys ?? 0,
      sumsOf: (group) => found[group]?.sums ?? new FactSums(),
      nameOf: (group) => templates.nameOf(group),
      sampleOf: (group) => found[group]?.sample ?? rootFolder,
      foldersIn: () => 0,
      whole: all,
      outside: 0,
      orders: new Map(),
      madeAt: 0,
      took: 0,
    };
  });
}

/** Places of a table's groups in an order; equals by name. */
async function orderOf(table: Table, sort: Sort, descending: boolean): Promise<Uint32Array> {
  const id = `${sort}${descending}`;
  const kept = table.orders.get(id);
  if (kept !== undefined) return kept;
  const { groups } = table;
  const factor = descending ? -1 : 1;
  const byName = (a: number, b: number): number => compareBytes(table.nameOf(groups[a] as number), table.nameOf(groups[b] as number));
  const values = sort === 'name' ? null : Float64Array.from(groups, (group) => valueOf(table, sort, group));
  const compare =
    values === null
      ? (a: number, b: number) => factor * byName(a, b)
      : (a: number, b: number) => factor * ((values[a] as number) - (values[b] as number)) || byName(a, b);
  const order = await inSlices(mergeSort(Uint32Array.from({ length: groups.length }, (_, place) => place), compare));
  table.orders.set(id, order);
  return order;
}

function valueOf(table: Table, sort: Exclude<Sort, 'name'>, group: number): number {
  const keys = table.keysOf(group);
  if (sort === 'keys') return keys;
  const sums = table.sumsOf(group);
  const mean = sums.known === 0 ? 0 : sums.bytes / sums.known;
  if (sort === 'withoutTtl') return sums.without;
  return sort === 'bytesPerKey' ? mean : mean * keys;
}
