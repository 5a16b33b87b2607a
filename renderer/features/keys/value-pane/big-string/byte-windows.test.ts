import { expect, test, vi } from 'vitest';
import { ByteWindows, windowBytes } from './byte-windows.ts';

const byteAt = (at: number) => (at * 7) % 251;

function make(total: number) {
  const asked: number[] = [];
  const windows = new ByteWindows(total, async (from, count) => {
    asked.push(from / windowBytes);
    const length = Math.max(0, Math.min(count, total - from));
    return { bytes: Uint8Array.from({ length }, (_, at) => byteAt(from + at)), total };
  });
  return { windows, asked };
}

test('gives what lies across windows once both are here', async () => {
  const { windows } = make(windowBytes * 3 + 10);
  const [from, to] = [windowBytes - 5, windowBytes + 5];
  expect(windows.slice(from, to)).toBeNull();
  windows.want(from, to);
  await vi.waitFor(() => expect(windows.slice(from, to)).not.toBeNull());
  expect([...(windows.slice(from, to) ?? [])]).toEqual(Array.from({ length: 10 }, (_, at) => byteAt(from + at)));
  expect(windows.slice(windowBytes * 4, windowBytes * 5)).toEqual(new Uint8Array());
});

test('holds a bounded number, the latest wanted', async () => {
  const { windows, asked } = make(windowBytes * 200);
  for (let at = 0; at < 100; at += 1) {
    windows.want(at * windowBytes, (at + 1) * windowBytes);
    await vi.waitFor(() => expect(windows.slice(at * windowBytes, at * windowBytes + 1)).not.toBeNull(), { interval: 1 });
  }
  expect(windows.slice(0, 1)).toBeNull();
  expect(windows.slice(99 * windowBytes, 99 * windowBytes + 1)).not.toBeNull();
  expect(asked).toHaveLength(100);
});

test('does not read what left the view before its turn', async () => {
  const { windows, asked } = make(windowBytes * 100);
  for (let at = 0; at < 90; at += 3) windows.want(at * windowBytes, (at + 1) * windowBytes);
  await vi.waitFor(() => expect(windows.slice(87 * windowBytes, 87 * windowBytes + 1)).not.toBeNull());
  expect(asked.length).toBeLessThan(6);
});

test('tells of a changed length, and stops at a problem until asked again', async () => {
  let fail = true;
  const windows = new ByteWindows(100, async () => {
    if (fail) throw Object.assign(new Error('gone'), { code: 'KEY_GONE' });
    return { bytes: new Uint8Array(50), total: 50 };
  });
  windows.want(0, 10);
  await vi.waitFor(() => expect(windows.problem?.code).toBe('KEY_GONE'));
  fail = false;
  windows.retry();
  await vi.waitFor(() => expect(windows.total).toBe(50));
  expect(windows.changed).toBe(true);
});

test('a refresh shows the earlier bytes until the new ones are there', async () => {
  let value = 1;
  const windows = new ByteWindows(10, async () => ({ bytes: new Uint8Array(10).fill(value), total: 10 }));
  windows.want(0, 10);
  await vi.waitFor(() => expect(windows.slice(0, 1)).toEqual(Uint8Array.of(1)));
  value = 2;
  windows.refresh(10);
  expect(windows.slice(0, 1)).toEqual(Uint8Array.of(1));
  await vi.waitFor(() => expect(windows.slice(0, 1)).toEqual(Uint8Array.of(2)));
});
