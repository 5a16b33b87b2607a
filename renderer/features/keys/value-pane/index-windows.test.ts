import { expect, test, vi } from 'vitest';
import { IndexWindows } from './index-windows.ts';

function make(total: number, base = 0, limit: number | null = null, atMost = 200) {
  const asked: number[] = [];
  const windows = new IndexWindows<number>(total, base, limit, async (from, count) => {
    asked.push(from);
    return { items: Array.from({ length: Math.max(0, Math.min(count, atMost, total - from)) }, (_, at) => from + at), total };
  });
  windows.subscribe(() => undefined);
  return { windows, asked };
}

test('has all rows at once and reads those in view', async () => {
  const { windows, asked } = make(1_000_000);
  expect(windows.count).toBe(1_000_000);
  windows.want(500_000, 500_030);
  await vi.waitFor(() => expect(windows.item(500_010)).toBe(500_010));
  expect(windows.item(400_000)).toBeUndefined();
  expect(asked.length).toBeLessThanOrEqual(2);
});

test('shows a part of the value by itself', async () => {
  const { windows } = make(1000, 250, 100);
  expect(windows.count).toBe(100);
  await vi.waitFor(() => expect(windows.item(99)).toBe(349));
  expect(windows.item(100)).toBeUndefined();
});

test('asks on where a reply brings fewer than asked for', async () => {
  const { windows, asked } = make(100, 0, null, 30);
  await vi.waitFor(() => expect(windows.item(99)).toBe(99));
  expect(asked).toEqual([0, 30, 60, 90]);
});

test('holds a bounded number of windows', async () => {
  const { windows } = make(100_000);
  for (let at = 0; at < 100_000; at += 200) {
    windows.want(at, at + 30);
    await vi.waitFor(() => expect(windows.item(at)).toBe(at), { interval: 1 });
  }
  expect(windows.item(0)).toBeUndefined();
  expect(windows.item(99_999)).toBe(99_999);
});

test('stops at a problem and goes on when asked', async () => {
  let fail = true;
  const windows = new IndexWindows<number>(5, 0, null, async (from) => {
    if (fail) throw Object.assign(new Error('lost'), { code: 'CONNECTION_LOST' });
    return { items: [from], total: 1 };
  });
  windows.subscribe(() => undefined);
  await vi.waitFor(() => expect(windows.problem?.code).toBe('CONNECTION_LOST'));
  fail = false;
  windows.retry();
  await vi.waitFor(() => expect(windows.item(0)).toBe(0));
  expect(windows.count).toBe(1);
});

test('a refresh keeps what is shown until it is read again', async () => {
  const { windows, asked } = make(500);
  await vi.waitFor(() => expect(windows.item(10)).toBe(10));
  windows.want(0, 450);
  await vi.waitFor(() => expect(windows.complete).toBe(true));
  windows.want(0, 30);
  windows.refresh();
  expect(windows.item(450)).toBe(450);
  await vi.waitFor(() => expect(asked.filter((from) => from === 0)).toHaveLength(2));
  expect(windows.complete).toBe(false);
});
