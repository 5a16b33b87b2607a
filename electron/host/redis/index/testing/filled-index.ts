import fc from 'fast-check';
import { keyFactFields } from '../../../../../shared/contract/key-filter.ts';
import { KeyspaceIndex } from '../keyspace-index.ts';
import { neverExpires, PageFacts } from '../page-facts.ts';

/** A key as a server would tell of it; `null` = it did not tell. */
export interface ToldKey {
  name: Uint8Array;
  type: string | null;
  /** Unix ms. */
  expiresAt: number | 'none' | null;
  bytes: number | null;
  idle: number | null;
}

const byte = fc.constantFrom(0x3a, 0x3a, 0x31, 0x61, 0x62, 0xff);

/** Keys with distinct names, some facts not told. Expiries are seconds to days after `now`. */
export function toldKeys(now: number): fc.Arbitrary<ToldKey[]> {
  const key = fc.record({
    name: fc.array(byte, { maxLength: 8 }).map((bytes) => Uint8Array.from(bytes)),
    type: fc.option(fc.constantFrom('string', 'hash', 'module-type')),
    expiresAt: fc.oneof(fc.constant(null), fc.constant('none' as const), fc.integer({ min: 60_000, max: 400_000_000 }).map((left) => now + left)),
    bytes: fc.option(fc.integer({ min: 1, max: 5000 })),
    idle: fc.option(fc.nat(1000)),
  });
  return fc.uniqueArray(key, { maxLength: 60, selector: ({ name }) => Buffer.from(name).toString('latin1') });
}

/** Puts one page of keys with their facts. */
export function putTold(index: KeyspaceIndex, keys: readonly ToldKey[], mark = 1): void {
  const page = new PageFacts(keys.length);
  for (const [at, { type, expiresAt, bytes, idle }] of keys.entries()) {
    if (type !== null) page.type[at] = page.code(type);
    if (expiresAt !== null) page.expires[at] = expiresAt === 'none' ? neverExpires : expiresAt;
    page.bytes[at] = bytes ?? -1;
    page.recency[at] = idle ?? -1;
  }
  index.passBegins(mark, 1000 + mark);
  index.usePage(page, 'idle');
  const all = Buffer.concat(keys.map(({ name }) => name));
  let at = 0;
  for (const [ticket, { name }] of keys.entries()) {
    index.put(all, at, at + name.length, mark, ticket);
    at += name.length;
  }
  index.changed();
}

export function filledIndex(keys: readonly ToldKey[], delimiters: readonly string[] = [':']): KeyspaceIndex {
  const index = new KeyspaceIndex(delimiters, () => undefined);
  index.setFactFields(keyFactFields);
  putTold(index, keys);
  index.exactness = 'exact';
  return index;
}
