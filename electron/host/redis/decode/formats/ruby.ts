import { floatText, TreeBuilder } from '../../../../../shared/decode/tree.ts';
import { addText, bigText, ByteReader, guardDepth } from '../byte-reader.ts';
import { startsWith, type Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';

/** Ruby's `Marshal`, format 4.8. Objects are shown with their class and never made. */
class MarshalReader {
  readonly tree = new TreeBuilder();
  readonly reader: ByteReader;
  readonly #symbols: string[] = [];
  /** Objects in the order in which Ruby numbers them, for `@` links. */
  readonly #objects: number[] = [];

  constructor(bytes: Uint8Array) {
    this.reader = new ByteReader(bytes);
  }

  #fixnum(): number {
    const first = this.reader.i8();
    if (first === 0) return 0;
    if (first > 4) return first - 5;
    if (first < -4) return first + 5;
    const bytes = this.reader.take(Math.abs(first), 'an integer');
    let value = first > 0 ? 0 : -1;
    for (const [at, byte] of bytes.entries()) value = first > 0 ? value + byte * 2 ** (8 * at) : value - (255 - byte) * 2 ** (8 * at);
    return value;
  }

  #count(what: string, each = 1): number {
    const at = this.reader.at;
    const count = this.#fixnum();
    if (count < 0 || count * each > this.reader.left) throw new DecodeFault(`${what} of ${count} does not fit into the bytes`, at);
    return count;
  }

  #bytes(what: string): Uint8Array {
    return this.reader.take(this.#count(what), what);
  }

  #symbol(): string {
    const at = this.reader.at;
    const type = String.fromCharCode(this.reader.u8());
    return this.#symbolOf(type, at);
  }

  #symbolOf(type: string, at: number): string {
    if (type === ':') {
      const name = Buffer.from(this.#bytes('a symbol')).toString();
      this.#symbols.push(name);
      return name;
    }
    if (type === 'I') {
      const name = this.#symbol();
      const count = this.#count('the encoding of a symbol', 2);
      for (let index = 0; index < count; index += 1) {
        this.#symbol();
        this.reader.skip(1);
      }
      return name;
    }
    if (type !== ';') throw new DecodeFault('a symbol has to stand here', at);
    const name = this.#symbols[this.#fixnum()];
    if (name === undefined) throw new DecodeFault('a link to a symbol that is not there', at);
    return name;
  }

  #keep(id: number): number {
    this.#objects.push(id);
    return id;
  }

  #pairs(id: number, count: number, depth: number): void {
    for (let at = 0; at < count; at += 1) {
      this.tree.attach(id, this.value(depth));
      this.tree.attach(id, this.value(depth));
    }
  }

  #variables(id: number, depth: number): void {
    const count = this.#count('instance variables', 2);
    for (let at = 0; at < count; at += 1) {
      const from = this.reader.at;
      this.tree.attach(id, this.tree.add('text', this.#symbol(), from, this.reader.at));
      this.tree.attach(id, this.value(depth));
    }
  }

  /** Instance variables of a string are nearly always its encoding, which becomes the note; others are shown beside it. */
  #withVariables(depth: number): number {
    const { reader, tree } = this;
    const from = reader.at - 1;
    const inner = this.value(depth + 1);
    const count = this.#count('instance variables', 2);
    let holder = -1;
    for (let at = 0; at < count; at += 1) {
      const start = reader.at;
      const name = this.#symbol();
      const value = this.value(depth + 1);
      const node = tree.nodes[value];
      if (name === 'E' || name === 'encoding') {
        const target = tree.nodes[inner];
        if (target && name === 'encoding' && node) target.note = node.text;
        else if (target && node?.text === 'false') target.note = 'US-ASCII';
        continue;
      }
      if (holder < 0) {
        holder = tree.add('call', 'with instance variables', from, -1);
        tree.attach(holder, tree.add('text', 'value', from, from));
        tree.attach(holder, inner);
      }
      tree.attach(holder, tree.add('text', name, start, reader.at));
      tree.attach(holder, value);
    }
    tree.finish(holder < 0 ? inner : holder, reader.at);
    return holder < 0 ? inner : holder;
  }

  value(depth: number): number {
    const { reader, tree } = this;
    const from = reader.at;
    guardDepth(depth, from);
    const type = String.fromCharCode(reader.u8());
    switch (type) {
      case '0':
        return tree.add('null', 'nil', from, reader.at);
      case 'T':
      case 'F':
        return tree.add('bool', String(type === 'T'), from, reader.at);
      case 'i': {
        const value = this.#fixnum();
        return tree.add('int', String(value), from, reader.at);
      }
      case ':':
      case ';':
        return tree.add('text', this.#symbolOf(type, from), from, reader.at, 'symbol');
      case 'I':
        return this.#withVariables(depth);
      case '"':
        return this.#keep(addText(tree, this.#bytes('a string'), from, reader.at));
      case 'f': {
        const text = Buffer.from(this.#bytes('a number')).toString('latin1');
        return this.#keep(tree.add('float', /^-?\d+$/.test(text) ? floatText(Number(text)) : text, from, reader.at));
      }
      case 'l': {
        const sign = reader.u8() === 0x2d ? -1n : 1n;
        const bytes = reader.take(this.#count('a big integer', 2) * 2, 'a big integer');
        return this.#keep(tree.add('int', bigText(bytes.toReversed(), (value) => sign * value), from, reader.at));
      }
      case '[': {
        const id = this.#keep(tree.add('list', '', from, -1));
        const count = this.#count('an array');
        for (let at = 0; at < count; at += 1) tree.attach(id, this.value(depth + 1));
        tree.finish(id, reader.at);
        return id;
      }
      case '{':
      case '}': {
        const id = this.#keep(tree.add('map', '', from, -1));
        this.#pairs(id, this.#count('a hash', 2), depth + 1);
        if (type === '}') {
          const fallback = tree.add('tagged', 'default', reader.at, -1);
          tree.attach(fallback, this.value(depth + 1));
          tree.attach(id, tree.add('text', 'default', reader.at, reader.at, 'default of the hash'));
          tree.attach(id, fallback);
        }
        tree.finish(id, reader.at);
        return id;
      }
      case 'o':
      case 'S': {
        const id = this.#keep(tree.add('call', this.#symbol(), from, -1, type === 'S' ? 'struct' : 'object'));
        this.#variables(id, depth + 1);
        tree.finish(id, reader.at);
        return id;
      }
      case 'u':
      case 'U':
      case 'C':
      case 'e': {
        const words = { u: '_dump', U: 'marshal_dump', C: 'subclass', e: 'extended' }[type];
        const id = tree.add('tagged', this.#symbol(), from, -1, words);
        if (type === 'u' || type === 'U') this.#keep(id);
        const at = reader.at;
        tree.attach(id, type === 'u' ? addText(tree, this.#bytes('data'), at, reader.at) : this.value(depth + 1));
        tree.finish(id, reader.at);
        return id;
      }
      case 'c':
      case 'm':
      case 'M':
        return this.#keep(tree.add('tagged', Buffer.from(this.#bytes('a name')).toString(), from, reader.at, type === 'c' ? 'class' : 'module'));
      case '/': {
        const source = Buffer.from(this.#bytes('a pattern')).toString();
        const flags = reader.u8();
        return this.#keep(tree.add('tagged', `/${source}/`, from, reader.at, `regular expression, options ${flags}`));
      }
      case '@': {
        const number = this.#fixnum();
        const target = this.#objects[number];
        if (target === undefined) throw new DecodeFault('a link to an object that is not there', from);
        const id = tree.add('ref', `object ${number}`, from, reader.at);
        const node = tree.nodes[id];
        if (node) node.target = target;
        return id;
      }
      default:
        throw new DecodeFault(`${JSON.stringify(type)} is not a type of Ruby Marshal`, from);
    }
  }
}

export const ruby: Codec = {
  id: 'ruby',
  proof: 'open',
  mayBe: (bytes) => startsWith(bytes, 4, 8),
  decode: (bytes) => {
    const read = new MarshalReader(bytes);
    read.reader.skip(2);
    const root = read.value(0);
    read.reader.expectEnd();
    const tree = read.tree.tree(Math.max(0, root));
    const name = tree.nodes[tree.root]?.text ?? '';
    const rails = name.startsWith('ActiveSupport::Cache') ? '; the cache entry of Rails' : '';
    return { confidence: bytes.length > 3 ? 0.98 : 0.7, reason: `Marshal version 4.8, and all ${bytes.length} bytes are one object${rails}`, tree };
  },
};
