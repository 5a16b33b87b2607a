import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { homeOf, IdTable, none } from './id-table.ts';

/** The ids of a hash, by `first` and `next`. */
function all(table: IdTable, hash: number): number[] {
  const ids: number[] = [];
  for (let id = table.first(hash); id !== none; id = table.next()) ids.push(id);
  return ids;
}

describe('IdTable', () => {
  // many equal and many that differ only where the place or the shard does not show it
  const hash = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 1 << 31, 0x7fffffff), fc.nat(7), fc.nat(7).map((shard) => shard << 24));

  it('gives all ids of a hash, however it grows and whatever was expected', () => {
    fc.assert(
      fc.property(fc.array(hash, { maxLength: 400 }), fc.array(fc.nat(5000), { maxLength: 3 }), fc.boolean(), (hashes, expected, byHand) => {
        const table = new IdTable();
        const known = new Map<number, number[]>();
        for (const [id, each] of hashes.entries()) {
          if (id % 100 === 0) table.expect(expected[id / 100] ?? 0);
          if (byHand) {
            const slots = table.slotsOf(each);
            let at = homeOf(each, slots);
            while (slots[at] !== 0) at = at + 2 === slots.length ? 0 : at + 2;
            table.insertAt(slots, at, each, id);
          } else {
            all(table, each);
            table.insert(id);
          }
          known.set(each, [...(known.get(each) ?? []), id]);
        }
        for (const [each, ids] of known) {
          expect(all(table, each).toSorted((a, b) => a - b)).toEqual(ids);
          expect(ids).toContain(table.peek(each));
        }
        expect(all(table, 0x12345678)).toEqual(known.get(0x12345678) ?? []);
      }),
    );
  });

  it('finds places in tables of any size', () => {
    for (const slots of [16, 24, 65_536, 65_537, 1_000_000]) {
      const array = new Int32Array(slots * 2);
      let highest = 0;
      for (let hash = -(2 ** 31); hash < 2 ** 31; hash += 99_991) {
        const home = homeOf(hash, array);
        expect(home % 2 === 0 && home >= 0 && home < array.length).toBe(true);
        highest = Math.max(highest, home);
      }
      expect(highest).toBeGreaterThan(array.length * 0.9);
    }
  });
});
