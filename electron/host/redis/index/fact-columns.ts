import type { StoredFacts } from '../../../../shared/contract/key-facts.ts';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import { neverExpires, notTold, type PageFacts } from './page-facts.ts';
import { PagedBytes, PagedFloats, PagedRecords } from './paged-records.ts';

const maxCode = 255;

/** Words by code, 1 to 255; 0 = unknown. A server with more than 254 of them gets the last code for the rest. */
class Words {
  readonly list: string[] = [''];
  readonly #codes = new Map<string, number>();

  constructor(known: readonly string[]) {
    for (const word of known) this.codeOf(word);
  }

  codeOf(word: string): number {
    const known = this.#codes.get(word);
    if (known !== undefined) return known;
    if (this.list.length === maxCode) this.list.push('other');
    if (this.list.length > maxCode) return maxCode;
    this.#codes.set(word, this.list.length);
    return this.list.push(word) - 1;
  }
}

const highest = 0x7fffffff;

/** Whole numbers, or not known; four bytes each, the rare ones that need more beside them. */
class Amounts {
  readonly #stored = new PagedRecords(1);
  readonly #large = new Map<number, number>();

  reserve(id: number): void {
    this.#stored.reserve(id);
  }

  /** `notTold` when it is not known. */
  get(id: number): number {
    const stored = this.#stored.getOrZero(id, 0);
    return stored === highest ? (this.#large.get(id) ?? notTold) : stored - 1;
  }

  set(id: number, value: number): void {
    if (this.#stored.getOrZero(id, 0) === highest) this.#large.delete(id);
    if (value + 1 >= highest) this.#large.set(id, value);
    this.#stored.set(id, 0, Math.min(highest, value + 1));
  }

  get bytes(): number {
    return this.#stored.bytes + this.#large.size * 64;
  }
}

/** Types that folders count apart, by their code; what comes after them is a module's. */
export const coreTypes = ['string', 'list', 'set', 'zset', 'hash', 'stream'] as const;

/** What of a key's facts goes into the sums of its folders. Reused, so that a sum allocates nothing. */
export class Contribution {
  /** 0 unknown, 1 with an expiry, 2 without. */
  ttl: 0 | 1 | 2 = 0;
  bytes = notTold;
  /** Code of the type; 0 unknown. */
  type = 0;

  same(other: Contribution): boolean {
    return this.ttl === other.ttl && this.bytes === other.bytes && this.type === other.type;
  }

  get empty(): boolean {
    return this.ttl === 0 && this.bytes === notTold && this.type === 0;
  }
}

/** Facts by key id, a column for each field that was asked for; what was not asked for takes no memory. */
export class FactColumns {
  readonly fields: ReadonlySet<KeyFactField>;
  /** What the recency column holds; `null` until the server's policy is known. */
  recencyKind: 'idle' | 'frequency' | null = null;
  readonly #types: Words = new Words(coreTypes);
  readonly #encodings: Words = new Words([]);
  readonly #type: PagedBytes | null;
  readonly #expires: PagedFloats | null;
  readonly #bytes: Amounts | null;
  readonly #elements: Amounts | null;
  readonly #recency: Amounts | null;
  readonly #encoding: PagedBytes | null;
  /** The page whose words `#typeCodes` and `#encodingCodes` translate. */
  #page: PageFacts | null = null;
  #typeCodes: number[] = [];
  #encodingCodes: number[] = [];

  /** Takes over the codes of `former`, and with `keep` its columns that are asked for still. */
  constructor(fields: Iterable<KeyFactField>, former: FactColumns | null = null, keep = true) {
    this.fields = new Set(fields);
    const wants = (field: KeyFactField) => this.fields.has(field);
    if (former !== null) {
      this.recencyKind = former.recencyKind;
      this.#types = former.#types;
      this.#encodings = former.#encodings;
    }
    const old = keep ? former : null;
    const column = <T>(field: KeyFactField, kept: T | null, fresh: () => T): T | null => (wants(field) ? (kept ?? fresh()) : null);
    this.#type = column('type', old === null ? null : old.#type, () => new PagedBytes());
    this.#expires = column('ttl', old === null ? null : old.#expires, () => new PagedFloats());
    this.#bytes = column('bytes', old === null ? null : old.#bytes, () => new Amounts());
    this.#elements = column('elements', old === null ? null : old.#elements, () => new Amounts());
    this.#recency = column('recency', old === null ? null : old.#recency, () => new Amounts());
    this.#encoding = column('encoding', old === null ? null : old.#encoding, () => new PagedBytes());
  }

  set(id: number, page: PageFacts, at: number): void {
    this.#reserve(id);
    if (this.#page !== page) this.#translate(page);
    this.#type?.set(id, this.#typeCodes[page.type[at] as number] ?? 0);
    this.#encoding?.set(id, this.#encodingCodes[page.encoding[at] as number] ?? 0);
    if (this.#expires !== null) {
      const told = page.expires[at] as number;
      this.#expires.set(id, told === notTold ? 0 : told);
    }
    this.#bytes?.set(id, page.bytes[at] as number);
    this.#elements?.set(id, page.elements[at] as number);
    this.#recency?.set(id, page.recency[at] as number);
  }

  /** Forgets what is known of a key. */
  clear(id: number): void {
    this.#reserve(id);
    this.#type?.set(id, 0);
    this.#encoding?.set(id, 0);
    this.#expires?.set(id, 0);
    this.#bytes?.set(id, notTold);
    this.#elements?.set(id, notTold);
    this.#recency?.set(id, notTold);
  }

  /** Copies a key's facts from columns that share their codes with these. */
  copy(id: number, from: FactColumns, other: number): void {
    this.#reserve(id);
    this.#type?.set(id, from.type(other));
    this.#encoding?.set(id, from.encoding(other));
    this.#expires?.set(id, from.expires(other));
    this.#bytes?.set(id, from.bytesOf(other));
    this.#elements?.set(id, from.elements(other));
    this.#recency?.set(id, from.recency(other));
  }

  /** Code, 0 = unknown. */
  type(id: number): number {
    return this.#type?.get(id) ?? 0;
  }

  typeName(code: number): string | null {
    return code === 0 ? null : (this.#types.list[code] ?? null);
  }

  /** Code of a type's name, 0 when no key has it so far. */
  typeCode(name: string): number {
    return Math.max(0, this.#types.list.indexOf(name, 1));
  }

  encodingCode(name: string): number {
    return Math.max(0, this.#encodings.list.indexOf(name, 1));
  }

  encoding(id: number): number {
    return this.#encoding?.get(id) ?? 0;
  }

  /** Unix ms by the server's clock, `neverExpires`, or 0 = unknown. */
  expires(id: number): number {
    return this.#expires?.get(id) ?? 0;
  }

  /** `notTold` = unknown; so for the next two. */
  bytesOf(id: number): number {
    return this.#bytes?.get(id) ?? notTold;
  }

  elements(id: number): number {
    return this.#elements?.get(id) ?? notTold;
  }

  recency(id: number): number {
    return this.#recency?.get(id) ?? notTold;
  }

  contribution(id: number, into: Contribution): void {
    const expires = this.expires(id);
    into.ttl = expires === 0 ? 0 : expires === neverExpires ? 2 : 1;
    into.bytes = this.bytesOf(id);
    into.type = this.type(id);
  }

  /** Whether anything is known of a key. */
  knows(id: number): boolean {
    return (
      this.type(id) !== 0 || this.expires(id) !== 0 || this.bytesOf(id) !== notTold || this.elements(id) !== notTold ||
      this.recency(id) !== notTold || this.encoding(id) !== 0
    );
  }

  /** Everything known of a key, `at` being the time of its pass; `null` when that is nothing. */
  factsOf(id: number, at: number): StoredFacts | null {
    if (!this.knows(id)) return null;
    const told = (value: number) => (value === notTold ? null : value);
    const expires = this.expires(id);
    const recency = told(this.recency(id));
    const encoding = this.encoding(id);
    return {
      type: this.typeName(this.type(id)),
      expiresAt: expires === 0 ? null : expires === neverExpires ? 'none' : expires,
      bytes: told(this.bytesOf(id)),
      elements: told(this.elements(id)),
      idleSeconds: this.recencyKind === 'idle' ? recency : null,
      frequency: this.recencyKind === 'frequency' ? recency : null,
      encoding: encoding === 0 ? null : (this.#encodings.list[encoding] ?? null),
      at,
    };
  }

  get bytes(): number {
    let bytes = 0;
    for (const column of [this.#type, this.#expires, this.#bytes, this.#elements, this.#recency, this.#encoding]) bytes += column?.bytes ?? 0;
    return bytes;
  }

  #reserve(id: number): void {
    this.#type?.reserve(id);
    this.#expires?.reserve(id);
    this.#bytes?.reserve(id);
    this.#elements?.reserve(id);
    this.#recency?.reserve(id);
    this.#encoding?.reserve(id);
  }

  #translate(page: PageFacts): void {
    this.#page = page;
    this.#typeCodes = [0];
    this.#encodingCodes = [0];
    // a word is noted as a type or an encoding only where it is one
    for (let at = 0; at < page.count; at += 1) {
      const type = page.type[at] as number;
      const encoding = page.encoding[at] as number;
      if (type !== 0) this.#typeCodes[type] ??= this.#types.codeOf(page.words[type - 1] as string);
      if (encoding !== 0) this.#encodingCodes[encoding] ??= this.#encodings.codeOf(page.words[encoding - 1] as string);
    }
  }
}
