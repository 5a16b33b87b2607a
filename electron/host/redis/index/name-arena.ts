import { LookasideError } from '../../../../shared/contract/errors.ts';

const chunkBits = 22;
/** 4 MiB. The system gives memory only to the pages that are written. */
const chunkBytes = 1 << chunkBits;
const chunkMask = chunkBytes - 1;
const maxPosition = 2 ** 32;

/**
 * Names packed end to end in chunks; a name never straddles two. A position is chunk index and offset in one
 * 32-bit number, signed like all of the index. A name longer than a chunk gets one of its own that takes several indexes.
 */
export class NameArena {
  readonly #chunks: Uint8Array[] = [];
  #index = -1;
  #offset = chunkBytes;
  #allocated = 0;
  /** Where the name being staged lies. */
  chunk: Uint8Array = new Uint8Array(0);
  /** The same chunk, for four bytes at a time. */
  words = new DataView(this.chunk.buffer);
  offset = 0;

  /** Makes room for a name at `chunk[offset...]`; nothing is kept until `commit`. */
  stage(length: number): void {
    // behind a name that is longer than a chunk no position can point
    if (this.#offset + length > this.#chunkSize() || this.#offset >= chunkBytes) this.#nextChunk(length);
    this.offset = this.#offset;
  }

  /** Keeps the staged bytes and returns their position. */
  commit(length: number): number {
    const position = (this.#index * chunkBytes + this.#offset) | 0;
    this.#offset += length;
    return position;
  }

  chunkOf(position: number): Uint8Array {
    return this.#chunks[position >>> chunkBits] as Uint8Array;
  }

  offsetOf(position: number): number {
    return position & chunkMask;
  }

  /** A view, not a copy. */
  slice(position: number, length: number): Uint8Array {
    const offset = position & chunkMask;
    return this.chunkOf(position).subarray(offset, offset + length);
  }

  get bytes(): number {
    return this.#allocated;
  }

  #chunkSize(): number {
    return this.chunk.length;
  }

  #nextChunk(length: number): void {
    const span = Math.max(1, Math.ceil(length / chunkBytes));
    const index = this.#chunks.length;
    if ((index + span) * chunkBytes > maxPosition) {
      throw new LookasideError('LIMIT_EXCEEDED', 'The names of this database need more than 4 GiB', {
        hint: 'Restrict the index by type.',
      });
    }
    const chunk = new Uint8Array(span * chunkBytes);
    // only names that begin at the first of these indexes exist, so the others are never asked for an offset
    for (let i = 0; i < span; i += 1) this.#chunks.push(chunk);
    this.#allocated += chunk.length;
    this.chunk = chunk;
    this.words = new DataView(chunk.buffer);
    this.#index = index;
    this.#offset = 0;
  }
}
