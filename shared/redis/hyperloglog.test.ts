import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readHyperLogLog } from './hyperloglog.ts';

const header = (encoding: number) => [0x48, 0x59, 0x4c, 0x4c, encoding, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80];

test('an empty sparse one counts nothing, and its header says that the cached count is stale', () => {
  expect(readHyperLogLog(Uint8Array.from([...header(1), 0x7f, 0xff]))).toMatchObject({ encoding: 'sparse', cached: null, estimate: 0 });
});

test('corrupt ones are refused, not misread', () => {
  expect(readHyperLogLog(Uint8Array.from([...header(1), 0x7f]))).toBeNull();
  expect(readHyperLogLog(Uint8Array.from([...header(1), 0x7f, 0xfe]))).toBeNull();
  expect(readHyperLogLog(Uint8Array.from([...header(1), 0x7f, 0xff, 0x00]))).toBeNull();
  expect(readHyperLogLog(Uint8Array.from([...header(0), 1, 2, 3]))).toBeNull();
  expect(readHyperLogLog(Uint8Array.from([...header(2), 0x7f, 0xff]))).toBeNull();
});

test('any bytes after the header are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(0, 1), (rest, encoding) => {
      const read = readHyperLogLog(Uint8Array.from([...header(encoding), ...rest]));
      if (read !== null) expect(read.histogram.reduce((sum, one) => sum + one, 0)).toBe(16_384);
    }),
  );
});
