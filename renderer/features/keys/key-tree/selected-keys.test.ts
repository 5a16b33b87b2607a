import { expect, test } from 'vitest';
import type { Row } from '../../../../shared/contract/keys.ts';
import { countKeys, withContents, type RowAt } from './selected-keys.ts';

const folder = (depth: number, open: boolean, keys: number): Row => ({
  kind: 'folder', id: 0, depth, label: 'f', prefix: 'f:', keys, exactness: 'exact', open, facts: null,
});
const key = (depth: number): Row => ({ kind: 'key', id: 0, depth, label: 'k', name: 'k', facts: null });

/** a/ (open: b/ closed with 40, c/ open with 2), then d/ closed with 7, then a key. */
const rows = [folder(0, true, 43), folder(1, false, 40), folder(1, true, 2), key(2), key(2), key(1), folder(0, false, 7), key(0)];
const rowAt: RowAt = async (at) => rows[at];

test.each([
  ['an open folder alone stands for all below it', [{ from: 0, to: 1 }], [{ from: 0, to: 6 }], 43],
  ['an inner open folder', [{ from: 2, to: 3 }], [{ from: 2, to: 5 }], 2],
  ['a closed folder', [{ from: 1, to: 2 }], [{ from: 1, to: 2 }], 40],
  ['a range that ends inside an open folder of it', [{ from: 0, to: 4 }], [{ from: 0, to: 6 }], 43],
  ['keys whose folder is not selected', [{ from: 3, to: 5 }], [{ from: 3, to: 5 }], 2],
  ['ranges that meet', [{ from: 0, to: 1 }, { from: 4, to: 5 }], [{ from: 0, to: 6 }], 43],
  ['everything', [{ from: 0, to: 8 }], [{ from: 0, to: 8 }], 51],
])('%s', async (_, ranges, whole, keys) => {
  expect(await withContents(ranges, rowAt)).toEqual(whole);
  expect(await countKeys(ranges, rowAt)).toEqual({ keys, complete: true });
});

const endless: RowAt = async () => key(0);

test('a selection too large to look at says so', async () => {
  expect(await countKeys([{ from: 0, to: 1_000_000 }], endless)).toEqual({ keys: 10_000, complete: false });
});
