import { TreeBuilder } from '../../../../../shared/decode/tree.ts';
import { addText, ByteReader, guardDepth, latin1 } from '../byte-reader.ts';
import type { Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';

const quote = 0x22;
const colon = 0x3a;
const semicolon = 0x3b;

/** PHP's `serialize`. Objects are shown with their class and never made; references name what they mean. */
class PhpReader {
  readonly tree = new TreeBuilder();
  readonly reader: ByteReader;
  /** Values in the order in which PHP numbers them, from 1: what `r:` and `R:` mean. Keys have no number. */
  readonly #slots: number[] = [];
  objects = 0;

  constructor(bytes: Uint8Array) {
    this.reader = new ByteReader(bytes);
  }

  #expect(...wanted: readonly number[]): void {
    for (const byte of wanted) {
      if (this.reader.peek() !== byte) throw new DecodeFault(`${String.fromCharCode(byte)} has to stand here`, this.reader.at);
      this.reader.skip(1);
    }
  }

  #upTo(end: number, pattern: RegExp, what: string): string {
    const at = this.reader.at;
    const limit = Math.min(this.reader.bytes.length, at + 512);
    const to = this.reader.bytes.subarray(0, limit).indexOf(end, at);
    const text = to < 0 ? '' : latin1(this.reader.bytes.subarray(at, to));
    if (!pattern.test(text)) throw new DecodeFault(`${what} has to stand here`, at);
    this.reader.at = to + 1;
    return text;
  }

  #length(): number {
    return Number(this.#upTo(colon, /^\d{1,10}$/, 'a length'));
  }

  #quoted(): { bytes: Uint8Array; from: number } {
    const length = this.#length();
    this.#expect(quote);
    const from = this.reader.at;
    const bytes = this.reader.take(length, 'a string');
    this.#expect(quote);
    return { bytes, from };
  }

  #key(): number {
    const { reader, tree } = this;
    const from = reader.at;
    const type = reader.u8();
    this.#expect(colon);
    if (type === 0x69) return tree.add('int', this.#upTo(semicolon, /^-?\d+$/, 'an integer'), from, reader.at);
    if (type !== 0x73) throw new DecodeFault('a key is neither a number nor a string', from);
    const { bytes, from: inside } = this.#quoted();
    this.#expect(semicolon);
    return this.#name(bytes, inside, from);
  }

  /** Names of properties that are not public have their class, or `*`, between zero bytes before them. */
  #name(bytes: Uint8Array, inside: number, from: number): number {
    const end = bytes[0] === 0 ? bytes.indexOf(0, 1) : -1;
    if (end < 0) return addText(this.tree, bytes, from, this.reader.at);
    const owner = Buffer.from(bytes.subarray(1, end)).toString();
    return addText(this.tree, bytes.subarray(end + 1), inside, this.reader.at, owner === '*' ? 'protected' : `private of ${owner}`);
  }

  value(depth: number): number {
    const { reader, tree } = this;
    const from = reader.at;
    guardDepth(depth, from);
    const type = String.fromCharCode(reader.u8());
    const slot = (id: number): number => {
      this.#slots.push(id);
      return id;
    };
    if (type === 'N') {
      this.#expect(semicolon);
      return slot(tree.add('null', 'null', from, reader.at));
    }
    this.#expect(colon);
    switch (type) {
      case 'b':
        return slot(tree.add('bool', String(this.#upTo(semicolon, /^[01]$/, '0 or 1') === '1'), from, reader.at));
      case 'i':
        return slot(tree.add('int', this.#upTo(semicolon, /^[+-]?\d+$/, 'an integer'), from, reader.at));
      case 'd':
        return slot(tree.add('float', this.#upTo(semicolon, /^(?:[+-]?[\d.]+(?:[eE][+-]?\d+)?|-?INF|NAN)$/, 'a number'), from, reader.at));
      case 's': {
        const { bytes } = this.#quoted();
        this.#expect(semicolon);
        return slot(addText(tree, bytes, from, reader.at, ''));
      }
      case 'E': {
        const { bytes } = this.#quoted();
        this.#expect(semicolon);
        return slot(tree.add('tagged', latin1(bytes).replace(':', '::'), from, reader.at, 'enum case'));
      }
      case 'a': {
        const id = slot(tree.add('map', '', from, -1, 'array'));
        this.#members(id, depth);
        return id;
      }
      case 'O': {
        const { bytes } = this.#quoted();
        this.#expect(colon);
        this.objects += 1;
        const id = slot(tree.add('call', Buffer.from(bytes).toString(), from, -1, 'object'));
        this.#members(id, depth);
        return id;
      }
      case 'C': {
        const { bytes } = this.#quoted();
        this.#expect(colon);
        const id = slot(tree.add('tagged', Buffer.from(bytes).toString(), from, -1, 'object with its own form'));
        const length = this.#length();
        this.#expect(0x7b);
        const at = reader.at;
        tree.attach(id, addText(tree, reader.take(length, 'the data of an object'), at, at + length));
        this.#expect(0x7d);
        tree.finish(id, reader.at);
        return id;
      }
      case 'r':
      case 'R': {
        const number = Number(this.#upTo(semicolon, /^[1-9]\d{0,8}$/, 'a number'));
        const target = this.#slots[number - 1];
        if (target === undefined) throw new DecodeFault(`reference ${number} points to nothing`, from);
        const id = tree.add('ref', `value ${number}`, from, reader.at, type === 'R' ? 'reference' : 'same object');
        const node = tree.nodes[id];
        if (node) node.target = target;
        return type === 'r' ? slot(id) : id;
      }
      default:
        throw new DecodeFault(`${JSON.stringify(type)} is not a type of PHP serialize`, from);
    }
  }

  #members(id: number, depth: number): void {
    const count = this.#length();
    if (count > this.reader.left / 4) throw new DecodeFault(`${count} members do not fit into the bytes`, this.reader.at);
    this.#expect(0x7b);
    for (let at = 0; at < count; at += 1) {
      this.tree.attach(id, this.#key());
      this.tree.attach(id, this.value(depth + 1));
    }
    this.#expect(0x7d);
    this.tree.finish(id, this.reader.at);
  }
}

export const php: Codec = {
  id: 'php',
  proof: 'open',
  mayBe: (bytes) => /^(?:N;|[abidsOCERr]:)/.test(latin1(bytes.subarray(0, 2))),
  decode: (bytes) => {
    const read = new PhpReader(bytes);
    read.value(0);
    read.reader.expectEnd();
    const tree = read.tree.tree();
    const root = tree.nodes[0];
    const laravel = root?.kind === 'text' || root?.kind === 'map' ? ', as Laravel and PHP sessions store it' : '';
    return { confidence: root?.children.length === 0 && bytes.length < 4 ? 0.8 : 0.98, reason: `all ${bytes.length} bytes follow the grammar of PHP serialize${laravel}`, tree };
  },
};
