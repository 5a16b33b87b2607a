import { utf8OrNull } from '../../../../../shared/bytes.ts';
import { floatText, maxTreeDepth, type DecodedTree } from '../../../../../shared/decode/tree.ts';
import { ByteReader, latin1 } from '../byte-reader.ts';
import type { Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';
import { PickleStack } from './pickle-stack.ts';
import { rawUnicode, signedText, unquoted } from './pickle-values.ts';

const newline = 0x0a;

/** Reads a pickle of protocol 0 to 5 without running it: GLOBAL and REDUCE become nodes that name what would be called. */
class PickleReader {
  readonly stack = new PickleStack();
  readonly reader: ByteReader;
  opcodes = 0;
  protocol = 0;

  constructor(bytes: Uint8Array) {
    this.reader = new ByteReader(bytes);
  }

  #line(): string {
    return latin1(this.reader.until(newline, 'a line'));
  }

  #integer(text: string, at: number): number {
    if (!/^\d{1,9}$/.test(text)) throw new DecodeFault('a number has to stand here', at);
    return Number(text);
  }

  #length8(): number {
    const length = this.reader.u64(true);
    if (length > BigInt(this.reader.left)) throw new DecodeFault('a length leads beyond the end of the bytes', this.reader.at - 8);
    return Number(length);
  }

  #text(bytes: Uint8Array, from: number, note = ''): void {
    const text = utf8OrNull(bytes);
    if (text === null) this.stack.add('bytes', '', from, this.reader.at, note === '' ? 'text that is not UTF-8' : note, bytes);
    else this.stack.add('text', text, from, this.reader.at, note);
  }

  #global(module: string, name: string, from: number): void {
    this.stack.add('tagged', `${module}.${name}`, from, this.reader.at, 'class or function');
  }

  /** A call or a new object: the function's name, and its arguments as labelled parts. */
  #call(note: string, callable: ReturnType<PickleStack['pop']>, parts: readonly [string, ReturnType<PickleStack['pop']>][], from: number): void {
    const { tree } = this.stack;
    const node = tree.nodes[callable.id];
    const named = node?.kind === 'tagged';
    const id = tree.add('call', named ? node.text : 'result of a call', from, this.reader.at, note);
    if (!named) this.stack.part(id, 'function', callable, from);
    for (const [label, item] of parts) this.stack.part(id, label, item, from);
    this.stack.push(id);
  }

  #collect(kind: 'list' | 'map', note: string, items: ReturnType<PickleStack['toMark']>, from: number): void {
    if (kind === 'map' && items.length % 2 === 1) throw new DecodeFault('a key without a value', from);
    const { tree } = this.stack;
    const id = tree.add(kind, '', from, this.reader.at, note);
    for (const item of items) this.stack.attach(id, item);
    this.stack.push(id);
  }

  /** APPENDS, SETITEMS, ADDITEMS: into the container below, or as a part of the call that stands for it. */
  #extend(items: ReturnType<PickleStack['toMark']>, label: string, kind: 'list' | 'map', from: number): void {
    if (kind === 'map' && items.length % 2 === 1) throw new DecodeFault('a key without a value', from);
    const { tree } = this.stack;
    const { id } = this.stack.top(from);
    const node = tree.nodes[id];
    if (node === undefined) {
      for (const item of items) this.stack.attach(id, item);
      return;
    }
    if (node.kind === 'call') {
      const inner = tree.add(kind, '', from, this.reader.at);
      for (const item of items) this.stack.attach(inner, item);
      this.stack.part(id, label, { id: inner, again: false }, from);
    } else if (node.kind === kind) {
      for (const item of items) this.stack.attach(id, item);
      node.end = this.reader.at;
    } else throw new DecodeFault(`${label} are added to something that holds none`, from);
  }

  run(): number {
    for (;;) {
      const from = this.reader.at;
      const opcode = this.reader.u8();
      this.opcodes += 1;
      if (opcode === 0x2e) return this.stack.finish(from);
      this.#step(opcode, from);
    }
  }

  #step(opcode: number, from: number): void {
    const { reader, stack } = this;
    switch (opcode) {
      case 0x80: {
        this.protocol = reader.u8();
        if (this.protocol > 5) throw new DecodeFault(`protocol ${this.protocol} is not known`, from);
        return;
      }
      case 0x95:
        reader.skip(8);
        return;
      case 0x4e:
        return void stack.add('null', 'None', from, reader.at);
      case 0x88:
      case 0x89:
        return void stack.add('bool', String(opcode === 0x88), from, reader.at);
      case 0x28:
        return stack.mark();
      case 0x30:
        return stack.discard(from);
      case 0x31:
        return stack.forget(stack.toMark(from));
      case 0x32:
        return stack.duplicate(from);
      default:
        if (!this.#scalar(opcode, from) && !this.#container(opcode, from) && !this.#memo(opcode, from) && !this.#object(opcode, from)) {
          throw new DecodeFault(`opcode ${opcode.toString(16).padStart(2, '0')} is not one of pickle`, from);
        }
    }
  }

  #scalar(opcode: number, from: number): boolean {
    const { reader, stack } = this;
    const int = (text: string) => void stack.add('int', text, from, reader.at);
    const bytes = (length: number, note = '') => void stack.add('bytes', '', from + 1, reader.at + length, note, reader.take(length, 'bytes'));
    switch (opcode) {
      case 0x4a:
        int(String(reader.i32(true)));
        return true;
      case 0x4b:
        int(String(reader.u8()));
        return true;
      case 0x4d:
        int(String(reader.u16(true)));
        return true;
      case 0x49: {
        const line = this.#line();
        if (line === '00' || line === '01') stack.add('bool', String(line === '01'), from, reader.at);
        else if (/^[+-]?\d+$/.test(line)) int(line);
        else throw new DecodeFault('an integer has to stand here', from + 1);
        return true;
      }
      case 0x4c: {
        const line = this.#line().replace(/L$/, '');
        if (!/^[+-]?\d+$/.test(line)) throw new DecodeFault('an integer has to stand here', from + 1);
        int(line);
        return true;
      }
      case 0x8a:
        int(signedText(reader.take(reader.u8(), 'an integer')));
        return true;
      case 0x8b:
        int(signedText(reader.take(reader.u32(true), 'an integer')));
        return true;
      case 0x46: {
        const line = this.#line();
        if (!/^[+-]?(?:\d[\d.]*(?:[eE][+-]?\d+)?|\.\d+|inf|nan)$/.test(line)) throw new DecodeFault('a number has to stand here', from + 1);
        stack.add('float', line, from, reader.at);
        return true;
      }
      case 0x47:
        stack.add('float', floatText(reader.f64()), from, reader.at);
        return true;
      case 0x53:
        this.#text(unquoted(this.#line(), from), from, 'str of Python 2');
        return true;
      case 0x54:
        this.#text(reader.take(reader.u32(true), 'a string'), from, 'str of Python 2');
        return true;
      case 0x55:
        this.#text(reader.take(reader.u8(), 'a string'), from, 'str of Python 2');
        return true;
      case 0x56:
        stack.add('text', rawUnicode(this.#line()), from, reader.at);
        return true;
      case 0x58:
        this.#text(reader.take(reader.u32(true), 'a text'), from);
        return true;
      case 0x8c:
        this.#text(reader.take(reader.u8(), 'a text'), from);
        return true;
      case 0x8d:
        this.#text(reader.take(this.#length8(), 'a text'), from);
        return true;
      case 0x42:
        bytes(reader.u32(true));
        return true;
      case 0x43:
        bytes(reader.u8());
        return true;
      case 0x8e:
        bytes(this.#length8());
        return true;
      case 0x96:
        bytes(this.#length8(), 'bytearray');
        return true;
      default:
        return false;
    }
  }

  #container(opcode: number, from: number): boolean {
    const { reader, stack } = this;
    const tuple = (items: ReturnType<PickleStack['toMark']>) => this.#collect('list', 'tuple', items, from);
    const last = (count: number) => Array.from({ length: count }, () => stack.pop(from)).toReversed();
    switch (opcode) {
      case 0x5d:
        stack.add('list', '', from, reader.at);
        return true;
      case 0x7d:
        stack.add('map', '', from, reader.at);
        return true;
      case 0x8f:
        stack.add('list', '', from, reader.at, 'set');
        return true;
      case 0x29:
        stack.add('list', '', from, reader.at, 'tuple');
        return true;
      case 0x85:
      case 0x86:
      case 0x87:
        tuple(last(opcode - 0x84));
        return true;
      case 0x74:
        tuple(stack.toMark(from));
        return true;
      case 0x6c:
        this.#collect('list', '', stack.toMark(from), from);
        return true;
      case 0x64:
        this.#collect('map', '', stack.toMark(from), from);
        return true;
      case 0x91:
        this.#collect('list', 'frozenset', stack.toMark(from), from);
        return true;
      case 0x61:
        this.#extend(last(1), 'items', 'list', from);
        return true;
      case 0x65:
        this.#extend(stack.toMark(from), 'items', 'list', from);
        return true;
      case 0x90:
        this.#extend(stack.toMark(from), 'items', 'list', from);
        return true;
      case 0x73:
        this.#extend(last(2), 'entries', 'map', from);
        return true;
      case 0x75:
        this.#extend(stack.toMark(from), 'entries', 'map', from);
        return true;
      default:
        return false;
    }
  }

  #memo(opcode: number, from: number): boolean {
    const { reader, stack } = this;
    switch (opcode) {
      case 0x94:
        stack.put(stack.memoised, from);
        return true;
      case 0x71:
        stack.put(reader.u8(), from);
        return true;
      case 0x72:
        stack.put(reader.u32(true), from);
        return true;
      case 0x70:
        stack.put(this.#integer(this.#line(), from + 1), from);
        return true;
      case 0x68:
        stack.get(reader.u8(), from, reader.at);
        return true;
      case 0x6a:
        stack.get(reader.u32(true), from, reader.at);
        return true;
      case 0x67:
        stack.get(this.#integer(this.#line(), from + 1), from, reader.at);
        return true;
      default:
        return false;
    }
  }

  #object(opcode: number, from: number): boolean {
    const { reader, stack } = this;
    const textOf = (id: number) => stack.tree.nodes[id]?.text ?? '';
    switch (opcode) {
      case 0x63:
        this.#global(this.#line(), this.#line(), from);
        return true;
      case 0x93: {
        const name = stack.pop(from);
        const module = stack.pop(from);
        this.#global(textOf(module.id), textOf(name.id), from);
        return true;
      }
      case 0x52:
      case 0x81: {
        const args = stack.pop(from);
        this.#call(opcode === 0x52 ? 'REDUCE: a call, not made' : 'NEWOBJ: an object, not made', stack.pop(from), [['arguments', args]], from);
        return true;
      }
      case 0x92: {
        const named = stack.pop(from);
        const args = stack.pop(from);
        this.#call('NEWOBJ_EX: an object, not made', stack.pop(from), [['arguments', args], ['named arguments', named]], from);
        return true;
      }
      case 0x62: {
        const state = stack.pop(from);
        const target = stack.top(from);
        const node = stack.tree.nodes[target.id];
        if (node?.kind === 'call') {
          stack.part(target.id, 'state', state, from);
          node.end = reader.at;
        } else this.#call('BUILD: state of an object, not set', stack.pop(from), [['state', state]], from);
        return true;
      }
      case 0x6f:
      case 0x69: {
        const name = opcode === 0x69 ? `${this.#line()}.${this.#line()}` : null;
        const items = stack.toMark(from);
        if (name !== null) this.#global(name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.') + 1), from);
        const callable = name === null ? items.shift() : stack.pop(from);
        if (callable === undefined) throw new DecodeFault('an object without a class', from);
        this.#collect('list', 'tuple', items, from);
        this.#call('an object, not made', callable, [['arguments', stack.pop(from)]], from);
        return true;
      }
      case 0x50:
        stack.add('tagged', `persistent id ${this.#line()}`, from, reader.at);
        return true;
      case 0x51: {
        const item = stack.pop(from);
        const id = stack.tree.add('tagged', 'persistent id', from, reader.at);
        stack.attach(id, item);
        stack.push(id);
        return true;
      }
      case 0x82:
      case 0x83:
      case 0x84: {
        const code = opcode === 0x82 ? reader.u8() : opcode === 0x83 ? reader.u16(true) : reader.i32(true);
        stack.add('tagged', `extension code ${code}`, from, reader.at, 'of a registry that is not here');
        return true;
      }
      case 0x97:
        stack.add('tagged', 'buffer outside of the pickle', from, reader.at);
        return true;
      case 0x98:
        return true;
      default:
        return false;
    }
  }
}

/** Nesting is not seen while a pickle is read, since it is built from the inside out. */
function checkDepth({ nodes, root }: DecodedTree): void {
  let level = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxTreeDepth) throw new DecodeFault(`nested deeper than ${maxTreeDepth} levels`);
    level = level.flatMap((id) => nodes[id]?.children ?? []);
  }
}

export const pickle: Codec = {
  id: 'pickle',
  proof: 'open',
  mayBe: (bytes) => bytes.length > 1 && bytes.at(-1) === 0x2e && (bytes[0] === 0x80 || /[(cNIJKMLFGSTUVX\]})]/.test(String.fromCharCode(bytes[0] as number))),
  decode: (bytes) => {
    const read = new PickleReader(bytes);
    const root = read.run();
    read.reader.expectEnd();
    const tree = read.stack.tree.tree(Math.max(0, root));
    checkDepth(tree);
    const reason = `all ${read.opcodes} opcodes run through without being executed`;
    if (bytes[0] === 0x80) return { confidence: bytes.length > 4 ? 0.99 : 0.8, reason: `pickle protocol ${read.protocol}, ${reason}; Django and Celery store it`, tree };
    const confidence = read.opcodes >= 5 ? 0.9 : read.opcodes >= 3 && bytes.length >= 8 ? 0.78 : 0.4;
    return { confidence, reason: `${reason} (protocol 0 or 1 has no magic)`, tree };
  },
};
