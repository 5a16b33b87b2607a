import { crc32 } from 'node:zlib';

/** Packs numbers and byte strings one after the other. Little-endian. */
export class ByteWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(expectedBytes = 256) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes);
  }

  u8(value: number): this {
    this.#room(1);
    this.#at = this.#bytes.writeUInt8(value, this.#at);
    return this;
  }

  u32(value: number): this {
    this.#room(4);
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
    return this;
  }

  /** A whole number of at most 53 bits; as a double, which holds it exactly. */
  whole(value: number): this {
    this.#room(8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.u32(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** Length and checksum of what `write` adds stand before it. */
  sealed(write: () => void): this {
    this.u32(0).u32(0);
    const begin = this.#at;
    write();
    this.#bytes.writeUInt32LE(crc32(this.#bytes.subarray(begin, this.#at)), begin - 8);
    this.#bytes.writeUInt32LE(this.#at - begin, begin - 4);
    return this;
  }

  done(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #room(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + more));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

/** Reads what `ByteWriter` packed; throws RangeError beyond the end. Byte strings are copies. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  u8(): number {
    this.#at += 1;
    return this.#bytes.readUInt8(this.#at - 1);
  }

  u32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  whole(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  /** As `bytes`, but a window of what is read, valid as long as that is. */
  view(): Buffer {
    const length = this.u32();
    if (this.#at + length > this.#bytes.length) throw new RangeError('The record ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  bytes(): Buffer {
    const length = this.u32();
    if (this.#at + length > this.#bytes.length) throw new RangeError('The record ends too early');
    this.#at += length;
    return Buffer.from(this.#bytes.subarray(this.#at - length, this.#at));
  }
}
