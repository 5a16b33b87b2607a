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
  /** The same bytes, for four at a time. */
  words = new DataView(this.bytes.buffer);
  count = 0;
  readonly from = new Int32Array(batchNames);
  readonly to = new Int32Array(batchNames);
  /** Takes what was read only to have it near, so that the optimiser does not drop the reads. */
  touched = 0;
  // what the store found: ids of the names, and those among them (as indexes) that were new or came back
  readonly id = new Int32Array(batchNames);
  readonly arrived = new Int32Array(batchNames);
  arrivedCount = 0;
  /** Place of each name's facts in the page they come from, or -1; of use only when some are `ticketed`. */
  readonly ticket = new Int32Array(batchNames);
  ticketed = false;
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
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.count = 0;
    this.ticketed = false;
  }

  add(from: number, to: number, ticket = -1): void {
    this.#addTickets(ticket, 1);
    this.from[this.count] = from;
    this.to[this.count] = to;
    this.count += 1;
  }

  /** Adds ranges from `first` on, before `end`, as far as there is room, with tickets from `ticket` on; how many. */
  addSome(from: Int32Array, to: Int32Array, first: number, end: number, ticket: number): number {
    const some = Math.min(end - first, batchNames - this.count);
    this.#addTickets(ticket, some);
    for (let i = 0; i < some; i += 1) {
      this.from[this.count + i] = from[first + i] as number;
      this.to[this.count + i] = to[first + i] as number;
    }
    this.count += some;
    return some;
  }

  /** Fills in hashes and boundaries of all names. */
  split(delimiters: Delimiters): void {
    const { bytes, count, hash } = this;
    const starts = delimiters.starts;
    let boundary = 0;
    for (let i = 0; i < count; i += 1) {
      this.firstBoundary[i] = boundary;
      if (boundary + maxFolderDepth > this.boundaryEnd.length) this.#grow();
      const { boundaryEnd, boundaryDelimiter, boundaryHash } = this;
      const last = boundary + maxFolderDepth;
      const to = this.to[i] as number;
      let at = this.from[i] as number;
      let state = hashSeed;
      while (at < to) {
        const byte = bytes[at] as number;
        state = hashStep(state, byte);
        at += 1;
        const start = starts[byte] as number;
        if (start === 0 || boundary === last) continue;
        const length = start === 1 ? 1 : delimiters.lengthAt(bytes, at - 1, to);
        if (length === 0) continue;
        for (const end = at + length - 1; at < end; at += 1) state = hashStep(state, bytes[at] as number);
        boundaryEnd[boundary] = at;
        boundaryDelimiter[boundary] = length;
        boundaryHash[boundary] = hashEnd(state);
        boundary += 1;
      }
      hash[i] = hashEnd(state);
    }
    this.firstBoundary[count] = boundary;
    this.boundaryCount = boundary;
  }

  #addTickets(ticket: number, some: number): void {
    if (ticket < 0 && !this.ticketed) return;
    if (!this.ticketed) this.ticket.fill(-1, 0, this.count);
    this.ticketed = true;
    for (let i = 0; i < some; i += 1) this.ticket[this.count + i] = ticket < 0 ? -1 : ticket + i;
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
