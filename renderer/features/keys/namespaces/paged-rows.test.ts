import { expect, test, vi } from 'vitest';
import { PagedRows, type RowsPage } from './paged-rows.ts';

type Page = RowsPage<string> & { round: number };

function source(total: number) {
  const asked: number[] = [];
  const state = { total, round: 1, fail: false };
  const rows = new PagedRows<string, Page>(async (from, count) => {
    asked.push(from);
    if (state.fail) throw new Error('no answer');
    const { total: all, round } = state;
    return { from, total: all, round, rows: Array.from({ length: Math.max(0, Math.min(count, all - from)) }, (_, at) => `${round}:${from + at}`) };
  });
  return { rows, asked, state };
}

test('asks for the pages in view once', async () => {
  const { rows, asked } = source(1000);
  rows.show(0, 40);
  await vi.waitFor(() => expect(rows.snapshot().rows.get(40)).toBe('1:40'));
  rows.show(190, 230);
  await vi.waitFor(() => expect(rows.snapshot().rows.get(230)).toBe('1:230'));
  rows.show(10, 390);
  expect(asked).toEqual([0, 100, 200, 300]);
  expect(rows.snapshot().total).toBe(1000);
});

test('keeps the rows of before until the newer ones are there, and drops what is beyond the end', async () => {
  const { rows, state } = source(300);
  rows.show(0, 299);
  await vi.waitFor(() => expect(rows.snapshot().rows.size).toBe(300));
  state.round = 2;
  state.total = 250;
  rows.refresh();
  expect(rows.snapshot().rows.get(0)).toBe('1:0');
  await vi.waitFor(() => expect(rows.snapshot().rows.get(249)).toBe('2:249'));
  expect(rows.snapshot().rows.size).toBe(250);
  expect(rows.snapshot().page?.round).toBe(2);
});

test('a failure is told, and the next refresh tries again', async () => {
  const { rows, state } = source(3);
  state.fail = true;
  rows.show(0, 40);
  await vi.waitFor(() => expect(rows.snapshot().failure).toEqual(new Error('no answer')));
  state.fail = false;
  rows.refresh();
  await vi.waitFor(() => expect(rows.snapshot().rows.size).toBe(3));
  expect(rows.snapshot().failure).toBeNull();
});

test('an empty answer ends the asking', async () => {
  const { rows, asked } = source(0);
  rows.show(0, 40);
  await vi.waitFor(() => expect(rows.snapshot().page).not.toBeNull());
  rows.show(0, 500);
  expect(asked).toEqual([0]);
});
