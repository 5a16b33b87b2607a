import { floatText, TreeBuilder } from '../../../../../shared/decode/tree.ts';
import { addText, ByteReader, guardDepth } from '../byte-reader.ts';
import type { Codec } from '../codec.ts';
import { DecodeFault } from '../fault.ts';
import { decimal128 } from './decimal128.ts';
import { isoOfMs } from './times.ts';

const subtypes: ReadonlyMap<number, string> = new Map([
  [0, ''],
  [1, 'function'],
  [2, 'old binary'],
  [3, 'old UUID'],
  [4, 'UUID'],
  [5, 'MD5'],
  [6, 'encrypted'],
  [9, 'vector'],
]);

class BsonReader {
  readonly tree = new TreeBuilder();
  readonly reader: ByteReader;

  constructor(bytes: Uint8Array) {
    this.reader = new ByteReader(bytes);
  }

  document(depth: number, isList = false): number {
    const { reader, tree } = this;
    const from = reader.at;
    guardDepth(depth, from);
    const size = reader.u32(true);
    const end = from + size;
    if (size < 5 || end > reader.bytes.length) throw new DecodeFault(`a document of ${size} bytes does not fit into the bytes`, from);
    const id = tree.add(isList ? 'list' : 'map', '', from, end);
    for (;;) {
      const type = reader.u8();
      if (type === 0) break;
      const at = reader.at;
      const name = reader.until(0, 'a name');
      // an array is a document whose names are 0, 1, 2 …: they say nothing that the order does not
      if (!isList) tree.attach(id, addText(tree, name, at, reader.at - 1));
      tree.attach(id, this.#value(type, at - 1, depth + 1));
    }
    if (reader.at !== end) throw new DecodeFault('a document is shorter or longer than it says', reader.at);
    return id;
  }

  #string(from: number, note = ''): number {
    const size = this.reader.u32(true);
    if (size < 1) throw new DecodeFault('a text without its end', from);
    const bytes = this.reader.take(size, 'a text');
    if (bytes.at(-1) !== 0) throw new DecodeFault('a text does not end with a zero byte', from);
    return addText(this.tree, bytes.subarray(0, -1), from, this.reader.at, note);
  }

  #tagged(name: string, from: number, child: () => number): number {
    const id = this.tree.add('tagged', name, from, -1);
    this.tree.attach(id, child());
    this.tree.finish(id, this.reader.at);
    return id;
  }

  #value(type: number, from: number, depth: number): number {
    const { reader, tree } = this;
    const at = reader.at;
    switch (type) {
      case 0x01:
        return tree.add('float', floatText(reader.f64(true)), from, reader.at, 'double');
      case 0x02:
        return this.#string(from);
      case 0x03:
        return this.document(depth);
      case 0x04:
        return this.document(depth, true);
      case 0x05: {
        const size = reader.u32(true);
        const subtype = reader.u8();
        const bytes = reader.take(size, 'a binary');
        return tree.add('bytes', '', from, reader.at, subtypes.get(subtype) ?? `subtype ${subtype}`, bytes);
      }
      case 0x06:
        return tree.add('null', 'undefined', from, reader.at, 'undefined');
      case 0x07: {
        const bytes = reader.take(12, 'an ObjectId');
        const hex = Buffer.from(bytes).toString('hex');
        return this.#tagged('ObjectId', from, () => tree.add('text', hex, at, reader.at, 'made ' + (isoOfMs(BigInt(Number.parseInt(hex.slice(0, 8), 16)) * 1000n) ?? '')));
      }
      case 0x08: {
        const value = reader.u8();
        if (value > 1) throw new DecodeFault('a boolean that is neither 0 nor 1', reader.at - 1);
        return tree.add('bool', String(value === 1), from, reader.at);
      }
      case 0x09: {
        const ms = reader.i64(true);
        return this.#tagged('date', from, () => tree.add('text', isoOfMs(ms) ?? `${ms} ms`, at, reader.at, 'UTC'));
      }
      case 0x0a:
        return tree.add('null', 'null', from, reader.at);
      case 0x0b: {
        const pattern = Buffer.from(reader.until(0, 'a pattern')).toString();
        const flags = Buffer.from(reader.until(0, 'flags')).toString();
        return this.#tagged('regular expression', from, () => tree.add('text', `/${pattern}/${flags}`, at, reader.at));
      }
      case 0x0c:
        return this.#tagged('DBPointer', from, () => {
          const id = tree.add('list', '', at, -1);
          tree.attach(id, this.#string(at));
          tree.attach(id, tree.add('text', Buffer.from(reader.take(12)).toString('hex'), reader.at - 12, reader.at));
          tree.finish(id, reader.at);
          return id;
        });
      case 0x0d:
        return this.#tagged('JavaScript', from, () => this.#string(at));
      case 0x0e:
        return this.#tagged('symbol', from, () => this.#string(at));
      case 0x0f:
        return this.#tagged('JavaScript with scope', from, () => {
          reader.skip(4);
          const id = tree.add('list', '', at, -1);
          tree.attach(id, this.#string(reader.at));
          tree.attach(id, this.document(depth + 1));
          tree.finish(id, reader.at);
          return id;
        });
      case 0x10:
        return tree.add('int', String(reader.i32(true)), from, reader.at, 'int32');
      case 0x11: {
        const increment = reader.u32(true);
        const seconds = reader.u32(true);
        return this.#tagged('timestamp', from, () => tree.add('text', `${isoOfMs(BigInt(seconds) * 1000n)} · ${increment}`, at, reader.at, 'seconds and increment'));
      }
      case 0x12:
        return tree.add('int', String(reader.i64(true)), from, reader.at, 'int64');
      case 0x13:
        return tree.add('float', decimal128(reader.take(16, 'a decimal')), from, reader.at, 'decimal128');
      case 0x7f:
      case 0xff:
        return tree.add('tagged', type === 0x7f ? 'MaxKey' : 'MinKey', from, reader.at);
      default:
        throw new DecodeFault(`type ${type.toString(16).padStart(2, '0')} is not one of BSON`, from);
    }
  }
}

export const bson: Codec = {
  id: 'bson',
  proof: 'open',
  mayBe: (bytes) => bytes.length >= 5 && bytes.at(-1) === 0 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === bytes.length,
  decode: (bytes) => {
    const read = new BsonReader(bytes);
    read.document(0);
    read.reader.expectEnd();
    const reason = `the first 4 bytes say the length, ${bytes.length}, and all of it is one document`;
    return { confidence: bytes.length > 5 ? 0.99 : 0.7, reason, tree: read.tree.tree() };
  },
};
