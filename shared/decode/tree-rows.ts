import type { TreeRow } from '../contract/decode.ts';
import { entriesOf, hasPairs, holds, type DecodedTree, type TreeNode } from './tree.ts';

/** Characters of a scalar in a row. */
export const rowTextLimit = 400;
const nowhere = -1;

export interface TreeStep {
  /** Row of the parent. */
  parent: number;
  /** Place among its rows. */
  index: number;
}

/**
 * A decoded tree as rows. A row's id is that of its node; a pair whose key is no scalar has a row of its own (an
 * `entry`, with a negative id made of the key's) that holds the key and the value.
 */
export class TreeRows {
  readonly tree: DecodedTree;
  /** Parent of each node, found when it is first asked for. */
  #parents: Int32Array | null = null;
  /** Place of each node among its parent's children. */
  #places: Int32Array | null = null;

  constructor(tree: DecodedTree) {
    this.tree = tree;
  }

  get root(): TreeRow {
    return this.#row(this.tree.root, null, '$');
  }

  #node(id: number): TreeNode | undefined {
    return this.tree.nodes[id];
  }

  #isEntryKey(id: number): boolean {
    const node = this.#node(id);
    return node !== undefined && holds(node.kind);
  }

  /** Rows below a row. */
  count(id: number): number {
    if (id < 0) return 2;
    const node = this.#node(id);
    if (node === undefined) return 0;
    return hasPairs(node.kind) ? Math.floor(node.children.length / 2) : node.children.length;
  }

  /** Id of the row at one place below a row. */
  at(parent: number, index: number): number | undefined {
    if (parent < 0) {
      const key = -parent - 1;
      if (index === 0) return key;
      this.#find();
      const holder = this.#node(this.#parents?.[key] ?? nowhere);
      return holder?.children[(this.#places?.[key] ?? 0) + 1];
    }
    const node = this.#node(parent);
    if (node === undefined) return undefined;
    if (!hasPairs(node.kind)) return node.children[index];
    const key = node.children[index * 2];
    const value = node.children[index * 2 + 1];
    return key !== undefined && value !== undefined && this.#isEntryKey(key) ? -key - 1 : value;
  }

  rows(parent: number, from: number, count: number): TreeRow[] {
    const rows: TreeRow[] = [];
    const end = Math.min(this.count(parent), from + count);
    for (let index = from; index < end; index += 1) {
      const id = this.at(parent, index);
      if (id !== undefined) rows.push(this.#rowAt(parent, index, id));
    }
    return rows;
  }

  /** The first levels, breadth first, as long as no more than `limit` rows come of it. */
  first(limit: number): { parent: number; rows: TreeRow[] }[] {
    const open: { parent: number; rows: TreeRow[] }[] = [];
    let level = [this.tree.root];
    for (let shown = 0; level.length > 0; ) {
      const next: number[] = [];
      for (const parent of level) {
        const count = this.count(parent);
        if (count === 0 || (open.length > 0 && shown + count > limit)) continue;
        const rows = this.rows(parent, 0, limit);
        shown += rows.length;
        open.push({ parent, rows });
        for (const row of rows) if (row.children > 0) next.push(row.id);
      }
      level = next;
    }
    return open;
  }

  #rowAt(parent: number, index: number, id: number): TreeRow {
    if (parent < 0) return this.#row(id, { text: index === 0 ? 'key' : 'value', kind: 'label', note: '' }, index === 0 ? '.$key' : '');
    const holder = this.#node(parent) as TreeNode;
    if (holder.kind === 'list') return this.#row(id, { text: String(index), kind: 'index', note: '' }, `[${index}]`);
    if (holder.kind === 'tagged') return this.#row(id, null, '.$value');
    const keyId = holder.children[index * 2] as number;
    const key = this.#node(keyId) as TreeNode;
    if (id < 0) return this.#row(id, null, `[${index}]`);
    const text = scalarText(key, rowTextLimit);
    const kind = key.note === 'part' ? 'label' : key.kind;
    return this.#row(id, { text, kind, note: key.note === 'part' ? '' : key.note }, stepOf(key, text));
  }

  #row(id: number, key: TreeRow['key'], step: string): TreeRow {
    if (id < 0) {
      const summary = compactText(this.tree, -id - 1, 80);
      return { id, kind: 'entry', key, text: summary, length: 2, cut: false, children: 2, note: '', start: -1, end: -1, step, target: null };
    }
    const node = this.#node(id) as TreeNode;
    const text = scalarText(node, rowTextLimit);
    const length = node.kind === 'bytes' ? (node.bytes?.length ?? 0) : holds(node.kind) ? entriesOf(node) : node.text.length;
    const cut = node.kind === 'bytes' ? length * 2 > rowTextLimit : node.text.length > rowTextLimit;
    return {
      id,
      kind: node.kind,
      key,
      text,
      length,
      cut,
      children: this.count(id),
      note: node.note,
      start: node.start,
      end: node.end,
      step,
      target: node.kind === 'ref' && node.target >= 0 ? node.target : null,
    };
  }

  #find(): void {
    if (this.#parents !== null) return;
    const { nodes } = this.tree;
    this.#parents = new Int32Array(nodes.length).fill(nowhere);
    this.#places = new Int32Array(nodes.length);
    for (const [id, node] of nodes.entries()) {
      for (const [index, child] of node.children.entries()) {
        this.#parents[child] = id;
        this.#places[child] = index;
      }
    }
  }

  /** The row in which a node shows: a scalar key shows in the row of its value. */
  rowOf(id: number): number {
    if (id < 0) return id;
    this.#find();
    const holder = this.#node(this.#parents?.[id] ?? nowhere);
    const place = this.#places?.[id] ?? 0;
    if (holder === undefined || !hasPairs(holder.kind) || place % 2 === 1 || this.#isEntryKey(id)) return id;
    return holder.children[place + 1] ?? id;
  }

  /** The way from the root to a row; empty for the root itself and for what is not in the tree. */
  place(row: number): TreeStep[] {
    this.#find();
    const steps: TreeStep[] = [];
    for (let id = row; id !== this.tree.root && steps.length < 2000; ) {
      const node = id < 0 ? -id - 1 : id;
      const parent = this.#parents?.[node] ?? nowhere;
      const holder = this.#node(parent);
      if (holder === undefined) return [];
      const place = this.#places?.[node] ?? 0;
      if (!hasPairs(holder.kind)) {
        steps.unshift({ parent, index: place });
        id = parent;
        continue;
      }
      const index = Math.floor(place / 2);
      const key = holder.children[index * 2] as number;
      if (id >= 0 && this.#isEntryKey(key)) {
        steps.unshift({ parent: -key - 1, index: place % 2 });
        id = -key - 1;
      } else {
        steps.unshift({ parent, index });
        id = parent;
      }
    }
    return steps;
  }

  /** Rows in the order of the tree whose key or text has `text` in it, whatever its case. */
  search(text: string, limit: number): { ids: number[]; more: boolean } {
    const wanted = text.toLowerCase();
    const found = new Set<number>();
    const open = [this.tree.root];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const node = this.#node(id);
      if (node === undefined) continue;
      for (let at = node.children.length - 1; at >= 0; at -= 1) open.push(node.children[at] as number);
      if (!searchText(node).includes(wanted)) continue;
      const row = this.rowOf(id);
      if (found.size >= limit && !found.has(row)) return { ids: [...found], more: true };
      found.add(row);
    }
    return { ids: [...found], more: false };
  }
}

/** Bytes are searched by their first hexadecimal digits; a note like `timestamp` is not searched. */
function searchText(node: TreeNode): string {
  if (node.kind === 'bytes') return hexOf(node.bytes ?? new Uint8Array(), 2048);
  return node.text.toLowerCase();
}

function hexOf(bytes: Uint8Array, limit: number): string {
  let text = '';
  for (const byte of bytes.subarray(0, Math.ceil(limit / 2))) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** The text of a scalar, cut; the tag, class or target of what holds others. */
function scalarText(node: TreeNode, limit: number): string {
  if (node.kind === 'bytes') return hexOf(node.bytes ?? new Uint8Array(), limit);
  return node.text.length <= limit ? node.text : node.text.slice(0, limit).replace(/[\ud800-\udbff]$/, '');
}

function stepOf(key: TreeNode, text: string): string {
  if (key.kind === 'text') return /^[A-Za-z_$][\w$]*$/.test(text) ? `.${text}` : `[${JSON.stringify(text)}]`;
  return key.kind === 'bytes' ? `[0x${text}]` : `[${text}]`;
}

/** All bytes of a byte string as hexadecimal digits, or the whole text of any other scalar. */
export function wholeText(node: TreeNode): string {
  return node.kind === 'bytes' ? hexOf(node.bytes ?? new Uint8Array(), (node.bytes?.length ?? 0) * 2) : node.text;
}

/** A node on one line, for cells and keys: about `limit` characters of it. */
export function compactText(tree: DecodedTree, from: number, limit: number): string {
  let out = '';
  const write = (id: number): void => {
    const node = tree.nodes[id];
    if (node === undefined || out.length > limit) return;
    switch (node.kind) {
      case 'text':
        out += JSON.stringify(node.text.slice(0, limit));
        return;
      case 'bytes':
        out += `0x${hexOf(node.bytes ?? new Uint8Array(), limit)}`;
        return;
      case 'list':
        out += '[';
        each(node.children, 1);
        out += ']';
        return;
      case 'map':
      case 'call':
        out += node.kind === 'call' ? `${node.text}(` : '{';
        each(node.children, 2);
        out += node.kind === 'call' ? ')' : '}';
        return;
      case 'tagged':
        out += node.children.length === 0 ? node.text : `${node.text}(`;
        each(node.children, 1);
        out += node.children.length === 0 ? '' : ')';
        return;
      case 'ref':
        out += `→ ${node.text}`;
        return;
      case 'null':
      case 'bool':
      case 'int':
      case 'float':
        out += node.text.slice(0, limit);
    }
  };
  const each = (ids: readonly number[], width: number): void => {
    for (let at = 0; at < ids.length && out.length <= limit; at += width) {
      if (at > 0) out += ', ';
      write(ids[at] as number);
      if (width < 2) continue;
      out += ': ';
      write(ids[at + 1] ?? nowhere);
    }
  };
  write(from);
  return out.length <= limit ? out : `${out.slice(0, limit).replace(/[\ud800-\udbff]$/, '')}…`;
}
