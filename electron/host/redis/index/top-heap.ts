/** The `limit` greatest of what is offered; of equals the one that came first. */
export class TopHeap {
  readonly #limit: number;
  /** A binary heap with the least on top: ids and their values. */
  readonly #ids: number[] = [];
  readonly #values: number[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  offer(id: number, value: number): void {
    const count = this.#ids.length;
    if (count < this.#limit) {
      this.#ids.push(id);
      this.#values.push(value);
      this.#up(count);
    } else if (value > (this.#values[0] ?? Infinity)) {
      this.#ids[0] = id;
      this.#values[0] = value;
      this.#down();
    }
  }

  /** Ids, the greatest first. */
  sorted(): number[] {
    const places = [...this.#ids.keys()].toSorted((a, b) => (this.#less(a, b) ? 1 : -1));
    return places.map((place) => this.#ids[place] as number);
  }

  #less(a: number, b: number): boolean {
    const [left, right] = [this.#values[a] as number, this.#values[b] as number];
    return left < right || (left === right && (this.#ids[a] as number) > (this.#ids[b] as number));
  }

  #swap(a: number, b: number): void {
    for (const array of [this.#ids, this.#values]) [array[a], array[b]] = [array[b] as number, array[a] as number];
  }

  #up(from: number): void {
    for (let at = from; at > 0; ) {
      const above = (at - 1) >> 1;
      if (!this.#less(at, above)) return;
      this.#swap(at, above);
      at = above;
    }
  }

  #down(): void {
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [at * 2 + 1, at * 2 + 2]) if (child < this.#ids.length && this.#less(child, least)) least = child;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }
}
