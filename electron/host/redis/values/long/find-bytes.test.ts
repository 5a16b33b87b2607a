import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFinder } from './find-bytes.ts';

function placesIn(text: Buffer, needle: Buffer): number[] {
  const places = [];
  for (let at = 0; at + needle.length <= text.length; at += 1) if (text.subarray(at, at + needle.length).equals(needle)) places.push(at);
  return places;
}

test('finds what a search of the whole finds, however the text is cut', () => {
  const few = fc.integer({ min: 0, max: 2 });
  fc.assert(
    fc.property(fc.array(few, { maxLength: 200 }), fc.array(few, { minLength: 1, maxLength: 5 }), fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 6 }), (text, needle, cuts) => {
      const bytes = Buffer.from(text);
      const finder = createFinder(Buffer.from(needle), false);
      const edges = [0, ...cuts.filter((cut) => cut <= text.length).toSorted((a, b) => a - b), text.length];
      const found = edges.slice(1).flatMap((edge, index) => finder.next(bytes.subarray(edges[index], edge)));
      expect(found).toEqual(placesIn(bytes, Buffer.from(needle)));
    }),
  );
});

test('folds ASCII letters only, across pieces', () => {
  const finder = createFinder(Buffer.from('NeeDle É'), true);
  expect(finder.next(Buffer.from('a nEE'))).toEqual([]);
  expect(finder.next(Buffer.from('dLe É needle é'))).toEqual([2]);
});
