import { utf8OrNull } from '../../../../shared/bytes.ts';
import type { TreeBuilder } from '../../../../shared/decode/tree.ts';
import { maxTreeDepth } from '../../../../shared/decode/tree.ts';
import { DecodeFault } from './fault.ts';

/** Reads numbers and pieces one after the other; whatever would leave the bytes is a fault that names its place. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** Moves on by `count` and gives where that began. */
  skip(count: number, what = 'the value'): number {
    if (!(count >= 0) || count > this.left) throw new DecodeFault(`${what} ends before its ${count} bytes`, this.at);
    const from = this.at;
    this.at += count;
    return from;
  }

  take(count: number, what?: string): Uint8Array {
    const from = this.skip(count, what);
    return this.bytes.subarray(from, this.at);
  }

  peek(): number {
    return this.bytes[this.at] ?? -1;
  }

  u8(): number {
    return this.bytes[this.skip(1)] as number;
  }

  i8(): number {
    return this.#view.getInt8(this.skip(1));
  }

  u16(little = false): number {
    return this.#view.getUint16(this.skip(2), little);
  }

  i16(little = false): number {
    return this.#view.getInt16(this.skip(2), little);
  }

  u32(little = false): number {
    return this.#view.getUint32(this.skip(4), little);
  }

  i32(little = false): number {
    return this.#view.getInt32(this.skip(4), little);
  }

  u64(little = false): bigint {
    return this.#view.getBigUint64(this.skip(8), little);
  }

  i64(little = false): bigint {
    return this.#view.getBigInt64(this.skip(8), little);
  }

  f32(little = false): number {
    return this.#view.getFloat32(this.skip(4), little);
  }

  f64(little = false): number {
    return this.#view.getFloat64(this.skip(8), little);
  }

  /** Base-128 varint of at most 64 bits. */
  varint(): bigint {
    const from = this.at;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new DecodeFault('a varint is longer than 10 bytes', from);
  }

  /** Up to and without the next `end` byte, which is passed. */
  until(end: number, what: string): Uint8Array {
    const to = this.bytes.indexOf(end, this.at);
    if (to < 0) throw new DecodeFault(`${what} has no end`, this.at);
    const piece = this.bytes.subarray(this.at, to);
    this.at = to + 1;
    return piece;
  }

  expectEnd(): void {
    if (this.left > 0) throw new DecodeFault(`${this.left} bytes are left over`, this.at);
  }
}

export function guardDepth(depth: number, at: number): void {
  if (depth > maxTreeDepth) throw new DecodeFault(`nested deeper than ${maxTreeDepth} levels`, at);
}

const asciiDecoder = new TextDecoder('latin1');

export function latin1(bytes: Uint8Array): string {
  return asciiDecoder.decode(bytes);
}

/** A text node, or bytes with a note where the format says text and the bytes are not UTF-8. */
export function addText(tree: TreeBuilder, bytes: Uint8Array, start: number, end: number, note = ''): number {
  const text = utf8OrNull(bytes);
  return text === null ? tree.add('bytes', '', start, end, note === '' ? 'text that is not UTF-8' : note, bytes) : tree.add('text', text, start, end, note);
}

/** All digits of an integer; beyond 4,096 bytes in hexadecimal, since decimal digits of so many would take too long. */
export function bigText(bigEndian: Uint8Array, make: (value: bigint) => bigint = (value) => value): string {
  const hex = Buffer.from(bigEndian).toString('hex');
  if (hex === '') return String(make(0n));
  return bigEndian.length > 4096 ? `0x${hex}` : String(make(BigInt(`0x${hex}`)));
}
