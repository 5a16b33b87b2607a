import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { IndexThreads } from './index-threads.ts';

class FakeThread extends EventEmitter {
  ended = false;
  unref(): void {}
  terminate(): Promise<number> {
    this.ended = true;
    return Promise.resolve(0);
  }
}

const started: FakeThread[] = [];
let threads: IndexThreads;

beforeEach(() => {
  vi.useFakeTimers();
  started.length = 0;
  threads = new IndexThreads(() => {
    const thread = new FakeThread();
    started.push(thread);
    return thread as unknown as Worker;
  });
});
afterEach(() => {
  vi.useRealTimers();
});

it('starts a thread when one is taken, and keeps none that nobody asked for', () => {
  expect(threads.take()).toBe(started[0]);
  vi.advanceTimersByTime(60_000);
  expect(started).toHaveLength(1);
});

it('gives the one that stands by, and makes the next one later', () => {
  threads.prepare();
  threads.prepare();
  expect(started).toHaveLength(1);
  expect(threads.take()).toBe(started[0]);
  expect(started).toHaveLength(1);
  vi.advanceTimersByTime(5000);
  expect(started).toHaveLength(2);
  expect(threads.take()).toBe(started[1]);
});

it('makes the next one at once when the machine is free, and only one', () => {
  threads.refill();
  threads.prepare();
  threads.take();
  threads.refill();
  expect(started).toHaveLength(2);
  threads.refill();
  vi.advanceTimersByTime(60_000);
  expect(started).toHaveLength(2);
});

it('does not give one that has ended', () => {
  threads.prepare();
  started[0]?.emit('exit', 1);
  expect(threads.take()).toBe(started[1]);
});

it('ends the one that stands by, and makes no more', async () => {
  threads.prepare();
  threads.take();
  threads.prepare();
  await threads.close();
  expect(started.map(({ ended }) => ended)).toEqual([false, true]);
  vi.advanceTimersByTime(60_000);
  expect(started).toHaveLength(2);
});
