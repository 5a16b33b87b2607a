import { floatText, TreeBuilder } from '../../../../../shared/decode/tree.ts';
import { addText, ByteReader, guardDepth } from '../byte-reader.ts';
import type { Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';
import { selfDescribing } from './evidence.ts';
import { isoTime } from './times.ts';

class MessagePackReader {
  readonly tree = new TreeBuilder();
  readonly reader: ByteReader;

  constructor(bytes: Uint8Array) {
    this.reader = new ByteReader(bytes);
  }

  value(depth: number): number {
    const { reader, tree } = this;
    const from = reader.at;
    guardDepth(depth, from);
    const first = reader.u8();
    const int = (value: number | bigint, note: string) => tree.add('int', String(value), from, reader.at, note);
    const float = (value: number, note: string) => tree.add('float', floatText(value), from, reader.at, note);
    if (first < 0x80) return int(first, '');
    if (first < 0x90) return this.#container('map', first & 15, from, depth);
    if (first < 0xa0) return this.#container('list', first & 15, from, depth);
    if (first < 0xc0) return this.#text(first & 31, from);
    if (first >= 0xe0) return int(first - 256, '');
    switch (first) {
      case 0xc0:
        return tree.add('null', 'null', from, reader.at);
      case 0xc2:
      case 0xc3:
        return tree.add('bool', String(first === 0xc3), from, reader.at);
      case 0xc4:
        return this.#bytes(reader.u8(), from);
      case 0xc5:
        return this.#bytes(reader.u16(), from);
      case 0xc6:
        return this.#bytes(reader.u32(), from);
      case 0xc7:
        return this.#extension(reader.u8(), from);
      case 0xc8:
        return this.#extension(reader.u16(), from);
      case 0xc9:
        return this.#extension(reader.u32(), from);
      case 0xca:
        return float(reader.f32(), 'float32');
      case 0xcb:
        return float(reader.f64(), 'float64');
      case 0xcc:
        return int(reader.u8(), 'uint8');
      case 0xcd:
        return int(reader.u16(), 'uint16');
      case 0xce:
        return int(reader.u32(), 'uint32');
      case 0xcf:
        return int(reader.u64(), 'uint64');
      case 0xd0:
        return int(reader.i8(), 'int8');
      case 0xd1:
        return int(reader.i16(), 'int16');
      case 0xd2:
        return int(reader.i32(), 'int32');
      case 0xd3:
        return int(reader.i64(), 'int64');
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (first - 0xd4), from);
      case 0xd9:
        return this.#text(reader.u8(), from);
      case 0xda:
        return this.#text(reader.u16(), from);
      case 0xdb:
        return this.#text(reader.u32(), from);
      case 0xdc:
        return this.#container('list', reader.u16(), from, depth);
      case 0xdd:
        return this.#container('list', reader.u32(), from, depth);
      case 0xde:
        return this.#container('map', reader.u16(), from, depth);
      case 0xdf:
        return this.#container('map', reader.u32(), from, depth);
      default:
        throw new DecodeFault('byte c1 is never used by MessagePack', from);
    }
  }

  #container(kind: 'map' | 'list', count: number, from: number, depth: number): number {
    const { reader, tree } = this;
    const children = kind === 'map' ? count * 2 : count;
    // each child takes a byte at least, so a huge count is refused before anything is built
    if (children > reader.left) throw new DecodeFault(`${kind === 'map' ? 'a map' : 'an array'} of ${count} does not fit into the bytes`, from);
    const id = tree.add(kind, '', from, -1);
    for (let at = 0; at < children; at += 1) tree.attach(id, this.value(depth + 1));
    tree.finish(id, reader.at);
    return id;
  }

  #text(length: number, from: number): number {
    const bytes = this.reader.take(length, 'a text');
    return addText(this.tree, bytes, from, this.reader.at);
  }

  #bytes(length: number, from: number): number {
    const bytes = this.reader.take(length, 'a binary');
    return this.tree.add('bytes', '', from, this.reader.at, '', bytes);
  }

  #extension(length: number, from: number): number {
    const { reader, tree } = this;
    const type = reader.i8();
    const inside = reader.at;
    const bytes = reader.take(length, 'an extension');
    const time = type === -1 ? timestamp(bytes) : null;
    const id = tree.add('tagged', time === null ? `ext ${type}` : 'timestamp', from, reader.at, time === null ? 'extension type' : 'extension type -1');
    tree.attach(id, time === null ? tree.add('bytes', '', inside, reader.at, '', bytes) : tree.add('text', time, inside, reader.at, 'UTC'));
    return id;
  }
}

/** Extension type -1 of the specification, in its three forms. */
function timestamp(bytes: Uint8Array): string | null {
  const reader = new ByteReader(bytes);
  if (bytes.length === 4) return isoTime(BigInt(reader.u32()));
  if (bytes.length === 8) {
    const both = reader.u64();
    return isoTime(both & 0x3_ffff_ffffn, Number(both >> 34n));
  }
  if (bytes.length !== 12) return null;
  const nanos = reader.u32();
  return isoTime(reader.i64(), nanos);
}

export const msgpack: Codec = {
  id: 'msgpack',
  proof: 'open',
  mayBe: (bytes, facts) => bytes.length > 0 && !facts.readable && (bytes[0] as number) >= 0x80,
  decode: (bytes) => {
    const read = new MessagePackReader(bytes);
    read.value(0);
    read.reader.expectEnd();
    const tree = read.tree.tree();
    return { ...selfDescribing(tree, bytes.length, 'MessagePack'), tree };
  },
};
