import type { CodecId } from '../../../../shared/decode/codecs.ts';
import type { DecodedValue } from '../../../../shared/contract/decode.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { treeToJson } from '../../../../shared/decode/tree.ts';
import { compactText, TreeRows, wholeText, type TreeStep } from '../../../../shared/decode/tree-rows.ts';
import { factsOf } from './codec.ts';
import type { DecodeCalls } from './decode-messages.ts';
import type { Reading } from './detect.ts';

const firstRows = 200;
const hitLimit = 200;
const textLimit = 4 * 1024 * 1024;

/** What is decoded and waits for its reader: the bytes of each stage and the tree. */
export class OpenReading {
  readonly #reading: Reading;
  readonly #rows: TreeRows | null;
  /** Memory that it holds, about. */
  readonly size: number;

  constructor(reading: Reading) {
    this.#reading = reading;
    this.#rows = reading.tree === null || reading.tree.nodes.length === 0 ? null : new TreeRows(reading.tree);
    this.size = reading.stages.reduce((sum, stage) => sum + stage.length, 0) + (reading.tree?.nodes.length ?? 0) * 200;
  }

  summary(): DecodeCalls['decode']['output'] {
    const { layers, failed, alternatives, tree, stages, cut } = this.#reading;
    return { cut, layers, failed, alternatives: distinct(alternatives, layers.map(({ codec }) => codec)), view: this.#view(tree?.total ?? 0, stages.at(-1) ?? new Uint8Array()) };
  }

  #view(nodes: number, last: Uint8Array): DecodedValue['view'] {
    const rows = this.#rows;
    if (rows === null) return { kind: factsOf(last).readable ? 'text' : 'hex' };
    return { kind: 'tree', root: rows.root, rows: rows.first(firstRows), nodes, kept: rows.tree.nodes.length };
  }

  #tree(): TreeRows {
    if (this.#rows === null) throw new LookasideError('NOT_FOUND', 'This value has no tree');
    return this.#rows;
  }

  rows(parent: number, from: number, count: number) {
    return { rows: this.#tree().rows(parent, from, count) };
  }

  search(text: string): { hits: { id: number; place: TreeStep[] }[]; more: boolean } {
    const rows = this.#tree();
    const { ids, more } = rows.search(text, hitLimit);
    return { hits: ids.map((id) => ({ id, place: rows.place(id) })), more };
  }

  place(id: number): { place: TreeStep[] } {
    return { place: this.#tree().place(this.#tree().rowOf(id)) };
  }

  text(id: number, form: 'json' | 'value'): { text: string; marked: number; cut: boolean } {
    const { tree } = this.#tree();
    const node = tree.nodes[id < 0 ? -id - 1 : id];
    if (node === undefined) throw new LookasideError('NOT_FOUND', 'This row is not part of the value');
    const scalar = node.children.length === 0 && node.kind !== 'list' && node.kind !== 'map' && node.kind !== 'call';
    if (form === 'json' || !scalar) return treeToJson(tree, id < 0 ? -id - 1 : id, textLimit);
    const text = wholeText(node);
    return text.length <= textLimit ? { text, marked: 0, cut: false } : { text: text.slice(0, textLimit).replace(/[\ud800-\udbff]$/, ''), marked: 0, cut: true };
  }

  bytes(stage: number, from: number, bytes: number): { chunk: Uint8Array; total: number } {
    const all = this.#reading.stages[stage];
    if (all === undefined) throw new LookasideError('NOT_FOUND', 'This value has no such layer');
    // a copy: cloning a part to the other thread would clone all that it is a part of
    return { chunk: all.slice(Math.min(from, all.length), Math.min(all.length, from + bytes)), total: all.length };
  }
}

function distinct<T extends { codecs: CodecId[] }>(alternatives: readonly T[], shown: readonly CodecId[]): T[] {
  const seen = new Set([shown.join()]);
  return alternatives.filter(({ codecs }) => {
    const key = codecs.join();
    return !seen.has(key) && seen.add(key);
  });
}

/** One line of what was decoded, for cells; `null` when the bytes are only what they look like. */
export function previewOf(reading: Reading): { layers: CodecId[]; text: string } | null {
  const layers = reading.layers.map(({ codec }) => codec);
  if (layers.length === 0 || layers.join() === 'json') return null;
  const { tree, stages } = reading;
  const limit = 240;
  if (tree !== null && tree.nodes.length > 0) return { layers, text: compactText(tree, tree.root, limit) };
  const { text, readable } = factsOf(stages.at(-1) ?? new Uint8Array());
  return readable && text !== null ? { layers, text: text.slice(0, limit).replace(/[\ud800-\udbff]$/, '') } : null;
}
