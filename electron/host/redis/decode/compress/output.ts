/** Thrown out of a decoder's loop when its output has reached the limit; what is there stays. */
export class OutputFull extends Error {}

/** Output of a decompressor that grows with what comes and never beyond its limit. */
export class Output {
  #bytes: Uint8Array;
  readonly #limit: number;
  length = 0;

  constructor(limit: number, expected: number) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(Math.min(limit, Math.max(64, expected)));
  }

  result(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  push(piece: Uint8Array): void {
    const room = this.#room(piece.length);
    this.#bytes.set(room < piece.length ? piece.subarray(0, room) : piece, this.length);
    this.length += room;
    if (room < piece.length) throw new OutputFull();
  }

  /** Repeats `count` bytes from `distance` back; the two may overlap, as all LZ formats allow. */
  repeat(distance: number, count: number): void {
    const room = this.#room(count);
    const bytes = this.#bytes;
    let to = this.length;
    if (distance >= room) bytes.copyWithin(to, to - distance, to - distance + room);
    else for (let left = room; left > 0; left -= 1, to += 1) bytes[to] = bytes[to - distance] as number;
    this.length += room;
    if (room < count) throw new OutputFull();
  }

  #room(wanted: number): number {
    const needed = Math.min(this.#limit, this.length + wanted);
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.#limit, Math.max(needed, this.#bytes.length * 2)));
      grown.set(this.result());
      this.#bytes = grown;
    }
    return needed - this.length;
  }
}

/** Runs a decoder into an output; `cut` when it reached the limit. */
export function fill(limit: number, expected: number, decode: (output: Output) => void): { out: Uint8Array; cut: boolean } {
  const output = new Output(limit, expected);
  try {
    decode(output);
    return { out: output.result(), cut: false };
  } catch (error) {
    if (error instanceof OutputFull) return { out: output.result(), cut: true };
    throw error;
  }
}
