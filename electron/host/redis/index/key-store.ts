import { homeOf, IdTable, none } from './id-table.ts';
import { NameArena } from './name-arena.ts';
import type { NameBatch } from './name-batch.ts';
import { hashBytes } from './name-hash.ts';
import { PagedBytes, PagedRecords } from './paged-records.ts';

const position = 0;
const length = 1;

/** Names up to this length are copied by hand, which is faster than a call, bytes. */
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
    const table = this.#table;
    for (let id = table.first(hash); id !== none; id = table.next()) {
      if (this.#holds(id, bytes, from, to - from)) return this.#mark(id, mark);
    }
    const id = this.#count;
    this.#records.reserve(id);
    this.#marks.reserve(id);
    this.#append(id, bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), from, to - from);
    table.insert(id);
    this.#marks.set(id, mark);
    this.#perMark[mark] = (this.#perMark[mark] as number) + 1;
    this.#count = id + 1;
    this.lastId = id;
    return 'added';
  }

  /** `put` for a split batch, which is told the ids and which names have arrived. One loop with little in it but arrays: it is the index's hottest. */
  putAll(batch: NameBatch, mark: number): void {
    const { bytes, words, count, from: froms, to: tos, hash: hashes, id: ids, arrived } = batch;
    const table = this.#table;
    batch.touched ^= table.touchAll(hashes, count);
    let arrivals = 0;
    let id = this.#count;
    this.#records.reserve(id + count);
    this.#marks.reserve(id + count);
    for (let i = 0; i < count; i += 1) {
      const hash = hashes[i] as number;
      const from = froms[i] as number;
      const size = (tos[i] as number) - from;
      const slots = table.slotsOf(hash);
      let at = homeOf(hash, slots);
      let slot = slots[at] as number;
      while (slot !== 0 && (slots[at + 1] !== hash || !this.#holds(slot - 1, bytes, from, size))) {
        at += 2;
        if (at === slots.length) at = 0;
        slot = slots[at] as number;
      }
      if (slot !== 0) {
        ids[i] = slot - 1;
        if (this.#mark(slot - 1, mark) === 'known') continue;
      } else {
        this.#append(id, bytes, words, from, size);
        table.insertAt(slots, at, hash, id);
        this.#marks.set(id, mark);
        ids[i] = id;
        id += 1;
      }
      arrived[arrivals] = i;
      arrivals += 1;
    }
    this.#perMark[mark] = (this.#perMark[mark] as number) + id - this.#count;
    this.#count = id;
    batch.arrivedCount = arrivals;
  }

  #append(id: number, bytes: Uint8Array, words: DataView, from: number, size: number): void {
    const arena = this.arena;
    arena.stage(size);
    const { chunk, offset } = arena;
    if (size <= copyByHand) {
      const { words: target } = arena;
      let i = 0;
      for (; i + 4 <= size; i += 4) target.setInt32(offset + i, words.getInt32(from + i, true), true);
      for (; i < size; i += 1) target.setUint8(offset + i, words.getUint8(from + i));
    } else {
      chunk.set(bytes.subarray(from, from + size), offset);
    }
    const page = this.#records.page(id);
    const at = this.#records.offset(id);
    page[at + position] = arena.commit(size);
    page[at + length] = size;
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
