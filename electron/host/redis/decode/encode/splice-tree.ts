import type { DecodedTree, TreeNode } from '../../../../../shared/decode/tree.ts';
import { DecodeFault } from '../fault.ts';
import { Pieces } from './byte-writer.ts';
import { sameValue } from './same-value.ts';

/** Writes the nodes of one format. `like` is what stood in the place before, whose width and kind are kept where they fit. */
export interface TreeWriter {
  scalar(node: TreeNode, like: TreeNode | null): Uint8Array;
  /** What stands before and behind the children of a list or map with so many entries. */
  container(kind: 'list' | 'map', entries: number, like: TreeNode | null): { head: Uint8Array; foot: Uint8Array };
  /** A tag with all inside; `inside` is what is written of its value. */
  tagged(node: TreeNode, value: TreeNode, inside: () => Uint8Array): Uint8Array;
}

const none = -1;

/** Serialized bytes of a tree in which everything that stayed the same is taken from `source`, byte by byte. */
class Splicer {
  readonly #next: DecodedTree;
  readonly #before: DecodedTree;
  readonly #source: Uint8Array;
  readonly #writer: TreeWriter;

  constructor(next: DecodedTree, before: DecodedTree, source: Uint8Array, writer: TreeWriter) {
    this.#next = next;
    this.#before = before;
    this.#source = source;
    this.#writer = writer;
  }

  #same(id: number, like: number): boolean {
    return sameValue(this.#next, id, this.#before, like);
  }

  write(out: Pieces, id: number, like: number): void {
    const node = this.#next.nodes[id];
    if (node === undefined) throw new DecodeFault('a part of the value is missing');
    const former = this.#before.nodes[like] ?? null;
    if (former !== null && former.start >= 0 && this.#same(id, like)) {
      out.push(this.#source.subarray(former.start, former.end));
      return;
    }
    const { children } = node;
    if (node.kind === 'list' || node.kind === 'map') {
      const alike = former?.kind === node.kind ? former : null;
      const { head, foot } = this.#writer.container(node.kind, node.kind === 'map' ? children.length / 2 : children.length, alike);
      out.push(head);
      const places = alike === null ? [] : node.kind === 'map' ? this.#matchedPairs(children, alike.children) : this.#matchedItems(children, alike.children);
      for (const [at, child] of children.entries()) this.write(out, child, places[at] ?? none);
      out.push(foot);
      return;
    }
    if (node.kind === 'tagged') {
      const value = this.#next.nodes[children[0] ?? none];
      if (value === undefined) throw new DecodeFault('a tag without a value cannot be written');
      const inside = () => {
        const pieces = new Pieces();
        this.write(pieces, children[0] ?? none, former?.kind === 'tagged' ? (former.children[0] ?? none) : none);
        return pieces.result();
      };
      out.push(this.#writer.tagged(node, value, inside));
      return;
    }
    out.push(this.#writer.scalar(node, former));
  }

  /** Pairs by their key, whatever their order. */
  #matchedPairs(children: readonly number[], former: readonly number[]): number[] {
    const free = new Map<string, number[]>();
    for (let at = 0; at + 1 < former.length; at += 2) {
      const { kind = '', text = '' } = this.#before.nodes[former[at] ?? none] ?? {};
      const key = `${kind} ${text}`;
      free.set(key, [...(free.get(key) ?? []), at]);
    }
    const places: number[] = [];
    for (let at = 0; at + 1 < children.length; at += 2) {
      const id = children[at] ?? none;
      const { kind = '', text = '' } = this.#next.nodes[id] ?? {};
      const candidates = free.get(`${kind} ${text}`) ?? [];
      const found = candidates.findIndex((place) => this.#same(id, former[place] ?? none));
      const [place] = found < 0 ? [] : candidates.splice(found, 1);
      places.push(place === undefined ? none : (former[place] ?? none), place === undefined ? none : (former[place + 1] ?? none));
    }
    return places;
  }

  /** Elements from both ends while they are the same, those between by their place. */
  #matchedItems(children: readonly number[], former: readonly number[]): number[] {
    const shorter = Math.min(children.length, former.length);
    const alike = (at: number, place: number) => this.#same(children[at] ?? none, former[place] ?? none);
    let head = 0;
    while (head < shorter && alike(head, head)) head += 1;
    let tail = 0;
    while (tail < shorter - head && alike(children.length - 1 - tail, former.length - 1 - tail)) tail += 1;
    return children.map((_, at) => {
      if (at >= children.length - tail) return former[former.length - (children.length - at)] ?? none;
      return at < former.length - tail ? (former[at] ?? none) : none;
    });
  }
}

/** Throws DecodeFault for what the format cannot say. */
export function spliced(next: DecodedTree, before: DecodedTree, source: Uint8Array, writer: TreeWriter): Uint8Array {
  const out = new Pieces();
  new Splicer(next, before, source, writer).write(out, next.root, before.root);
  return out.result();
}
