import { deflateRawSync, brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { encode } from '@msgpack/msgpack';
import { beforeAll, expect, test } from 'vitest';
import { productOf } from '../../../demo/shop/catalogue.ts';
import { brotliPage, gzipJson, messagePack, seededFeed, seededSearch, zlibJson, zstdMessagePack } from '../../../demo/shop/encoded-values.ts';
import { readAuto } from './detect.ts';

const samples = 400;

/** Deterministic, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
const next = random(7);
const int = (limit: number) => Math.floor(next() * limit);
const words = 'user session cart product order the of and token cache page error hello world 2026 true null über größe 日本 naïve'.split(' ');
const pick = () => words[int(words.length)] as string;
const noise = (length: number) => Buffer.from(Uint8Array.from({ length }, () => int(256)));
const object = () => ({ id: int(1e6), name: pick(), tags: Array.from({ length: int(4) }, pick), nested: { a: next(), b: null, c: pick() } });

/** What is made, and what may be said of it; `none` is a value that is shown as it is. */
const corpus: Record<string, { make: () => Buffer; first: string[] }> = {
  sentences: { make: () => Buffer.from(Array.from({ length: 1 + int(40) }, pick).join(' ')), first: ['none'] },
  'one word': { make: () => Buffer.from(pick()), first: ['none'] },
  integers: { make: () => Buffer.from(String(int(2 ** 31) - 2 ** 20)), first: ['none'] },
  'padded numbers': { make: () => Buffer.from(String(int(1e5)).padStart(6, '0')), first: ['none'] },
  floats: { make: () => Buffer.from(String(next() * 1000)), first: ['none'] },
  'UUID texts': { make: () => Buffer.from(uuidText(noise(16))), first: ['none'] },
  'hex digests': { make: () => Buffer.from(noise(int(2) === 0 ? 16 : 20).toString('hex')), first: ['none'] },
  'random tokens in Base64': { make: () => Buffer.from(noise(12 + int(36)).toString('base64url')), first: ['none'] },
  'lines of CSV': { make: () => Buffer.from(Array.from({ length: 5 }, () => `${int(100)},${pick()},${next()}`).join('\n')), first: ['none'] },
  HTML: { make: () => Buffer.from(`<div class="${pick()}"><b>${pick()}</b> ${pick()}.</div>`), first: ['none'] },
  JSON: { make: () => Buffer.from(JSON.stringify(object())), first: ['json'] },
  'random bytes': { make: () => noise(1 + int(200)), first: ['none', 'uuid'] },
  'short random bytes': { make: () => noise(1 + int(12)), first: ['none'] },
  'packed floats': { make: () => Buffer.from(Float32Array.from({ length: 4 + int(60) }, () => next() - 0.5).buffer), first: ['none', 'uuid'] },
  bitmaps: { make: () => Buffer.from(Uint8Array.from({ length: 8 + int(100) }, () => (int(5) === 0 ? 1 << int(8) : 0))), first: ['none'] },
  'gzip of JSON': { make: () => gzipSync(JSON.stringify(object())), first: ['gzip'] },
  'zlib of JSON': { make: () => deflateSync(JSON.stringify(object())), first: ['zlib'] },
  'raw deflate of JSON': { make: () => deflateRawSync(JSON.stringify(object())), first: ['deflate'] },
  'Brotli of JSON': { make: () => brotliCompressSync(JSON.stringify(object())), first: ['brotli'] },
  MessagePack: { make: () => Buffer.from(encode(object())), first: ['msgpack'] },
};

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const confusion = new Map<string, Map<string, number>>();

beforeAll(async () => {
  for (const [name, { make }] of Object.entries(corpus)) {
    const row = new Map<string, number>();
    confusion.set(name, row);
    for (let at = 0; at < samples; at += 1) {
      const reading = await readAuto(make(), { partial: false, schema: null });
      const said = reading.layers[0]?.codec ?? (reading.failed === null ? 'none' : `failed ${reading.failed.codec}`);
      row.set(said, (row.get(said) ?? 0) + 1);
    }
  }
  const lines = [...confusion].map(([name, row]) => `  ${name.padEnd(24)} ${[...row].toSorted((a, b) => b[1] - a[1]).map(([said, count]) => `${said} ${count}`).join(', ')}`);
  process.stdout.write(`What ${samples} values of each kind are taken for:\n${lines.join('\n')}\n`);
});

test.each(Object.keys(corpus))('%s are hardly ever taken for something else', (name) => {
  const row = confusion.get(name) ?? new Map<string, number>();
  const right = (corpus[name]?.first ?? []).reduce((sum, first) => sum + (row.get(first) ?? 0), 0);
  // two in four hundred: chance does make valid values of a few bytes
  expect(right / samples).toBeGreaterThanOrEqual(0.995);
});

test('nothing plain is claimed by Brotli, pickle, Protocol Buffers or MessagePack', () => {
  const plainKinds = Object.keys(corpus).slice(0, 11);
  for (const kind of plainKinds) {
    for (const codec of ['brotli', 'pickle', 'protobuf', 'msgpack', 'cbor', 'deflate', 'snappy', 'lz4-block']) expect(`${kind} ${codec} ${confusion.get(kind)?.get(codec) ?? 0}`).toBe(`${kind} ${codec} 0`);
  }
});

test('the encoded values of the demo read', async () => {
  const read = async (bytes: Uint8Array) => (await readAuto(bytes, { partial: false, schema: null })).layers.map(({ codec }) => codec).join(' ');
  for (let at = 1; at <= 60; at += 1) {
    expect(await read(gzipJson(seededSearch('lamp', at, 500)))).toBe('gzip json');
    expect(await read(zlibJson(seededSearch('lamp', at, 500)))).toBe('zlib json');
    expect(await read(messagePack(seededFeed(at)))).toBe('msgpack');
    expect(await read(zstdMessagePack(seededFeed(at)))).toBe('zstd msgpack');
    expect(await read(brotliPage(productOf(at)))).toBe('brotli');
  }
});
