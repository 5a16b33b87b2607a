import { floatText, TreeBuilder } from '../../../../../shared/decode/tree.ts';
import { ByteReader, guardDepth } from '../byte-reader.ts';
import { startsWith, type Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';
import { modifiedUtf8 } from './java-text.ts';

interface Field {
  readonly type: string;
  readonly name: string;
}

interface ClassDescription {
  readonly name: string;
  flags: number;
  fields: Field[];
  parent: ClassDescription | null;
}

/** What a handle of the stream stands for. */
type Handle = { kind: 'class'; description: ClassDescription } | { kind: 'node'; id: number };

const blockEnd = -2;
const arrays: ReadonlyMap<string, string> = new Map([['B', 'byte'], ['C', 'char'], ['D', 'double'], ['F', 'float'], ['I', 'int'], ['J', 'long'], ['S', 'short'], ['Z', 'boolean']]);
const mapClasses = new Set(['java.util.HashMap', 'java.util.LinkedHashMap', 'java.util.Hashtable', 'java.util.TreeMap', 'java.util.concurrent.ConcurrentHashMap']);

/** The stream protocol of Java object serialization. Classes are names here: none is loaded, no object is made. */
class JavaReader {
  readonly tree = new TreeBuilder();
  readonly reader: ByteReader;
  #handles: Handle[] = [];

  constructor(bytes: Uint8Array) {
    this.reader = new ByteReader(bytes);
  }

  #utf(length: number): string {
    const at = this.reader.at;
    return modifiedUtf8(this.reader.take(length, 'a text'), at);
  }

  /** Any content; `blockEnd` for the end of what an object wrote by itself. */
  content(depth: number): number {
    const { reader, tree } = this;
    const from = reader.at;
    guardDepth(depth, from);
    const code = reader.u8();
    switch (code) {
      case 0x70:
        return tree.add('null', 'null', from, reader.at);
      case 0x71:
        return this.#referenceNode(from);
      case 0x73:
        return this.#object(from, depth);
      case 0x74:
      case 0x7c: {
        const length = code === 0x74 ? reader.u16() : Number(reader.u64());
        const text = this.#utf(length);
        return this.#keep(tree.add('text', text, from, reader.at));
      }
      case 0x75:
        return this.#array(from, depth);
      case 0x76: {
        const description = this.#classDescription(depth + 1);
        return this.#keep(tree.add('tagged', description?.name ?? 'null', from, reader.at, 'class'));
      }
      case 0x72:
      case 0x7d: {
        reader.at = from;
        const description = this.#classDescription(depth + 1);
        return tree.add('tagged', description?.name ?? 'null', from, reader.at, 'class description');
      }
      case 0x77:
      case 0x7a: {
        const bytes = reader.take(code === 0x77 ? reader.u8() : reader.u32(), 'a data block');
        return tree.add('bytes', '', from, reader.at, 'data block', bytes);
      }
      case 0x78:
        return blockEnd;
      case 0x79:
        this.#handles = [];
        return this.content(depth + 1);
      case 0x7e:
        return this.#enum(from, depth);
      default:
        throw new DecodeFault(`type code ${code.toString(16)} is not one of Java serialization`, from);
    }
  }

  #keep(id: number): number {
    this.#handles.push({ kind: 'node', id });
    return id;
  }

  #handle(from: number): Handle {
    const handle = this.#handles[this.reader.i32() - 0x7e_0000];
    if (handle === undefined) throw new DecodeFault('a reference to something that is not there', from);
    return handle;
  }

  #referenceNode(from: number): number {
    const handle = this.#handle(from);
    const { tree, reader } = this;
    if (handle.kind === 'class') return tree.add('ref', handle.description.name, from, reader.at, 'class');
    const node = tree.nodes[handle.id];
    if (node?.kind === 'text') return tree.add('text', node.text, from, reader.at);
    const id = tree.add('ref', `${node?.text === '' ? node.kind : (node?.text ?? 'object')} at byte ${node?.start ?? 0}`, from, reader.at, 'same object');
    const made = tree.nodes[id];
    if (made) made.target = handle.id;
    return id;
  }

  #classDescription(depth: number): ClassDescription | null {
    const { reader } = this;
    const from = reader.at;
    guardDepth(depth, from);
    const code = reader.u8();
    if (code === 0x70) return null;
    if (code === 0x71) {
      const handle = this.#handle(from);
      if (handle.kind !== 'class') throw new DecodeFault('a reference that is no class', from);
      return handle.description;
    }
    if (code === 0x7d) return this.#proxyDescription(depth);
    if (code !== 0x72) throw new DecodeFault('a class description has to stand here', from);
    const description: ClassDescription = { name: this.#utf(reader.u16()), flags: 0, fields: [], parent: null };
    reader.skip(8);
    this.#handles.push({ kind: 'class', description });
    description.flags = reader.u8();
    const count = reader.u16();
    for (let at = 0; at < count; at += 1) {
      const type = String.fromCharCode(reader.u8());
      const name = this.#utf(reader.u16());
      // the class of a field that holds an object is a text, which can be a reference
      if (type === 'L' || type === '[') this.content(depth + 1);
      description.fields.push({ type, name });
    }
    this.#skipAnnotations(depth);
    description.parent = this.#classDescription(depth + 1);
    return description;
  }

  #proxyDescription(depth: number): ClassDescription {
    const count = this.reader.u32();
    if (count > 65_535) throw new DecodeFault('a proxy of more interfaces than Java allows', this.reader.at - 4);
    const description: ClassDescription = { name: '', flags: 2, fields: [], parent: null };
    this.#handles.push({ kind: 'class', description });
    const names = Array.from({ length: count }, () => this.#utf(this.reader.u16()));
    this.#skipAnnotations(depth);
    const parent = this.#classDescription(depth + 1);
    Object.assign(description, { name: `proxy of ${names.join(', ')}`, parent });
    return description;
  }

  #skipAnnotations(depth: number): void {
    while (this.content(depth + 1) !== blockEnd);
  }

  #field(type: string, depth: number): number {
    const { reader, tree } = this;
    const from = reader.at;
    switch (type) {
      case 'B':
        return tree.add('int', String(reader.i8()), from, reader.at, 'byte');
      case 'C': {
        const unit = String.fromCharCode(reader.u16());
        return tree.add('text', unit, from, reader.at, 'char');
      }
      case 'D':
        return tree.add('float', floatText(reader.f64()), from, reader.at, 'double');
      case 'F':
        return tree.add('float', floatText(reader.f32()), from, reader.at, 'float');
      case 'I':
        return tree.add('int', String(reader.i32()), from, reader.at, 'int');
      case 'J':
        return tree.add('int', String(reader.i64()), from, reader.at, 'long');
      case 'S':
        return tree.add('int', String(reader.i16()), from, reader.at, 'short');
      case 'Z':
        return tree.add('bool', String(reader.u8() !== 0), from, reader.at);
      case 'L':
      case '[':
        return this.#value(depth);
      default:
        throw new DecodeFault(`${JSON.stringify(type)} is not a type of a field`, from);
    }
  }

  #value(depth: number): number {
    const id = this.content(depth + 1);
    if (id === blockEnd) throw new DecodeFault('an end stands where a value has to be', this.reader.at - 1);
    return id;
  }

  #array(from: number, depth: number): number {
    const { reader, tree } = this;
    const description = this.#classDescription(depth + 1);
    const element = description?.name[1] ?? 'L';
    if (element === 'B') {
      const length = reader.u32();
      const at = reader.at;
      return this.#keep(tree.add('bytes', '', from, at + length, 'byte[]', reader.take(length, 'a byte array')));
    }
    const id = this.#keep(tree.add('list', '', from, -1, `${arrays.get(element) ?? description?.name.slice(1).replace(/^L|;$/g, '') ?? ''}[]`));
    const count = reader.u32();
    if (count > reader.left) throw new DecodeFault(`an array of ${count} does not fit into the bytes`, reader.at - 4);
    for (let at = 0; at < count; at += 1) tree.attach(id, this.#field(element, depth + 1));
    tree.finish(id, reader.at);
    return id;
  }

  #enum(from: number, depth: number): number {
    const { tree } = this;
    const description = this.#classDescription(depth + 1);
    const id = this.#keep(tree.add('tagged', description?.name ?? '', from, -1, 'enum constant'));
    tree.attach(id, this.#value(depth));
    tree.finish(id, this.reader.at);
    return id;
  }

  #object(from: number, depth: number): number {
    const { tree, reader } = this;
    const description = this.#classDescription(depth + 1);
    const id = this.#keep(tree.add('call', description?.name ?? 'null', from, -1, 'object'));
    const family: ClassDescription[] = [];
    for (let each = description; each !== null; each = each.parent) family.unshift(each);
    for (const each of family) this.#classData(id, each, depth);
    tree.finish(id, reader.at);
    return id;
  }

  #classData(id: number, description: ClassDescription, depth: number): void {
    const { tree, reader } = this;
    const { flags, fields, name } = description;
    if ((flags & 4) !== 0 && (flags & 8) === 0) throw new DecodeFault(`${name} writes itself in a form that only its class can read`, reader.at);
    if ((flags & 2) !== 0) {
      for (const field of fields) {
        tree.attach(id, tree.add('text', field.name, reader.at, reader.at));
        tree.attach(id, this.#field(field.type, depth + 1));
      }
    }
    if ((flags & 5) === 0) return;
    const from = reader.at;
    const written: number[] = [];
    for (let each = this.content(depth + 1); each !== blockEnd; each = this.content(depth + 1)) written.push(each);
    if (written.length === 0) return;
    const isBlock = tree.nodes[written[0] as number]?.kind === 'bytes';
    const pairs = mapClasses.has(name) && (written.length - (isBlock ? 1 : 0)) % 2 === 0;
    const inside = pairs && isBlock ? written.slice(1) : written;
    if (inside.length === 0) return;
    const list = tree.add(pairs ? 'map' : 'list', '', from, reader.at, pairs ? '' : 'written by the class itself');
    for (const each of inside) tree.attach(list, each);
    tree.attach(id, tree.add('text', pairs ? 'entries' : 'data', from, from, 'part'));
    tree.attach(id, list);
  }
}

export const java: Codec = {
  id: 'java',
  proof: 'sure',
  mayBe: (bytes) => startsWith(bytes, 0xac, 0xed, 0x00, 0x05),
  decode: (bytes) => {
    const read = new JavaReader(bytes);
    read.reader.skip(4);
    const contents: number[] = [];
    while (read.reader.left > 0) {
      const id = read.content(0);
      if (id !== blockEnd) contents.push(id);
    }
    const { tree } = read;
    const reason = 'stream magic ac ed 00 05; Spring’s JDK serializer and many Java caches store it';
    if (contents.length === 0) throw new DecodeFault('nothing follows the header', 4);
    if (contents.length === 1) return { confidence: 1, reason, tree: tree.tree(Math.max(0, contents[0] as number)) };
    const root = tree.add('list', '', 4, bytes.length, 'contents of the stream');
    for (const id of contents) tree.attach(root, id);
    return { confidence: 1, reason, tree: tree.tree(Math.max(0, root)) };
  },
};
