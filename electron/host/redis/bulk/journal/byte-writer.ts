/** Packs numbers and byte strings one after the other. Little-endian. */
export class ByteWriter {
  readonly #pieces: Buffer[] = [];

  u8(value: number): this {
    this.#pieces.push(Buffer.from([value]));
    return this;
  }

  u32(value: number): this {
    const piece = Buffer.allocUnsafe(4);
    piece.writeUInt32LE(value);
    this.#pieces.push(piece);
    return this;
  }

  /** A whole number of at most 53 bits. */
  whole(value: number): this {
    const piece = Buffer.allocUnsafe(8);
    piece.writeBigInt64LE(BigInt(value));
    this.#pieces.push(piece);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.u32(value.length);
    this.#pieces.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    return this;
  }

  done(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

/** Reads what `ByteWriter` packed; throws RangeError beyond the end. Byte strings are copies. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
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
    return Number(this.#bytes.readBigInt64LE(this.#at - 8));
  }

  bytes(): Buffer {
    const length = this.u32();
    if (this.#at + length > this.#bytes.length) throw new RangeError('The record ends too early');
    this.#at += length;
    return Buffer.from(this.#bytes.subarray(this.#at - length, this.#at));
  }
}
