import { expect, test, vi } from 'vitest';
import { PreviewBatch, type Preview } from './preview-batch.ts';

test('cells that show together are asked for together, once', async () => {
  const asked: unknown[][] = [];
  const batch = new PreviewBatch(async (values) => {
    asked.push(values);
    return values.map((value): Preview => (value === 'plain' ? null : { layers: ['gzip'], text: 'x' }));
  });
  const changed = vi.fn<() => void>();
  const leave = batch.subscribe(changed);
  for (const value of ['plain', { b64: 'AAA=' }, 'plain']) batch.want(value);
  expect(batch.read('plain')).toBeUndefined();
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1));
  expect(asked).toEqual([['plain', { b64: 'AAA=' }]]);
  expect(batch.read('plain')).toBeNull();
  expect(batch.read({ b64: 'AAA=' })).toEqual({ layers: ['gzip'], text: 'x' });
  batch.want('plain');
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(asked).toHaveLength(1);
  leave();
});

test('a refused call leaves the cells with their bytes', async () => {
  const batch = new PreviewBatch(async () => {
    throw new Error('refused');
  });
  const changed = vi.fn<() => void>();
  batch.subscribe(changed);
  batch.want({ b64: '/w==' });
  await vi.waitFor(() => expect(changed).toHaveBeenCalled());
  expect(batch.read({ b64: '/w==' })).toBeNull();
});
