const pageBits = 14;
/** Records in a page. */
const pageRecords = 1 << pageBits;
const pageMask = pageRecords - 1;

/**
 * Fixed-size records of signed 32-bit fields, in pages: growing copies nothing, wastes at most a page, and one
 * record's fields share a cache line.
 */
export class PagedRecords {
  readonly #pages: Int32Array[] = [];
  readonly stride: number;

  constructor(stride: number) {
    this.stride = stride;
  }

  /** Makes room for the record; new fields are 0. */
  reserve(id: number): void {
    while (id >>> pageBits >= this.#pages.length) this.#pages.push(new Int32Array(pageRecords * this.stride));
  }

  /** The page of a record, for hot loops that touch several of its fields; they begin at `offset`. */
  page(id: number): Int32Array {
    return this.#pages[id >>> pageBits] as Int32Array;
  }

  offset(id: number): number {
    return (id & pageMask) * this.stride;
  }

  get(id: number, field: number): number {
    return (this.#pages[id >>> pageBits] as Int32Array)[(id & pageMask) * this.stride + field] as number;
  }

  /** 0 for a record that was never reserved. */
  getOrZero(id: number, field: number): number {
    return this.#pages[id >>> pageBits]?.[(id & pageMask) * this.stride + field] ?? 0;
  }

  set(id: number, field: number, value: number): void {
    (this.#pages[id >>> pageBits] as Int32Array)[(id & pageMask) * this.stride + field] = value;
  }

  add(id: number, field: number, amount: number): number {
    const page = this.#pages[id >>> pageBits] as Int32Array;
    const at = (id & pageMask) * this.stride + field;
    const value = (page[at] as number) + amount;
    page[at] = value;
    return value;
  }

  get bytes(): number {
    return this.#pages.length * pageRecords * this.stride * 4;
  }
}

/** One byte per id, in pages. */
export class PagedBytes {
  readonly #pages: Uint8Array[] = [];

  reserve(id: number): void {
    while (id >>> pageBits >= this.#pages.length) this.#pages.push(new Uint8Array(pageRecords));
  }

  /** 0 for an id that was never reserved. */
  get(id: number): number {
    return this.#pages[id >>> pageBits]?.[id & pageMask] ?? 0;
  }

  set(id: number, value: number): void {
    (this.#pages[id >>> pageBits] as Uint8Array)[id & pageMask] = value;
  }

  get bytes(): number {
    return this.#pages.length * pageRecords;
  }
}

/** Records of 64-bit floats, in pages; 0 until they are set. */
export class PagedFloats {
  readonly #pages: Float64Array[] = [];
  readonly #stride: number;

  constructor(stride = 1) {
    this.#stride = stride;
  }

  reserve(id: number): void {
    while (id >>> pageBits >= this.#pages.length) this.#pages.push(new Float64Array(pageRecords * this.#stride));
  }

  /** 0 for a record that was never reserved. */
  get(id: number, field = 0): number {
    return this.#pages[id >>> pageBits]?.[(id & pageMask) * this.#stride + field] ?? 0;
  }

  set(id: number, value: number, field = 0): void {
    (this.#pages[id >>> pageBits] as Float64Array)[(id & pageMask) * this.#stride + field] = value;
  }

  add(id: number, field: number, amount: number): void {
    const page = this.#pages[id >>> pageBits] as Float64Array;
    const at = (id & pageMask) * this.#stride + field;
    page[at] = (page[at] as number) + amount;
  }

  get bytes(): number {
    return this.#pages.length * pageRecords * this.#stride * 8;
  }
}
