import { IdTable, none } from './id-table.ts';
import { NameArena } from './name-arena.ts';
import { hashBytes } from './name-hash.ts';
import { PagedBytes, PagedRecords } from './paged-records.ts';

const position = 0;
const length = 1;

/** Names up to this length are copied byte by byte, which is faster than a call, bytes. */
const copyByHand = 64;

/** What `put` found. */
export type Put = 'added' | 'revived' | 'known';

/** Mark of a key that is not held any more; its name and id stay, so that it can come back as itself. */
const dead = 0;

/**
 * All names of an index, each once, by id in the order of their arrival. Every key carries the mark of the pass that
 * saw it last; marks are 1 to 255.
 */
export class KeyStore {
  readonly arena = new NameArena();
  readonly #records = new PagedRecords(2);
  readonly #marks = new PagedBytes();
  readonly #table = new IdTable();
  readonly #perMark = new Float64Array(256);
  #count = 0;
  /** Id of the name that `put` was about. */
  lastId = none;

  /** Ids given so far, dead ones included. */
  get count(): number {
    return this.#count;
  }

  /** Keys held. */
  get alive(): number {
    return this.#count - (this.#perMark[dead] as number);
  }

  markedWith(mark: number): number {
    return this.#perMark[mark] as number;
  }

  /** Notes that a pass saw a name, `hash` being that of its bytes. They are copied. */
  put(bytes: Uint8Array, from: number, to: number, hash: number, mark: number): Put {
    const size = to - from;
    const table = this.#table;
    for (let id = table.first(hash); id !== none; id = table.next()) {
      if (this.#holds(id, bytes, from, size)) return this.#mark(id, mark);
    }
    const arena = this.arena;
    arena.stage(size);
    if (size <= copyByHand) {
      const chunk = arena.chunk;
      const start = arena.offset;
      for (let i = 0; i < size; i += 1) chunk[start + i] = bytes[from + i] as number;
    } else {
      arena.chunk.set(bytes.subarray(from, to), arena.offset);
    }
    const id = this.#count;
    this.#records.reserve(id);
    this.#marks.reserve(id);
    const page = this.#records.page(id);
    const at = this.#records.offset(id);
    table.insert(id);
    page[at + position] = arena.commit(size);
    page[at + length] = size;
    this.#count = id + 1;
    this.#marks.set(id, mark);
    this.#perMark[mark] = (this.#perMark[mark] as number) + 1;
    this.lastId = id;
    return 'added';
  }

  /** Asks memory for what `put` of these hashes will read. The result is of no use but for the optimiser. */
  prepare(hashes: Int32Array, count: number): number {
    const table = this.#table;
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum ^= table.touch(hashes[i] as number);
    return sum;
  }

  /** So many keys are to come, as a guess. */
  expect(count: number): void {
    this.#table.expect(count);
  }

  /** Id of a name that is held, or `none`. */
  find(name: Uint8Array): number {
    let id = this.#table.first(hashBytes(name, 0, name.length));
    while (id !== none && !this.#holds(id, name, 0, name.length)) id = this.#table.next();
    return id !== none && this.isAlive(id) ? id : none;
  }

  kill(id: number): void {
    this.#mark(id, dead);
  }

  isAlive(id: number): boolean {
    return this.#marks.get(id) !== dead;
  }

  markOf(id: number): number {
    return this.#marks.get(id);
  }

  positionOf(id: number): number {
    return this.#records.get(id, position);
  }

  lengthOf(id: number): number {
    return this.#records.get(id, length);
  }

  /** A view into the arena, not a copy. */
  nameOf(id: number): Uint8Array {
    return this.arena.slice(this.positionOf(id), this.lengthOf(id));
  }

  get bytes(): number {
    return this.arena.bytes + this.#records.bytes + this.#marks.bytes + this.#table.bytes;
  }

  #mark(id: number, mark: number): Put {
    const before = this.#marks.get(id);
    this.lastId = id;
    if (before !== mark) {
      this.#marks.set(id, mark);
      this.#perMark[before] = (this.#perMark[before] as number) - 1;
      this.#perMark[mark] = (this.#perMark[mark] as number) + 1;
    }
    return before === dead ? 'revived' : 'known';
  }

  #holds(id: number, bytes: Uint8Array, from: number, size: number): boolean {
    if (this.#records.get(id, length) !== size) return false;
    const at = this.#records.get(id, position);
    const chunk = this.arena.chunkOf(at);
    const start = this.arena.offsetOf(at);
    for (let i = 0; i < size; i += 1) if (chunk[start + i] !== bytes[from + i]) return false;
    return true;
  }
}
