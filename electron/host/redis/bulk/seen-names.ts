import { hash32 } from '../../../../shared/redis/hash32.ts';

const firstSlots = 4096;

/**
 * Names that were met, by 64 bits of hash with seeds of its own: 16 bytes a name, whatever its length. Two of ten million
 * names share a hash once in 370,000 walks.
 */
export class SeenNames {
  readonly #low = (Math.random() * 0x1_0000_0000) >>> 0;
  readonly #high = (Math.random() * 0x1_0000_0000) >>> 0;
  /** Pairs; both zero = free. */
  #slots = new Uint32Array(firstSlots * 2);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Whether the name is new; it is not any more. */
  add(name: Uint8Array): boolean {
    const low = hash32(name, this.#low);
    // never zero, so that a pair is never free
    const high = (hash32(name, this.#high) | 1) >>> 0;
    const at = this.#find(this.#slots, low, high);
    if (this.#slots[at + 1] !== 0) return false;
    this.#slots[at] = low;
    this.#slots[at + 1] = high;
    this.#count += 1;
    if (this.#count * 4 > this.#slots.length) this.#grow();
    return true;
  }

  #find(slots: Uint32Array, low: number, high: number): number {
    const mask = slots.length / 2 - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 2;
      if (slots[at + 1] === 0 || (slots[at] === low && slots[at + 1] === high)) return at;
    }
  }

  #grow(): void {
    const larger = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += 2) {
      const [low, high] = [this.#slots[at] as number, this.#slots[at + 1] as number];
      if (high === 0) continue;
      const to = this.#find(larger, low, high);
      larger[to] = low;
      larger[to + 1] = high;
    }
    this.#slots = larger;
  }
}
