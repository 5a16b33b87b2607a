import { foldedSegment } from '../../../../shared/redis/name-template.ts';
import { rootFolder, type PrefixTree } from './prefix-tree.ts';

/** Distinct templates that are told apart; what comes after is one of its own. */
const maxTemplates = 200_000;

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Templates of the keys of a tree, by number, cut after `depth` segments. Folders are folded once, not once a key. */
export class KeyTemplates {
  readonly #tree: PrefixTree;
  readonly #depth: number;
  /** Template's bytes as latin1, by number. */
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** Of each folder: template's text, and whether it has `depth` segments already. */
  readonly #folders = new Map<number, { text: string; level: number }>();
  readonly #labels = new Map<string, Map<string, number>>();

  constructor(tree: PrefixTree, depth: number) {
    this.#tree = tree;
    this.#depth = depth;
    this.#folders.set(rootFolder, { text: '', level: 0 });
  }

  get count(): number {
    return this.#texts.length;
  }

  of(key: number): number {
    const tree = this.#tree;
    const folder = tree.folderOfKey(key);
    const { text, level } = this.#folder(folder);
    if (level >= this.#depth) return this.#number(text);
    const { store } = tree;
    const position = store.positionOf(key);
    const chunk = store.arena.chunkOf(position);
    const start = store.arena.offsetOf(position);
    const from = start + tree.prefixLengthOf(folder);
    const to = start + store.lengthOf(key);
    const label = foldedSegment(chunk, from, to) ?? latin1(chunk.subarray(from, to));
    let labels = this.#labels.get(text);
    if (labels === undefined) this.#labels.set(text, (labels = new Map()));
    const known = labels.get(label);
    if (known !== undefined) return known;
    const number = this.#number(text + label);
    if (this.#texts.length < maxTemplates) labels.set(label, number);
    return number;
  }

  nameOf(number: number): Uint8Array {
    return Buffer.from(this.#texts[number] ?? '', 'latin1');
  }

  #number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length >= maxTemplates) {
      // the last one holds what had no room
      this.#texts[maxTemplates - 1] = '{other}';
      return maxTemplates - 1;
    }
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  #folder(folder: number): { text: string; level: number } {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const tree = this.#tree;
    const above = this.#folder(tree.parentOf(folder));
    let made = above;
    if (above.level < this.#depth) {
      const prefix = tree.prefixOf(folder);
      const from = tree.prefixLengthOf(tree.parentOf(folder));
      const to = prefix.length - tree.delimiterLengthOf(folder);
      const text = above.text + (foldedSegment(prefix, from, to) ?? latin1(prefix.subarray(from, to))) + latin1(prefix.subarray(to));
      made = { text, level: above.level + 1 };
    }
    this.#folders.set(folder, made);
    return made;
  }
}
