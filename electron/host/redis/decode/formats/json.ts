import { TreeBuilder } from '../../../../../shared/decode/tree.ts';
import { guardDepth } from '../byte-reader.ts';
import type { Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';

const blank = /[ \t\r\n]*/y;
// oxlint-disable-next-line no-control-regex -- control characters end a JSON string
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;

/** Reads JSON as it is written: digits, order and repeated names stay. */
class JsonReader {
  readonly tree = new TreeBuilder();
  at = 0;
  readonly #text: string;
  /** Places are those of bytes only where each character is one byte. */
  readonly #place: (at: number) => number;

  constructor(text: string, byteLength: number) {
    this.#text = text;
    this.#place = text.length === byteLength ? (at) => at : () => -1;
  }

  fault(what: string): DecodeFault {
    return new DecodeFault(what, this.#place(this.at));
  }

  blanks(): void {
    blank.lastIndex = this.at;
    blank.test(this.#text);
    this.at = blank.lastIndex;
  }

  #string(): number {
    string.lastIndex = this.at;
    const [written] = string.exec(this.#text) ?? [];
    if (written === undefined) throw this.fault('a string is not closed or has a character that JSON does not allow');
    const from = this.at;
    this.at = string.lastIndex;
    const value = written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1);
    return this.tree.add('text', value, this.#place(from), this.#place(this.at));
  }

  value(depth: number): number {
    guardDepth(depth, this.#place(this.at));
    const from = this.at;
    const first = this.#text[this.at];
    if (first === '{' || first === '[') return this.#container(first === '{', depth);
    if (first === '"') return this.#string();
    for (const [word, kind] of [['true', 'bool'], ['false', 'bool'], ['null', 'null']] as const) {
      if (!this.#text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return this.tree.add(kind, word, this.#place(from), this.#place(this.at));
    }
    number.lastIndex = this.at;
    const match = number.exec(this.#text);
    if (match === null) throw this.fault(first === undefined ? 'the text ends early' : 'no JSON value begins here');
    this.at = number.lastIndex;
    const whole = match[1] === undefined && match[2] === undefined;
    return this.tree.add(whole ? 'int' : 'float', match[0], this.#place(from), this.#place(this.at));
  }

  #container(isMap: boolean, depth: number): number {
    const id = this.tree.add(isMap ? 'map' : 'list', '', this.#place(this.at), -1);
    const close = isMap ? '}' : ']';
    this.at += 1;
    this.blanks();
    for (let first = true; this.#text[this.at] !== close; first = false) {
      if (!first) {
        if (this.#text[this.at] !== ',') throw this.fault(`no comma or ${close} where one has to be`);
        this.at += 1;
        this.blanks();
      }
      if (isMap) {
        this.tree.attach(id, this.#string());
        this.blanks();
        if (this.#text[this.at] !== ':') throw this.fault('no colon after the name');
        this.at += 1;
        this.blanks();
      }
      this.tree.attach(id, this.value(depth + 1));
      this.blanks();
    }
    this.at += 1;
    this.tree.finish(id, this.#place(this.at));
    return id;
  }
}

/** Objects and arrays, and quoted strings. A bare number is not taken for JSON: `0014` and `14` are texts. */
export const json: Codec = {
  id: 'json',
  proof: 'open',
  mayBe: (_, { text }) => text !== null && /^[ \t\r\n]*[{["]/.test(text),
  decode: (bytes, { forced }) => {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const reader = new JsonReader(text, bytes.length);
    reader.blanks();
    reader.value(0);
    reader.blanks();
    if (reader.at < text.length) throw reader.fault('text follows the JSON value');
    const tree = reader.tree.tree();
    const root = tree.nodes[0];
    const sure = root?.kind === 'map' || root?.kind === 'list';
    const type = root?.children.map((id, at) => (at % 2 === 0 && tree.nodes[id]?.text === '@class' ? root.children[at + 1] : undefined)).find((id) => id !== undefined);
    const spring = root?.kind === 'map' && type !== undefined ? `; @class ${tree.nodes[type]?.text}, as Spring and Jackson write it` : '';
    return { confidence: sure || forced ? 1 : 0.8, reason: `the whole text is one JSON ${root?.kind === 'map' ? 'object' : root?.kind === 'list' ? 'array' : 'value'}${spring}`, tree };
  },
};
