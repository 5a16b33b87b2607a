import { gzipSync } from 'node:zlib';
import { encode } from '@msgpack/msgpack';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fromWire, toWire } from '../../../shared/bytes.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { DecodedValue } from '../../../shared/contract/decode.ts';
import type { DecodeService } from '../services.ts';
import { DecodeThread, ordinaryLimit } from './decode/decode-thread.ts';
import { createDecodeService } from './decode-service.ts';
import { at, startValueFixture, type ValueFixture } from './testing/value-fixture.ts';

const binary = Buffer.from([0xff, 0x00, 0x80, 0x0a]);
const code = (expected: string) => expect.objectContaining({ code: expected });
/** The machine may be busy: what is tested is not speed. */
const patient = () => 25_000;

describe.each(['redis-7.0', 'redis-8.0', 'valkey-8.1'] as const)('decoding on %s', (build) => {
  let redis: ValueFixture;
  let decode: DecodeService;
  beforeAll(async () => {
    redis = await startValueFixture({ build });
    decode = createDecodeService({ connections: { redis: () => redis.session }, limit: patient });
  });
  afterAll(async () => {
    await decode.close();
    await redis.stop();
  });
  beforeEach(async () => {
    await redis.run('FLUSHALL');
    redis.session.sent.length = 0;
  });
  const layersOf = ({ layers }: DecodedValue) => layers.map(({ codec }) => codec);
  const treeOf = ({ view }: DecodedValue) => {
    if (view.kind !== 'tree') throw new Error(`${view.kind} is no tree`);
    return view;
  };

  test('a string, the elements of every collection and a field of a stream', async () => {
    const value = gzipSync(Buffer.from(encode({ name: 'Ada', cursor: binary })));
    await redis.run('SET', 's', value);
    await redis.run('HSET', 'h', binary, value);
    await redis.run('RPUSH', 'l', 'first', value);
    await redis.run('SADD', 'set', value);
    await redis.run('ZADD', 'z', 1, value);
    await redis.run('XADD', 'x', '1-1', 'field', value);
    const member = { b64: value.toString('base64') };
    const elements = [
      ['s', 'string', null],
      ['h', 'hash', { b64: binary.toString('base64') }],
      ['l', 'list', '1'],
      ['set', 'set', member],
      ['z', 'zset', member],
      ['x', 'stream', '1-1/0'],
    ] as const;
    for (const [name, type, id] of elements) {
      const read = await decode.value({ ...at(name), type, element: id === null ? null : { id } });
      expect(layersOf(read), name).toEqual(['gzip', 'msgpack']);
      expect(read).toMatchObject({ failed: null, exactness: 'whole', totalBytes: value.length, readBytes: value.length });
      expect(treeOf(read).rows[0]?.rows).toMatchObject([
        { key: { text: 'name', kind: 'text' }, kind: 'text', text: 'Ada', step: '.name' },
        { key: { text: 'cursor' }, kind: 'bytes', text: 'ff00800a', length: 4 },
      ]);
    }
    expect(redis.session.sent.map(([name]) => name)).not.toContain('GET');
  });

  test('a large tree is read in pages, searched, and followed by its places', async () => {
    const items = Array.from({ length: 5000 }, (_, index) => ({ id: index, title: `title ${index}` }));
    await redis.run('SET', 'big', Buffer.from(encode({ items, [String(binary)]: 1 })));
    const read = await decode.value({ ...at('big'), type: 'string' });
    const tree = treeOf(read);
    expect(tree.nodes).toBe(1 + 2 + 5000 * 5 + 2);
    const list = tree.rows[0]?.rows[0];
    expect(list).toMatchObject({ kind: 'list', children: 5000, length: 5000 });
    const { decodeId } = read;
    const { rows } = await decode.rows({ decodeId, parent: list?.id ?? -1, from: 4990, count: 500 });
    expect(rows).toHaveLength(10);
    expect(rows[0]).toMatchObject({ kind: 'map', step: '[4990]', key: { text: '4990', kind: 'index' } });
    const { hits, more } = await decode.search({ decodeId, text: 'TITLE 4321' });
    expect(more).toBe(false);
    expect(hits).toHaveLength(1);
    expect(hits[0]?.place.map(({ index }) => index)).toEqual([0, 4321, 1]);
    expect((await decode.search({ decodeId, text: 'title' })).more).toBe(true);
    expect(await decode.place({ decodeId, id: hits[0]?.id ?? 0 })).toEqual({ place: hits[0]?.place });
    const row = await decode.rows({ decodeId, parent: rows[0]?.id ?? 0, from: 0, count: 2 });
    expect(await decode.text({ decodeId, id: row.rows[1]?.id ?? 0, form: 'value' })).toEqual({ text: 'title 4990', marked: 0, cut: false });
    expect(JSON.parse((await decode.text({ decodeId, id: rows[0]?.id ?? 0, form: 'json' })).text)).toEqual({ id: 4990, title: 'title 4990' });
  });

  test('the bytes of each layer, and named layers instead of found ones', async () => {
    const inner = Buffer.from('{"a": 1}');
    const outer = gzipSync(inner);
    await redis.run('SET', 's', outer);
    const read = await decode.value({ ...at('s'), type: 'string' });
    const stage = async (number: number) => Buffer.from(fromWire((await decode.bytes({ decodeId: read.decodeId, stage: number, from: 0, bytes: 100_000 })).chunk));
    expect(await stage(0)).toEqual(outer);
    expect(await stage(1)).toEqual(inner);
    expect(await decode.bytes({ decodeId: read.decodeId, stage: 1, from: 6, bytes: 1 })).toEqual({ chunk: '1', total: 8 });
    await expect(decode.bytes({ decodeId: read.decodeId, stage: 2, from: 0, bytes: 1 })).rejects.toEqual(code('NOT_FOUND'));
    expect(await decode.value({ ...at('s'), type: 'string', layers: [] })).toMatchObject({ layers: [], view: { kind: 'hex' } });
    expect(await decode.value({ ...at('s'), type: 'string', layers: ['gzip'] })).toMatchObject({ layers: [{ codec: 'gzip' }], view: { kind: 'text' } });
    expect(await decode.value({ ...at('s'), type: 'string', layers: ['zstd', 'json'] })).toMatchObject({ layers: [], failed: { codec: 'zstd' } });
  });

  test('reading the same bytes in the same way again is the same decoded value', async () => {
    await redis.run('SET', 's', gzipSync('{"a":1}'));
    const read = await decode.value({ ...at('s'), type: 'string' });
    expect(await decode.value({ ...at('s'), type: 'string' })).toEqual(read);
    expect((await decode.value({ ...at('s'), type: 'string', layers: ['gzip'] })).decodeId).not.toBe(read.decodeId);
    await redis.run('SET', 's', gzipSync('{"a":2}'));
    expect((await decode.value({ ...at('s'), type: 'string' })).decodeId).not.toBe(read.decodeId);
  });

  test('only the beginning of a value above the limit is read, and that is said', async () => {
    const lines = Array.from({ length: 200_000 }, (_, index) => `${index * 7919 * 104_729}`).join('\n');
    const value = gzipSync(lines);
    await redis.run('SET', 's', value);
    const read = await decode.value({ ...at('s'), type: 'string', bytes: 100_000 });
    expect(read).toMatchObject({ exactness: 'window', readBytes: 100_000, totalBytes: value.length, view: { kind: 'text' }, failed: null });
    expect(redis.session.sent.at(-1)).toEqual(['GETRANGE', Buffer.from('s'), 0, 99_999]);
    expect(await decode.value({ ...at('s'), type: 'string', bytes: 16 * 1024 * 1024 })).toMatchObject({ exactness: 'whole', layers: [{ codec: 'gzip', bytesOut: lines.length }] });
  });

  test('a key that is gone or of another type', async () => {
    await redis.run('RPUSH', 'l', 'a');
    await expect(decode.value({ ...at('nothing'), type: 'string' })).rejects.toEqual(code('KEY_GONE'));
    await expect(decode.value({ ...at('l'), type: 'string' })).rejects.toEqual(code('REDIS_WRONG_TYPE'));
    await expect(decode.value({ ...at('l'), type: 'list', element: { id: '9' } })).rejects.toEqual(code('NOT_FOUND'));
    await redis.run('SET', 'empty', '');
    expect(await decode.value({ ...at('empty'), type: 'string' })).toMatchObject({ layers: [], view: { kind: 'text' }, totalBytes: 0 });
  });

  test('previews of what a page has, one for each value', async () => {
    const pack = { b64: Buffer.from(encode({ a: [1, 'b'] })).toString('base64') };
    const gzip = { b64: gzipSync('some readable text').toString('base64') };
    expect(await decode.previews({ values: ['plain', pack, gzip, '{"json":1}', ''] })).toEqual([null, { layers: ['msgpack'], text: '{"a": [1, "b"]}' }, { layers: ['gzip'], text: 'some readable text' }, null, null]);
  });

  test('a value is edited through its layers, and reads as it was typed', async () => {
    const stored = gzipSync(Buffer.from(encode({ name: 'Ada', id: 7 })));
    await redis.run('SET', 's', stored);
    const bytes = toWire(stored);
    const layers = ['gzip', 'msgpack'] as const;
    const unpacked = await decode.unpack({ bytes, layers: [...layers] });
    expect(unpacked).toMatchObject({ editable: true, form: 'json', inner: '{\n  "name": "Ada",\n  "id": 7\n}' });
    const { bytes: written } = await decode.repack({ bytes, layers: [...layers], inner: '{"id": 123456789012345678, "name": "Eve"}' });
    await redis.run('SET', 's', Buffer.from(fromWire(written)));
    const read = await decode.value({ ...at('s'), type: 'string' });
    expect(layersOf(read)).toEqual(layers);
    expect(treeOf(read).rows[0]?.rows).toMatchObject([{ key: { text: 'id' }, text: '123456789012345678' }, { key: { text: 'name' }, text: 'Eve' }]);
    await expect(decode.repack({ bytes, layers: [...layers], inner: '{"id": ' })).rejects.toEqual(code('PARSE_FAILED'));
    await expect(decode.repack({ bytes, layers: ['php'], inner: '' })).rejects.toEqual(code('UNSUPPORTED'));
    expect(await decode.unpack({ bytes, layers: ['pickle'] })).toMatchObject({ editable: false });
    const large = toWire(new Uint8Array(1024 * 1024 + 1));
    await expect(decode.unpack({ bytes: large, layers: ['gzip'] })).rejects.toEqual(code('LIMIT_EXCEEDED'));
  });

  test('a .proto names its messages, or says what is wrong', async () => {
    expect(await decode.protoMessages({ source: 'syntax = "proto3"; package p; message A { message B {} }' })).toEqual({ messages: ['p.A', 'p.A.B'] });
    await expect(decode.protoMessages({ source: 'message' })).rejects.toEqual(code('PARSE_FAILED'));
    await redis.run('SET', 's', Buffer.from([8, 150, 1]));
    const proto = { source: 'message A { optional int32 answer = 1; }', message: 'A' };
    const read = await decode.value({ ...at('s'), type: 'string', layers: ['protobuf'], proto });
    expect(treeOf(read).rows[0]?.rows).toMatchObject([{ key: { text: 'answer' }, text: '150' }]);
    await expect(decode.value({ ...at('s'), type: 'string', proto: { ...proto, message: 'Z' } })).rejects.toEqual(code('NOT_FOUND'));
  });
});

test('a call that takes too long is stopped, says what it was doing, and the next one works', async () => {
  let limit = 0;
  const thread = new DecodeThread(() => limit);
  const bytes = new Uint8Array(24 * 1024 * 1024).fill(0x91);
  const slow = thread.call('decode', { decodeId: 'slow', bytes, partial: false, layers: null, proto: null });
  await expect(slow).rejects.toThrow(/takes longer than 0 s and was stopped/);
  await expect(slow).rejects.toBeInstanceOf(LookasideError);
  limit = 25_000;
  const next = await thread.call('decode', { decodeId: 'next', bytes: Buffer.from('{"a":1}'), partial: false, layers: null, proto: null });
  expect(next.layers).toMatchObject([{ codec: 'json' }]);
  await expect(thread.call('rows', { decodeId: 'slow', parent: 0, from: 0, count: 1 })).rejects.toEqual(code('NOT_FOUND'));
  await thread.close();
  await expect(thread.call('rows', { decodeId: 'next', parent: 0, from: 0, count: 1 })).rejects.toEqual(code('CANCELLED'));
});

test('the limit is a second, and more for large values', () => {
  expect([0, 1024 * 1024, 16 * 1024 * 1024].map((bytes) => ordinaryLimit(bytes))).toEqual([1000, 1000, 8500]);
});
