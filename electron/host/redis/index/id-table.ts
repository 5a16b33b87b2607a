const shardBits = 8;
const shardCount = 1 << shardBits;
const firstSlots = 16;
const growth = 1.5;
/** Growth at once when it is known how many are to come; what is paused early has not taken memory for all. */
const maxGrowth = 32;
const maxLoad = 0.8;
const range = 2 ** -32;
/** No such id; also the end of a linked list. */
export const none = -1;

/**
 * Open-addressing set of ids by a 32-bit hash; what an id stands for is known to the owner. A slot is a pair of numbers,
 * id + 1 (0 = free) and the hash, so that a search reads one cache line and looks at a name only to confirm it. In
 * shards that grow one by one, so that no growth stalls the thread or doubles the memory. Hashes are signed, as all
 * numbers of the index are: the engine keeps greater ones in objects.
 */
export class IdTable {
  readonly #shards: Int32Array[] = Array.from({ length: shardCount }, () => new Int32Array(firstSlots * 2));
  readonly #used = new Int32Array(shardCount);
  #expectedSlots = 0;
  #slots: Int32Array = this.#shards[0] as Int32Array;
  #at = 0;
  #hash = 0;

  /** So many ids are to come, as a guess: a shard that grows then grows to its share at once. Costs nothing before. */
  expect(count: number): void {
    // a little more, because hashes do not spread evenly; whole, because a field that turns fractional undoes compiled code
    this.#expectedSlots = Math.ceil((count / shardCount / maxLoad) * 1.05) | 0;
  }

  /** First candidate for the hash, or `none`. The caller compares, and asks `next` while it differs. */
  first(hash: number): number {
    const slots = this.#shards[hash >>> (32 - shardBits)] as Int32Array;
    this.#slots = slots;
    this.#hash = hash;
    return this.#candidate(homeOf(hash, slots));
  }

  next(): number {
    const at = this.#at + 2;
    return this.#candidate(at === this.#slots.length ? 0 : at);
  }

  /**
   * Reads where searches for the hashes begin, so that the memory is near when they do. Nothing waits for what is read, so
   * that many reads wait together. Keep the result, or the optimiser drops them.
   */
  touchAll(hashes: Int32Array, count: number): number {
    const shards = this.#shards;
    let sum = 0;
    for (let i = 0; i < count; i += 1) {
      const hash = hashes[i] as number;
      const slots = shards[hash >>> (32 - shardBits)] as Int32Array;
      sum ^= slots[homeOf(hash, slots)] as number;
    }
    return sum;
  }

  /** The first candidate as `first` finds it, without beginning a search. */
  peek(hash: number): number {
    const slots = this.#shards[hash >>> (32 - shardBits)] as Int32Array;
    for (let at = homeOf(hash, slots); ; ) {
      const slot = slots[at] as number;
      if (slot === 0) return none;
      if (slots[at + 1] === hash) return slot - 1;
      at += 2;
      if (at === slots.length) at = 0;
    }
  }

  /** The slots that a hash is in, for hot loops that search by hand from `homeOf` on. */
  slotsOf(hash: number): Int32Array {
    return this.#shards[hash >>> (32 - shardBits)] as Int32Array;
  }

  /** Puts an id at a free slot, where such a search ended. */
  insertAt(slots: Int32Array, at: number, hash: number, id: number): void {
    slots[at] = id + 1;
    slots[at + 1] = hash;
    const shard = hash >>> (32 - shardBits);
    const used = (this.#used[shard] as number) + 1;
    this.#used[shard] = used;
    if (used * 2 > slots.length * maxLoad) this.#grow(shard);
  }

  /** Puts an id at the free slot where the last search ended. */
  insert(id: number): void {
    this.insertAt(this.#slots, this.#at, this.#hash, id);
  }

  get bytes(): number {
    let bytes = 0;
    for (const slots of this.#shards) bytes += slots.byteLength;
    return bytes;
  }

  #candidate(from: number): number {
    const slots = this.#slots;
    const hash = this.#hash;
    for (let at = from; ; ) {
      const slot = slots[at] as number;
      if (slot === 0 || slots[at + 1] === hash) {
        this.#at = at;
        return slot - 1;
      }
      at += 2;
      if (at === slots.length) at = 0;
    }
  }

  #grow(shard: number): void {
    const old = this.#shards[shard] as Int32Array;
    const before = old.length / 2;
    const after = this.#expectedSlots > before ? Math.min(this.#expectedSlots, before * maxGrowth) : Math.ceil(before * growth) | 0;
    const grown = new Int32Array(after * 2);
    for (let i = 0; i < old.length; i += 2) {
      const slot = old[i] as number;
      if (slot === 0) continue;
      const hash = old[i + 1] as number;
      let at = homeOf(hash, grown);
      while (grown[at] !== 0) {
        at += 2;
        if (at === grown.length) at = 0;
      }
      grown[at] = slot;
      grown[at + 1] = hash;
    }
    this.#shards[shard] = grown;
  }
}

/** Where a hash's search begins: bits that do not choose the shard, scaled to the number of slots. */
export function homeOf(hash: number, slots: Int32Array): number {
  const count = slots.length >> 1;
  // whole numbers suffice for shards of ordinary size, and cost half
  if (count <= 0x10000) return (Math.imul((hash >>> shardBits) & 0xffff, count) >>> 16) << 1;
  return (((hash << shardBits) >>> 0) * count * range >>> 0) * 2;
}
