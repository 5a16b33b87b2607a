import { expect, test, vi } from 'vitest';
import { snapshotStream, type SnapshotListener } from './snapshots.ts';

function counter(signal: AbortSignal, intervals: { minIntervalMs: number; maxIntervalMs?: number }) {
  const listeners = new Set<SnapshotListener>();
  const state = { value: 0, reads: 0 };
  const stream = snapshotStream({
    read: () => {
      state.reads += 1;
      return state.value;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signal,
    ...intervals,
  });
  const change = (event?: 'ended') => {
    state.value += 1;
    for (const listener of listeners) listener(event);
  };
  return { state, listeners, stream, change };
}

const never = new AbortController().signal;

test('gives the first snapshot at once and none before it is asked', async () => {
  const source = counter(never, { minIntervalMs: 60_000 });
  expect(source.state.reads).toBe(0);
  expect(await source.stream.next()).toEqual({ done: false, value: 0 });
  await source.stream.return();
  expect(source.listeners.size).toBe(0);
});

test('coalesces what changes within an interval and always sends the last state', async () => {
  const source = counter(never, { minIntervalMs: 30 });
  const seen: number[] = [];
  const reading = (async () => {
    for await (const value of source.stream) seen.push(value);
  })();
  await vi.waitFor(() => expect(seen).toEqual([0]));
  const startedAt = performance.now();
  while (performance.now() - startedAt < 200) {
    source.change();
    await new Promise((resolve) => setImmediate(resolve));
  }
  source.change('ended');
  await reading;
  expect(seen.at(-1)).toBe(source.state.value);
  expect(seen.length).toBeGreaterThanOrEqual(3);
  expect(seen.length).toBeLessThanOrEqual(10);
  expect(source.listeners.size).toBe(0);
});

test('a slow reader finds one fresh snapshot, not a queue', async () => {
  const source = counter(never, { minIntervalMs: 1 });
  await source.stream.next();
  for (let i = 0; i < 10_000; i += 1) source.change();
  expect(await source.stream.next()).toEqual({ done: false, value: 10_000 });
  expect(source.state.reads).toBe(2);
  await source.stream.return();
});

test('the end does not wait for the interval', async () => {
  const source = counter(never, { minIntervalMs: 60_000 });
  await source.stream.next();
  const next = source.stream.next();
  source.change();
  source.change('ended');
  expect(await next).toEqual({ done: false, value: 2 });
  expect(await source.stream.next()).toEqual({ done: true, value: undefined });
});

test('repeats an unchanged state after the longest interval', async () => {
  const source = counter(never, { minIntervalMs: 5, maxIntervalMs: 20 });
  await source.stream.next();
  expect(await source.stream.next()).toEqual({ done: false, value: 0 });
  await source.stream.return();
});

test('an abort ends a waiting stream and releases the source even while the reader stalls', async () => {
  const abort = new AbortController();
  const waiting = counter(abort.signal, { minIntervalMs: 60_000 });
  const stalled = counter(abort.signal, { minIntervalMs: 60_000 });
  await waiting.stream.next();
  await stalled.stream.next();
  const next = waiting.stream.next();
  await vi.waitFor(() => expect(waiting.listeners.size).toBe(1));
  abort.abort();
  expect(stalled.listeners.size).toBe(0);
  expect(await next).toEqual({ done: true, value: undefined });
  expect(await stalled.stream.next()).toEqual({ done: true, value: undefined });
});

test('an aborted signal never subscribes', async () => {
  const source = counter(AbortSignal.abort(), { minIntervalMs: 1 });
  expect(await source.stream.next()).toEqual({ done: true, value: undefined });
  expect(source.listeners.size).toBe(0);
  expect(source.state.reads).toBe(0);
});

test('a failing read ends the stream with its error and releases the source', async () => {
  const listeners = new Set<SnapshotListener>();
  const stream = snapshotStream({
    read: () => {
      throw new Error('gone');
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signal: never,
    minIntervalMs: 1,
  });
  await expect(stream.next()).rejects.toThrow('gone');
  expect(listeners.size).toBe(0);
});
