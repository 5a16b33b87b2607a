import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeenNames } from './seen-names.ts';

test('names are new exactly once, as in a set of their bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3 }), { maxLength: 300 }), (names) => {
      const seen = new SeenNames();
      const model = new Set<string>();
      for (const name of names) {
        const text = Buffer.from(name).toString('latin1');
        expect(seen.add(name)).toBe(!model.has(text));
        model.add(text);
      }
      expect(seen.count).toBe(model.size);
    }),
  );
});

test('many names that differ in a digit', () => {
  const seen = new SeenNames();
  for (let round = 0; round < 2; round += 1) for (let at = 0; at < 100_000; at += 1) if (seen.add(Buffer.from(`user:${at}:profile`)) !== (round === 0)) throw new Error(`${at}`);
  expect(seen.count).toBe(100_000);
});
