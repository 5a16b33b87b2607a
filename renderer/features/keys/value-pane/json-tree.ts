/**
 * JSON as it is written: numbers keep every digit, repeated and hostile member names and their order stay, because
 * nothing is ever turned into a JavaScript object. `JSON.parse` decides what is valid; this only finds the places.
 */
export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

export interface JsonNode {
  readonly kind: JsonKind;
  /** Where its text stands in the source; the name of a member is not part of it. */
  readonly start: number;
  end: number;
  readonly depth: number;
  readonly parent: number;
  /** Member's name as written, quotes included; `null` in arrays and at the root. */
  readonly name: string | null;
  /** Place among its siblings. */
  readonly index: number;
  /** Members or elements. */
  children: number;
  /** Index of the first node that is not inside this one. */
  next: number;
}

export interface JsonTree {
  readonly source: string;
  /** In the order of the source: a node, then all that is inside it. */
  readonly nodes: readonly JsonNode[];
}

const kinds: ReadonlyMap<string, JsonKind> = new Map([
  ['{', 'object'],
  ['[', 'array'],
  ['"', 'string'],
  ['t', 'boolean'],
  ['f', 'boolean'],
  ['n', 'null'],
]);
const blank = /\s*/y;
const string = /"(?:[^"\\]|\\.)*"/y;
const scalar = /[^\s,\]}]+/y;

function endOf(pattern: RegExp, source: string, at: number): number {
  pattern.lastIndex = at;
  pattern.test(source);
  return Math.max(at, pattern.lastIndex);
}

/** Reads a text; `null` when it is not JSON. Iterative: depth is limited by memory only. */
export function readJson(source: string): JsonTree | null {
  try {
    JSON.parse(source);
  } catch {
    // Not JSON is an ordinary answer here, not a failure.
    return null;
  }
  const nodes: JsonNode[] = [];
  const open: number[] = [];
  let name: string | null = null;
  let at = endOf(blank, source, 0);
  while (at < source.length) {
    const character = source[at] as string;
    const parent = open.at(-1) ?? -1;
    const container = nodes[parent];
    if (character === '}' || character === ']') {
      if (container) Object.assign(container, { end: at + 1, next: nodes.length });
      open.pop();
      at += 1;
    } else if (character === ',' || character === ':') {
      at += 1;
    } else if (character === '"' && container?.kind === 'object' && name === null) {
      const end = endOf(string, source, at);
      name = source.slice(at, end);
      at = end;
    } else {
      const kind = kinds.get(character) ?? 'number';
      const isContainer = kind === 'object' || kind === 'array';
      const end = isContainer ? at + 1 : endOf(kind === 'string' ? string : scalar, source, at);
      nodes.push({ kind, start: at, end, depth: open.length, parent, name, index: container?.children ?? 0, children: 0, next: nodes.length + 1 });
      if (container) container.children += 1;
      if (isContainer) open.push(nodes.length - 1);
      name = null;
      at = end;
    }
    at = endOf(blank, source, at);
  }
  return { source, nodes };
}

/** Indexes of the nodes to draw, given which containers are open. */
export function visibleNodes(tree: JsonTree, isOpen: (index: number) => boolean): number[] {
  const visible: number[] = [];
  let at = 0;
  while (at < tree.nodes.length) {
    visible.push(at);
    const node = tree.nodes[at] as JsonNode;
    at = node.children > 0 && !isOpen(at) ? node.next : at + 1;
  }
  return visible;
}

/** Opened at first: from the root down, as long as no more than `limit` rows come of it. */
export function openAtFirst(tree: JsonTree, limit = 200): Set<number> {
  const open = new Set<number>();
  let rows = 1;
  const byDepth = tree.nodes
    .map((node, index) => ({ node, index }))
    .filter(({ node }) => node.children > 0)
    .toSorted((a, b) => a.node.depth - b.node.depth || a.index - b.index);
  for (const { node, index } of byDepth) {
    if (index > 0 && (rows + node.children > limit || !open.has(node.parent))) continue;
    open.add(index);
    rows += node.children;
  }
  return open;
}

/** JSON path of a node, as JSONPath writes it: `$.user["first name"][0]`. */
export function jsonPath(tree: JsonTree, index: number): string {
  const parts: string[] = [];
  for (let at = index; at > 0; at = (tree.nodes[at] as JsonNode).parent) {
    const node = tree.nodes[at] as JsonNode;
    if (node.name === null) parts.unshift(`[${node.index}]`);
    else parts.unshift(/^"[A-Za-z_$][\w$]*"$/.test(node.name) ? `.${node.name.slice(1, -1)}` : `[${node.name}]`);
  }
  return `$${parts.join('')}`;
}

/** The same JSON, indented by two spaces; every scalar as it was written. */
export function indentedJson(tree: JsonTree): string {
  const lines: string[] = [];
  const closing: { at: number; text: string }[] = [];
  const close = (upTo: number) => {
    for (let last = closing.at(-1); last && last.at <= upTo; last = closing.at(-1)) {
      closing.pop();
      lines.push('  '.repeat(closing.length) + last.text);
    }
  };
  for (const [index, node] of tree.nodes.entries()) {
    close(index);
    const last = node.parent < 0 || node.next === (tree.nodes[node.parent] as JsonNode).next;
    const comma = last ? '' : ',';
    const head = '  '.repeat(node.depth) + (node.name === null ? '' : `${node.name}: `);
    const [left, right] = node.kind === 'object' ? '{}' : '[]';
    if (node.kind !== 'object' && node.kind !== 'array') lines.push(head + tree.source.slice(node.start, node.end) + comma);
    else if (node.children === 0) lines.push(`${head}${left}${right}${comma}`);
    else {
      lines.push(`${head}${left}`);
      closing.push({ at: node.next, text: `${right}${comma}` });
    }
  }
  close(tree.nodes.length);
  return lines.join('\n');
}

/** Indexes of everything that a node is inside of. */
export function parentsOf(tree: JsonTree, index: number): number[] {
  const parents: number[] = [];
  for (let at = (tree.nodes[index] as JsonNode).parent; at >= 0; at = (tree.nodes[at] as JsonNode).parent) parents.push(at);
  return parents;
}

/** Nodes whose name or scalar has the text in it, as written and whatever its case; at most `limit`. */
export function searchNodes(tree: JsonTree, text: string, limit = 1000): { hits: number[]; more: boolean } {
  const wanted = text.toLowerCase();
  const hits: number[] = [];
  for (const [index, node] of tree.nodes.entries()) {
    const scalar = node.kind === 'object' || node.kind === 'array' ? '' : tree.source.slice(node.start, node.end);
    if (!`${node.name ?? ''}\n${scalar}`.toLowerCase().includes(wanted)) continue;
    if (hits.length === limit) return { hits, more: true };
    hits.push(index);
  }
  return { hits, more: false };
}
