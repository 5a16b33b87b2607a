/** Up to this many keys, equals are in the order of their names; beyond, in that of their arrival. */
export const orderedByName = 1_000_000;
/** A list is made anew not sooner than this after the last time, ms, nor than so many times its duration. */
const restMs = 1000;
const restFactor = 4;
const block = 16_384;
const digits = 1 << 16;

export interface SortSource {
  /** Keys in the order that equals shall have, then `null`. */
  begin(): { next(): number | null };
  /** What to sort by, from 0 up; NaN where it is not known. */
  valueOf(key: number): number;
  readonly descending: boolean;
}

/** Ids in order of a value, made and made anew in slices. What was made last stays until the next is ready. */
export class SortedList {
  ids: Uint32Array = new Uint32Array(0);
  readonly #source: SortSource;
  #work: Generator<undefined, Uint32Array, undefined> | null = null;
  #version = -1;
  #took = 0;
  #endedAt = -Infinity;
  ready = false;

  constructor(source: SortSource) {
    this.#source = source;
  }

  get working(): boolean {
    return this.#work !== null;
  }

  /** Whether contents of this version are in it, or being put in. */
  holds(version: number): boolean {
    return this.#version === version;
  }

  /** When it may be made anew, of `performance.now()`. */
  get dueAt(): number {
    return this.#endedAt + (this.ready ? Math.max(restMs, this.#took * restFactor) : 0);
  }

  /** Begins a new list; `version` says of which contents. */
  begin(version: number): void {
    this.#version = version;
    this.#took = 0;
    this.#work = sorted(this.#source);
  }

  /** Works until `deadline` (of `performance.now()`); whether the list is another now. */
  advance(deadline: number): boolean {
    const work = this.#work;
    if (work === null) return false;
    const begun = performance.now();
    for (;;) {
      const step = work.next();
      const now = performance.now();
      if (step.done === true) {
        this.ids = step.value;
        this.ready = true;
        this.#work = null;
        this.#took += now - begun;
        this.#endedAt = now;
        return true;
      }
      if (now < deadline) continue;
      this.#took += now - begun;
      return false;
    }
  }

  get bytes(): number {
    return this.ids.byteLength;
  }
}

/** Yields between blocks. */
function* sorted({ begin, valueOf, descending }: SortSource): Generator<undefined, Uint32Array, undefined> {
  const keys = begin();
  let ids = new Uint32Array(block);
  let values = new Float64Array(block);
  let count = 0;
  const unknown: number[] = [];
  for (let steps = 1; ; steps += 1) {
    const key = keys.next();
    if (key === null) break;
    const value = valueOf(key);
    if (Number.isNaN(value)) unknown.push(key);
    else {
      if (count === ids.length) {
        const [moreIds, moreValues] = [new Uint32Array(count * 2), new Float64Array(count * 2)];
        moreIds.set(ids);
        moreValues.set(values);
        [ids, values] = [moreIds, moreValues];
      }
      ids[count] = key;
      values[count] = value;
      count += 1;
    }
    if (steps % 2048 === 0) yield;
  }
  const order = yield* radix(values, count, descending);
  const result = new Uint32Array(count + unknown.length);
  for (let i = 0; i < count; i += 1) {
    result[i] = ids[order[i] as number] as number;
    if (i % block === 0) yield;
  }
  result.set(unknown, count);
  return result;
}

/**
 * Places of `values[0, count)` in order, equals in theirs: by the bits of the floats, 16 at a time from the lowest. Bits of
 * floats from 0 up are in the order of the floats.
 */
export function* radix(values: Float64Array, count: number, descending: boolean): Generator<undefined, Uint32Array, undefined> {
  const bits = new Uint16Array(values.buffer, values.byteOffset, values.length * 4);
  const flip = descending ? digits - 1 : 0;
  let order = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) order[i] = i;
  let next = new Uint32Array(count);
  for (let digit = 0; digit < 4; digit += 1) {
    const starts = new Uint32Array(digits);
    for (let i = 0; i < count; i += 1) {
      const at = (bits[i * 4 + digit] as number) ^ flip;
      starts[at] = (starts[at] as number) + 1;
      if (i % block === 0) yield;
    }
    // all the same: nothing moves
    if (count === 0 || starts[(bits[digit] as number) ^ flip] === count) continue;
    let sum = 0;
    for (let i = 0; i < digits; i += 1) {
      const here = starts[i] as number;
      starts[i] = sum;
      sum += here;
    }
    yield;
    for (let i = 0; i < count; i += 1) {
      const place = order[i] as number;
      const at = (bits[place * 4 + digit] as number) ^ flip;
      next[starts[at] as number] = place;
      starts[at] = (starts[at] as number) + 1;
      if (i % block === 0) yield;
    }
    [order, next] = [next, order];
  }
  return order;
}
