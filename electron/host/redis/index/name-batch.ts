import { maxFolderDepth, type Delimiters } from '../../../../shared/redis/key-name.ts';
import { hashEnd, hashSeed, hashStep } from './name-hash.ts';

/** Names in a batch: what they will touch in memory together fits a core's caches and its page tables. */
export const batchNames = 256;

/**
 * Names of one buffer, split and hashed in one pass over their bytes, so that the index can ask memory for what it needs
 * for all of them before it needs any of it. Random reads then wait together instead of one after the other.
 */
export class NameBatch {
  bytes: Uint8Array = new Uint8Array(0);
  count = 0;
  readonly from = new Int32Array(batchNames);
  readonly to = new Int32Array(batchNames);
  /** Hash of the whole name. */
  readonly hash = new Int32Array(batchNames);
  /** Index of the name's first boundary; those of name `i` end where those of `i + 1` begin. */
  readonly firstBoundary = new Int32Array(batchNames + 1);
  // of each folder of each name, from the outside in
  boundaryCount = 0;
  /** Place in the buffer after the folder's delimiter. */
  boundaryEnd = new Int32Array(batchNames * 4);
  boundaryDelimiter = new Uint8Array(batchNames * 4);
  boundaryHash = new Int32Array(batchNames * 4);

  get full(): boolean {
    return this.count === batchNames;
  }

  clear(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.count = 0;
  }

  add(from: number, to: number): void {
    this.from[this.count] = from;
    this.to[this.count] = to;
    this.count += 1;
  }

  /** Adds ranges from `first` on, before `end`, as far as there is room; how many. */
  addSome(from: Int32Array, to: Int32Array, first: number, end: number): number {
    const some = Math.min(end - first, batchNames - this.count);
    for (let i = 0; i < some; i += 1) {
      this.from[this.count + i] = from[first + i] as number;
      this.to[this.count + i] = to[first + i] as number;
    }
    this.count += some;
    return some;
  }

  /** Fills in hashes and boundaries of all names. */
  split(delimiters: Delimiters): void {
    const { bytes, count } = this;
    const starts = delimiters.starts;
    this.boundaryCount = 0;
    for (let i = 0; i < count; i += 1) {
      this.firstBoundary[i] = this.boundaryCount;
      const to = this.to[i] as number;
      let at = this.from[i] as number;
      let state = hashSeed;
      let depth = 0;
      while (at < to) {
        const byte = bytes[at] as number;
        const start = starts[byte] as number;
        const length = start < 2 ? start : delimiters.lengthAt(bytes, at, to);
        state = hashStep(state, byte);
        at += 1;
        if (length === 0 || depth === maxFolderDepth) continue;
        for (const end = at + length - 1; at < end; at += 1) state = hashStep(state, bytes[at] as number);
        this.#boundary(at, length, hashEnd(state));
        depth += 1;
      }
      this.hash[i] = hashEnd(state);
    }
    this.firstBoundary[count] = this.boundaryCount;
  }

  #boundary(end: number, delimiter: number, hash: number): void {
    const index = this.boundaryCount;
    if (index === this.boundaryEnd.length) this.#grow();
    this.boundaryEnd[index] = end;
    this.boundaryDelimiter[index] = delimiter;
    this.boundaryHash[index] = hash;
    this.boundaryCount = index + 1;
  }

  #grow(): void {
    const size = this.boundaryEnd.length * 2;
    const ends = new Int32Array(size);
    const delimiters = new Uint8Array(size);
    const hashes = new Int32Array(size);
    ends.set(this.boundaryEnd);
    delimiters.set(this.boundaryDelimiter);
    hashes.set(this.boundaryHash);
    this.boundaryEnd = ends;
    this.boundaryDelimiter = delimiters;
    this.boundaryHash = hashes;
  }
}
