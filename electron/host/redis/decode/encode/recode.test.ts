import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { decode, encode, ExtData } from '@msgpack/msgpack';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codecIds, codecWords, type CodecId } from '../../../../../shared/decode/codecs.ts';
import { treeToJson } from '../../../../../shared/decode/tree.ts';
import { readAs } from '../detect.ts';
import { packLz4 } from './pack-lz4.ts';
import { packSnappy, packSnappyFramed } from './pack-snappy.ts';
import { storedZstd } from './pack-zstd.ts';
import { repack, unpack } from './recode.ts';

const encoded = JSON.parse(readFileSync(new URL('../testing/encoded.json', import.meta.url), 'utf8')) as { name: string; layers: CodecId[]; b64: string }[];
const quiet = () => undefined;
const plain = { partial: false, schema: null };
const bytesOf = (name: string) => Buffer.from(encoded.find((one) => one.name === name)?.b64 ?? '', 'base64');

async function editable(bytes: Uint8Array, layers: readonly CodecId[]) {
  const unpacked = await unpack(bytes, layers, quiet);
  if (!unpacked.editable) throw new Error(unpacked.reason);
  return unpacked;
}

async function why(bytes: Uint8Array, layers: readonly CodecId[]): Promise<string> {
  const unpacked = await unpack(bytes, layers, quiet);
  return unpacked.editable ? '' : unpacked.reason;
}

const readOnly = new Set<CodecId>(['rails', 'bson', 'php', 'pickle', 'java', 'ruby', 'dotnet', 'protobuf']);

describe('values of other encoders', () => {
  test.each(encoded.filter(({ layers }) => layers.length > 0))('$name', async ({ layers, b64 }) => {
    const bytes = Buffer.from(b64, 'base64');
    const unpacked = await unpack(bytes, layers, quiet);
    if (layers.some((layer) => readOnly.has(layer))) {
      expect(unpacked).toEqual({ editable: false, reason: expect.stringMatching(/^[A-Z.].*(?:read, not written)$/) as string });
      return;
    }
    if (!unpacked.editable) {
      expect(unpacked.reason).not.toBe('');
      return;
    }
    // what is typed comes back as it was typed, and all of it
    const text = Buffer.from(unpacked.inner).toString();
    const changed = unpacked.form === 'json' ? Buffer.from(text.replace('Ada Lovelace', String.raw`Ada \"Ünï\" King`)) : Buffer.concat([unpacked.inner, Buffer.from(' ')]);
    const { bytes: written } = await repack(bytes, layers, changed, quiet);
    expect(Buffer.from((await editable(written, layers)).inner).equals(changed)).toBe(true);
    // and the text as it was gives the value as it was
    const { bytes: again } = await repack(bytes, layers, unpacked.inner, quiet);
    expect(Buffer.from((await editable(again, layers)).inner).equals(Buffer.from(unpacked.inner))).toBe(true);
    if (unpacked.same) expect(Buffer.from(again).equals(bytes)).toBe(true);
  });

  test('most of them are offered', async () => {
    const offered = await Promise.all(encoded.map(async ({ layers, b64 }) => layers.length > 0 && (await unpack(Buffer.from(b64, 'base64'), layers, quiet)).editable));
    const names = encoded.filter((_, at) => offered[at]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['gzip of JSON', 'zlib of JSON', 'raw deflate of JSON', 'zstd of MessagePack', 'zstd with checksum', 'LZ4 frame', 'LZ4 frame of linked blocks', 'LZ4 block with its size', 'Brotli of JSON', 'Snappy', 'Snappy frames', 'Base64 of gzip of JSON', 'hex of MessagePack', 'gzip of zstd of CBOR', 'MessagePack map', 'MessagePack of every kind']));
  });
});

describe('MessagePack', () => {
  const value = { big: 18_446_744_073_709_551_615n, f32: 0.5, list: [1, 2, 3], ext: new ExtData(7, Uint8Array.of(1, 2, 3)), raw: Uint8Array.of(0xff, 0), when: new Date(1_700_000_000_000), name: 'Ada' };
  const bytes = Buffer.from(encode(value, { useBigInt64: true, forceFloat32: true }));
  const read = (packed: Uint8Array) => decode(Uint8Array.from(packed), { useBigInt64: true }) as Record<string, unknown>;

  test('only what was changed changes, to the byte', async () => {
    const { inner, same } = await editable(bytes, ['msgpack']);
    expect(same).toBe(true);
    const text = Buffer.from(inner).toString();
    expect(text).toContain('18446744073709551615');
    const { bytes: written } = await repack(bytes, ['msgpack'], Buffer.from(text.replace('"Ada"', '"Eve"')), quiet);
    const expected = Buffer.from(bytes);
    expected.write('Eve', bytes.indexOf('Ada'));
    expect(Buffer.from(written).equals(expected)).toBe(true);
  });

  test('entries are added, removed and reordered; the others stay', async () => {
    const text = JSON.stringify({ name: 'Grace', list: [0, 1, 2, 3], raw: { $bytes: 'AP8=' }, ext: { $tag: 'ext 9', $value: { $bytes: 'AQ==' } }, deep: [{}, [], null, true, -1.5, -40000] });
    const { bytes: written } = await repack(bytes, ['msgpack'], Buffer.from(text), quiet);
    expect(read(written)).toEqual({ name: 'Grace', list: [0n, 1n, 2n, 3n].map(Number), raw: Uint8Array.of(0, 0xff), ext: new ExtData(9, Uint8Array.of(1)), deep: [{}, [], null, true, -1.5, -40_000] });
  });

  test.each([
    ['{"a": 1', /the text ends early|no comma/],
    ['{"a": 18446744073709551616}', /does not fit into the 64 bits/],
    ['{"a": 1e999}', /larger than a 64-bit float/],
    ['{"a": {"$bytes": "no base64!"}}', /Base64/],
    ['{"a": {"$call": "os.system", "$with": {}}}', /a call cannot be written/],
    ['{"when": {"$tag": "timestamp", "$value": "2030-01-01T00:00:00Z"}}', /a timestamp can be kept, not changed/],
    ['{"a": {"$tag": "tag 5", "$value": 1}}', /MessagePack has no tag/],
  ])('refuses %s', async (text, said) => {
    await expect(repack(bytes, ['msgpack'], Buffer.from(text), quiet)).rejects.toMatchObject({ code: 'PARSE_FAILED', message: expect.stringMatching(said) as string });
  });

  test('a map whose names look like the marks of the text is not offered', async () => {
    expect(await why(Buffer.from(encode({ $bytes: 'AAAA' })), ['msgpack'])).toBe('As text the value would not come back the same');
    expect(await why(Buffer.from(encode({ $bytes: 1 })), ['msgpack'])).not.toBe('');
  });

  test('any value comes back, whatever was there before', async () => {
    const values = fc.oneof(fc.dictionary(fc.string({ unit: 'binary' }).filter((name) => !name.startsWith('$')), fc.jsonValue()), fc.array(fc.jsonValue()));
    await fc.assert(
      fc.asyncProperty(values, values, async (before, after) => {
        const stored = Buffer.from(encode(before));
        const text = Buffer.from(JSON.stringify(after));
        // an integer of more digits than MessagePack has room for is refused, see above
        fc.pre(!/\d{17,}/.test(text.toString()));
        const { bytes: written } = await repack(stored, ['msgpack'], text, quiet);
        // read by ourselves: the library refuses names such as __proto__
        const { tree } = await readAs(written, ['msgpack'], plain);
        if (tree === null) throw new Error('no tree');
        expect(JSON.stringify(JSON.parse(treeToJson(tree).text))).toBe(JSON.stringify(JSON.parse(text.toString())));
      }),
      { numRuns: 100 },
    );
  });
});

test('CBOR keeps tags, indefinite lengths and big integers', async () => {
  // {_ "n": 2(h'010000000000000000'), "t": 0("2020"), "l": [_ 1, 2]}
  const bytes = Buffer.from('bf616ec2490100000000000000006174c06432303230616c9f0102ffff', 'hex');
  const { inner, same } = await editable(bytes, ['cbor']);
  expect(same).toBe(true);
  const text = Buffer.from(inner).toString();
  expect(text).toContain('18446744073709551616');
  const { bytes: written } = await repack(bytes, ['cbor'], Buffer.from(text.replace('2020', '2021').replace('18446744073709551616', '18446744073709551617')), quiet);
  expect(Buffer.from(written).toString('hex')).toBe('bf616ec2490100000000000000016174c06432303231616c9f0102ffff');
});

test('JSON inside stays as it is typed, with every digit', async () => {
  const text = '{ "id": 12345678901234567890123, "code": 0.10, "code": "0014" }\r\n';
  const stored = gzipSync(text);
  const unpacked = await editable(stored, ['gzip', 'json']);
  expect(Buffer.from(unpacked.inner).toString()).toBe(text);
  expect(unpacked).toMatchObject({ form: 'bytes', same: true });
  const { bytes: written } = await repack(stored, ['gzip', 'json'], Buffer.from(`${text}${text}`), quiet);
  expect(Buffer.from((await readAs(written, ['gzip'], plain)).stages[1] ?? []).toString()).toBe(`${text}${text}`);
});

test('a header of gzip stays: time, name and system', async () => {
  const member = gzipSync('text '.repeat(50));
  const named = Buffer.concat([member.subarray(0, 3), Buffer.from([8, 1, 2, 3, 4, 2, 7]), Buffer.from('cache.json\0'), member.subarray(10)]);
  const { bytes: written } = await repack(named, ['gzip'], Buffer.from('other'), quiet);
  expect(Buffer.from(written.subarray(0, 21)).equals(named.subarray(0, 21))).toBe(true);
});

test('what cannot be written says why', async () => {
  expect(await why(Buffer.from('a:0:{}'), ['php'])).toBe('PHP serialize is only read, not written');
  expect(await why(gzipSync('x').subarray(0, 12), ['gzip'])).toMatch(/^gzip cannot be read: /);
  expect(await why(Buffer.from('aGVsbG8g\r\nd29ybGQh'), ['base64'])).toBe('A text that is broken into lines is read only');
  expect(await why(gzipSync(Buffer.alloc(5 * 1024 * 1024)), ['gzip'])).toBe('The decoded value is larger than 4 MiB');
  await expect(repack(Buffer.from('a:0:{}'), ['php'], Buffer.from('{}'), quiet)).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: 'PHP serialize is only read, not written' });
});

test('any content comes back through every compressor of our own', async () => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.array(fc.constantFrom('a', 'bb', 'abcabc', 'x'.repeat(40)), { maxLength: 400 }).map((parts) => Buffer.from(parts.join(''))),
    fc.integer({ min: 0, max: 300_000 }).map((size) => Buffer.alloc(size, 'ab')),
  );
  const like = bytesOf('LZ4 frame of linked blocks');
  await fc.assert(
    fc.asyncProperty(content, async (bytes) => {
      const packed: [CodecId, Uint8Array][] = [
        ['lz4', await packLz4(bytes, like)],
        ['snappy', packSnappy(bytes)],
        ['snappy-framed', packSnappyFramed(bytes)],
        ['zstd', await storedZstd(bytes, true)],
      ];
      for (const [codec, stored] of packed) {
        const { failed, stages } = await readAs(stored, [codec], plain);
        expect({ codec, failed }).toEqual({ codec, failed: null });
        expect(Buffer.from(stages[1] ?? []).equals(Buffer.from(bytes))).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('the layers that are said to be written are those that are', async () => {
  for (const codec of codecIds) {
    const reason = await why(Buffer.from('{}'), [codec]);
    const onlyRead = `${codecWords[codec].label} is only read, not written`;
    // most cannot read this; that comes before or after the question, depending on which of the two it is
    if (codecWords[codec].writes || codecWords[codec].gives === 'reading') expect(reason, codec).not.toBe(onlyRead);
    else expect(reason, codec).toMatch(/is only read, not written$|cannot be read: /);
  }
});
