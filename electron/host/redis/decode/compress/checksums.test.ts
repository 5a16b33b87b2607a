import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readAuto } from '../detect.ts';
import { maskedCrc32c } from './checksums.ts';

const encoded = JSON.parse(readFileSync(new URL('../testing/encoded.json', import.meta.url), 'utf8')) as { name: string; layers: string[]; b64: string }[];
const plain = { partial: false, schema: null };

function bytesOf(name: string): Buffer {
  return Buffer.from(encoded.find((one) => one.name === name)?.b64 ?? '', 'base64');
}

/** The fixture with one bit of the byte at this place turned. */
function damaged(name: string, place: (bytes: Buffer) => number): Buffer {
  const bytes = bytesOf(name);
  const at = place(bytes);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

test('CRC-32C of the check string of every CRC, masked', () => {
  const crc = 0xe306_9283;
  expect(maskedCrc32c(Buffer.from('123456789'))).toBe((((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0);
});

describe('a wrong checksum names the layer', () => {
  const last = (bytes: Buffer) => bytes.length - 4;
  test.each([
    ['zstd with checksum', 'zstd', 'the content', last],
    ['LZ4 frame of linked blocks', 'lz4', 'the content', last],
    ['LZ4 frame of linked blocks', 'lz4', 'the frame header', () => 6],
    // behind the frame header and the size of the block
    ['LZ4 frame of linked blocks', 'lz4', 'a block', () => 7 + 4 + 20],
    ['Snappy frames', 'snappy-framed', 'a chunk', () => 10 + 4],
  ] as const)('%s: %s, %s', async (name, codec, what, place) => {
    const bytes = damaged(name, place);
    const { failed, layers, stages } = await readAuto(bytes, plain);
    expect(layers).toEqual([]);
    expect(failed?.codec).toBe(codec);
    expect(failed?.reason).toContain(`the checksum of ${what} is wrong`);
    expect(failed?.atByte).toBeGreaterThan(0);
    expect(Buffer.from(stages[0] ?? []).equals(bytes)).toBe(true);
  });
});

test('a right one is said', async () => {
  for (const name of ['zstd with checksum', 'LZ4 frame of linked blocks', 'Snappy frames']) {
    const { layers } = await readAuto(bytesOf(name), plain);
    expect(layers[0]?.reason, name).toMatch(/checksums? (?:is|are) right$/);
  }
  const { layers } = await readAuto(bytesOf('zstd of MessagePack'), plain);
  expect(layers[0]?.reason).not.toContain('checksum');
});

test('a beginning of a checked frame is read as far as it goes', async () => {
  const bytes = bytesOf('LZ4 frame of linked blocks');
  const { failed, layers, cut } = await readAuto(bytes.subarray(0, bytes.length - 6), { partial: true, schema: null });
  expect({ failed, cut, codec: layers[0]?.codec }).toEqual({ failed: null, cut: true, codec: 'lz4' });
});
