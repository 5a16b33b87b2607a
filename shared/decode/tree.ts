import { base64FromBytes } from '../bytes.ts';

/**
 * What a serialized value says, in one form for all formats: the order, repeated keys, keys that are no text, numbers
 * of any size and what only this format has (tags, extension types, classes, references) stay.
 */
export type TreeKind = 'null' | 'bool' | 'int' | 'float' | 'text' | 'bytes' | 'list' | 'map' | 'tagged' | 'call' | 'ref';

export interface TreeNode {
  readonly kind: TreeKind;
  /**
   * Scalars as text: `true`, all digits of a number, the text itself. The tag of `tagged`, the class or function of
   * `call`, what a `ref` points to in words.
   */
  text: string;
  /** Of `bytes` only. */
  readonly bytes: Uint8Array | null;
  /** What the format calls it, where the kind does not tell: `uint64`, `private of Cart`. */
  note: string;
  /** Where it stands in the bytes of its layer, `end` exclusive; -1 = not known. */
  start: number;
  end: number;
  /** Ids of what is inside: key, value, key, value … of `map` and `call`, one of `tagged`. */
  readonly children: number[];
  /** All that is inside, also what was not kept. */
  held: number;
  /** Of `ref`: the node meant, -1 when it is not kept. */
  target: number;
}

export interface DecodedTree {
  readonly nodes: readonly TreeNode[];
  readonly root: number;
  /** Nodes that the bytes hold; more than `nodes.length` when the limit was reached. */
  readonly total: number;
}

/** Nodes kept of one value; the rest is read for its validity and counted. */
export const maxTreeNodes = 200_000;
/** Levels of nesting; deeper input is refused, so that no reader overflows. */
export const maxTreeDepth = 512;
const dropped = -1;

/** Has pairs inside: key, value, key, value. */
export function hasPairs(kind: TreeKind): boolean {
  return kind === 'map' || kind === 'call';
}

export function holds(kind: TreeKind): boolean {
  return hasPairs(kind) || kind === 'list' || kind === 'tagged';
}

/** Grows a tree node by node. An id of -1 is a node beyond the limit: it is counted and otherwise ignored. */
export class TreeBuilder {
  readonly nodes: TreeNode[] = [];
  total = 0;
  readonly #limit: number;

  constructor(limit = maxTreeNodes) {
    this.#limit = limit;
  }

  add(kind: TreeKind, text: string, start: number, end: number, note = '', bytes: Uint8Array | null = null): number {
    this.total += 1;
    if (this.nodes.length >= this.#limit) return dropped;
    this.nodes.push({ kind, text: text.isWellFormed() ? text : escapeLone(text), bytes, note, start, end, children: [], held: 0, target: dropped });
    return this.nodes.length - 1;
  }

  /** Puts a node into a container; the first node ever made is the root and is put nowhere. */
  attach(parent: number, child: number): void {
    const container = this.nodes[parent];
    if (container === undefined) return;
    container.held += 1;
    if (child !== dropped) container.children.push(child);
  }

  finish(id: number, end: number): void {
    const node = this.nodes[id];
    if (node) node.end = end;
  }

  tree(root = 0): DecodedTree {
    return { nodes: this.nodes, root, total: this.total };
  }
}

/** Halves of surrogate pairs cannot cross the contract; they are shown as they would be escaped. */
function escapeLone(text: string): string {
  return text.replaceAll(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}

/** Members of a map, elements of a list: what a reader counts. */
export function entriesOf(node: TreeNode): number {
  return hasPairs(node.kind) ? Math.floor(node.held / 2) : node.held;
}

/** Shortest text that reads as the same number, the way JSON and most languages write it. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** A JSON number that is written as this node, or `null` where JSON has none. */
function jsonNumber(text: string): string | null {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? text : null;
}

export interface JsonText {
  text: string;
  /** What JSON cannot say and stands marked with a `$` name: bytes, tags, calls, references, keys that are no text. */
  marked: number;
  /** Nodes left out because they were not kept, or because the text grew beyond `limit`. */
  cut: boolean;
}

/**
 * JSON text of a node. What JSON has no word for is marked: `{"$bytes": "base64"}`, `{"$tag": …, "$value": …}`,
 * `{"$call": …, "$with": …}`, `{"$ref": …}`, `{"$float": "NaN"}`, and `{"$map": [[key, value], …]}` for maps with
 * repeated keys or keys that are no text.
 */
export function treeToJson(tree: DecodedTree, from = tree.root, limit = 4 * 1024 * 1024): JsonText {
  const out: string[] = [];
  let size = 0;
  let marked = 0;
  let cut = false;
  const put = (text: string) => {
    out.push(text);
    size += text.length;
  };
  const mark = (name: string, value: string) => {
    marked += 1;
    put(`{"$${name}": ${value}}`);
  };
  const lines = (parts: readonly (() => void)[], left: string, right: string, indent: string, missing: boolean) => {
    if (missing) cut = true;
    if (parts.length === 0) return put(left + right);
    put(`${left}\n`);
    for (const [at, part] of parts.entries()) {
      put(`${indent}  `);
      part();
      put(at === parts.length - 1 ? '\n' : ',\n');
    }
    put(indent + right);
  };
  const pairsOf = (node: TreeNode) => {
    const pairs: [number, number][] = [];
    for (let at = 0; at + 1 < node.children.length; at += 2) pairs.push([node.children[at] as number, node.children[at + 1] as number]);
    return pairs;
  };
  const map = (node: TreeNode, indent: string) => {
    const pairs = pairsOf(node);
    const missing = node.held > node.children.length;
    const keys = pairs.map(([key]) => tree.nodes[key] as TreeNode);
    const plain = keys.every(({ kind }) => kind === 'text') && new Set(keys.map(({ text }) => text)).size === keys.length;
    if (plain) {
      const parts = pairs.map(([key, value]) => () => {
        put(`${JSON.stringify((tree.nodes[key] as TreeNode).text)}: `);
        write(value, `${indent}  `);
      });
      return lines(parts, '{', '}', indent, missing);
    }
    marked += 1;
    put('{"$map": ');
    const parts = pairs.map(([key, value]) => () => {
      put('[');
      write(key, `${indent}  `);
      put(', ');
      write(value, `${indent}  `);
      put(']');
    });
    lines(parts, '[', ']', indent, missing);
    put('}');
  };
  const write = (id: number, indent: string): void => {
    const node = tree.nodes[id];
    if (node === undefined || size > limit) {
      cut = true;
      return put('null');
    }
    switch (node.kind) {
      case 'null':
        return put('null');
      case 'bool':
        return put(node.text);
      case 'int':
      case 'float': {
        const number = jsonNumber(node.text);
        return number === null ? mark('float', JSON.stringify(node.text)) : put(number);
      }
      case 'text':
        return put(JSON.stringify(node.text));
      case 'bytes':
        return mark('bytes', JSON.stringify(base64FromBytes(node.bytes ?? new Uint8Array())));
      case 'ref':
        return mark('ref', JSON.stringify(node.text));
      case 'list': {
        const parts = node.children.map((child) => () => write(child, `${indent}  `));
        return lines(parts, '[', ']', indent, node.held > node.children.length);
      }
      case 'map':
        return map(node, indent);
      case 'tagged':
      case 'call':
        marked += 1;
        put(`{"$${node.kind === 'call' ? 'call' : 'tag'}": ${JSON.stringify(node.text)}, "$${node.kind === 'call' ? 'with' : 'value'}": `);
        if (node.kind === 'call') map(node, indent);
        else write(node.children[0] ?? dropped, indent);
        return put('}');
    }
  };
  write(from, '');
  return { text: out.join(''), marked, cut };
}
