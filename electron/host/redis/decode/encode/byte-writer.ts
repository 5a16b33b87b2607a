/** Gathers pieces and small numbers; all big-endian unless said. */
export class Pieces {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }

  bytes(...values: number[]): void {
    this.push(Uint8Array.from(values));
  }

  /** `size` bytes of a number, little-endian. */
  little(value: number, size: number): void {
    const part = Buffer.alloc(size);
    part.writeUIntLE(value, 0, size);
    this.push(part);
  }

  result(): Uint8Array {
    return Buffer.concat(this.#parts, this.#length);
  }
}
