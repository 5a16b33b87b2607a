import { floatText, TreeBuilder } from '../../../../../shared/decode/tree.ts';
import { addText, bigText, ByteReader, guardDepth } from '../byte-reader.ts';
import { startsWith, type Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';
import { selfDescribing } from './evidence.ts';

/** Tags of the IANA registry that caches meet. */
const tagWords: ReadonlyMap<string, string> = new Map([
  ['0', 'date and time'],
  ['1', 'seconds since 1970'],
  ['2', 'big integer'],
  ['3', 'negative big integer'],
  ['4', 'decimal fraction'],
  ['24', 'embedded CBOR'],
  ['28', 'shareable'],
  ['29', 'reference to a shareable'],
  ['30', 'rational'],
  ['32', 'URI'],
  ['35', 'regular expression'],
  ['37', 'UUID'],
  ['258', 'set'],
  ['55799', 'CBOR'],
]);

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

const breakCode = -2;

class CborReader {
  readonly tree = new TreeBuilder();
  readonly reader: ByteReader;

  constructor(bytes: Uint8Array) {
    this.reader = new ByteReader(bytes);
  }

  /** `null` is the indefinite length. */
  #argument(info: number, from: number): bigint | null {
    if (info < 24) return BigInt(info);
    if (info === 24) return BigInt(this.reader.u8());
    if (info === 25) return BigInt(this.reader.u16());
    if (info === 26) return BigInt(this.reader.u32());
    if (info === 27) return this.reader.u64();
    if (info === 31) return null;
    throw new DecodeFault(`additional information ${info} is reserved`, from);
  }

  value(depth: number): number {
    const id = this.#item(depth);
    if (id === breakCode) throw new DecodeFault('a break stands where a value has to be', this.reader.at - 1);
    return id;
  }

  #item(depth: number): number {
    const { reader, tree } = this;
    const from = reader.at;
    guardDepth(depth, from);
    const first = reader.u8();
    const major = first >> 5;
    if (major === 7) return this.#simple(first & 31, from);
    const argument = this.#argument(first & 31, from);
    if (argument === null && (major < 2 || major === 6)) throw new DecodeFault('this type has no indefinite length', from);
    switch (major) {
      case 0:
        return tree.add('int', String(argument), from, reader.at);
      case 1:
        return tree.add('int', String(-1n - (argument ?? 0n)), from, reader.at);
      case 2:
      case 3: {
        const bytes = argument === null ? this.#chunks(major) : reader.take(Number(argument), major === 2 ? 'a byte string' : 'a text');
        const note = argument === null ? 'in chunks' : '';
        return major === 2 ? tree.add('bytes', '', from, reader.at, note, bytes) : addText(tree, bytes, from, reader.at, note);
      }
      case 4:
      case 5:
        return this.#container(major === 5 ? 'map' : 'list', argument, from, depth);
      default:
        return this.#tag(argument ?? 0n, from, depth);
    }
  }

  #chunks(major: number): Uint8Array {
    const parts: Uint8Array[] = [];
    for (;;) {
      const first = this.reader.u8();
      if (first === 0xff) return Buffer.concat(parts);
      const size = this.#argument(first & 31, this.reader.at - 1);
      if (first >> 5 !== major || size === null) throw new DecodeFault('a chunk is of another type than its string', this.reader.at - 1);
      parts.push(this.reader.take(Number(size), 'a chunk'));
    }
  }

  #container(kind: 'map' | 'list', count: bigint | null, from: number, depth: number): number {
    const { reader, tree } = this;
    const children = count === null ? Infinity : Number(count) * (kind === 'map' ? 2 : 1);
    if (count !== null && children > reader.left) throw new DecodeFault(`${kind === 'map' ? 'a map' : 'an array'} of ${count} does not fit into the bytes`, from);
    const id = tree.add(kind, '', from, -1, count === null ? 'indefinite length' : '');
    let at = 0;
    for (; at < children; at += 1) {
      const child = count === null ? this.#item(depth + 1) : this.value(depth + 1);
      if (child === breakCode) break;
      tree.attach(id, child);
    }
    if (kind === 'map' && at % 2 === 1) throw new DecodeFault('the last key of a map has no value', reader.at);
    tree.finish(id, reader.at);
    return id;
  }

  #tag(tag: bigint, from: number, depth: number): number {
    const { reader, tree } = this;
    const number = String(tag);
    // big integers are shown as what they are, when their bytes are there
    if ((tag === 2n || tag === 3n) && reader.peek() >> 5 === 2 && (reader.peek() & 31) !== 31) {
      const size = this.#argument(reader.u8() & 31, reader.at);
      const bytes = reader.take(Number(size), 'a big integer');
      return tree.add('int', bigText(bytes, tag === 2n ? undefined : (value) => -1n - value), from, reader.at, `tag ${number}`);
    }
    const words = tagWords.get(number);
    const id = tree.add('tagged', `tag ${number}`, from, -1, words ?? '');
    tree.attach(id, this.value(depth + 1));
    tree.finish(id, reader.at);
    return id;
  }

  #simple(info: number, from: number): number {
    const { reader, tree } = this;
    const float = (value: number, note: string) => tree.add('float', floatText(value), from, reader.at, note);
    if (info === 20 || info === 21) return tree.add('bool', String(info === 21), from, reader.at);
    if (info === 22) return tree.add('null', 'null', from, reader.at);
    if (info === 23) return tree.add('null', 'undefined', from, reader.at, 'undefined');
    if (info === 25) return float(half(reader.u16()), 'float16');
    if (info === 26) return float(reader.f32(), 'float32');
    if (info === 27) return float(reader.f64(), 'float64');
    if (info === 31) return breakCode;
    if (info > 24) throw new DecodeFault(`additional information ${info} is reserved`, from);
    const value = info === 24 ? reader.u8() : info;
    if (info === 24 && value < 32) throw new DecodeFault('a simple value below 32 in two bytes', from);
    return tree.add('tagged', `simple ${value}`, from, reader.at);
  }
}

export const cbor: Codec = {
  id: 'cbor',
  proof: 'open',
  mayBe: (bytes, facts) => bytes.length > 0 && !facts.readable && (bytes[0] as number) >= 0x40,
  decode: (bytes) => {
    const read = new CborReader(bytes);
    read.value(0);
    read.reader.expectEnd();
    const tree = read.tree.tree();
    if (startsWith(bytes, 0xd9, 0xd9, 0xf7)) return { confidence: 1, reason: 'self-described CBOR, magic d9 d9 f7', tree };
    const judged = selfDescribing(tree, bytes.length, 'CBOR');
    return { ...judged, confidence: judged.confidence * 0.97, tree };
  },
};
