import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { encode } from '@msgpack/msgpack';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxTreeNodes, treeToJson } from '../../../../shared/decode/tree.ts';
import { TreeRows } from '../../../../shared/decode/tree-rows.ts';
import { factsOf, maxOutputBytes } from './codec.ts';
import { readAs, readAuto } from './detect.ts';
import { DecodeFault } from './fault.ts';
import { allCodecs } from './registry.ts';

const encoded = JSON.parse(readFileSync(new URL('testing/encoded.json', import.meta.url), 'utf8')) as { b64: string }[];
const plain = { partial: false, schema: null };
const runs = { numRuns: 150 };

/** Every codec on the same bytes; what is refused is refused as a fault, not by an accident. */
async function everyCodec(bytes: Uint8Array): Promise<void> {
  for (const codec of allCodecs) {
    try {
      const { tree, out } = await codec.decode(bytes, { partial: false, forced: true, schema: null });
      expect(tree ?? out).toBeDefined();
      if (tree === undefined || tree.nodes.length === 0) continue;
      const rows = new TreeRows(tree);
      for (const { parent, rows: below } of rows.first(100)) {
        expect(below.length).toBeLessThanOrEqual(rows.count(parent));
        for (const row of below) expect(rows.place(row.id).at(-1)).toMatchObject({ parent });
      }
      expect(() => JSON.parse(treeToJson(tree).text) as unknown).not.toThrow();
    } catch (error) {
      if (codec.id === 'json' && error instanceof TypeError) expect(factsOf(bytes).text).toBeNull();
      else expect(error).toBeInstanceOf(DecodeFault);
    }
  }
}

test('any bytes are read or refused', async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), everyCodec), runs);
});

test('fixtures with bytes changed, cut or put in are read or refused', async () => {
  const change = fc.record({ fixture: fc.nat(encoded.length - 1), at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255), way: fc.constantFrom('set', 'cut', 'insert') });
  await fc.assert(
    fc.asyncProperty(change, async ({ fixture, at, byte, way }) => {
      const bytes = Buffer.from(encoded[fixture]?.b64 ?? '', 'base64');
      const place = Math.floor(at * (bytes.length - 1));
      const changed = way === 'cut' ? bytes.subarray(0, place) : Buffer.concat([bytes.subarray(0, place), Buffer.from([byte]), bytes.subarray(way === 'set' ? place + 1 : place)]);
      await everyCodec(changed);
      await readAuto(changed, plain);
    }),
    runs,
  );
});

test('JSON comes back as it was, through every wrapping', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue())), async (value) => {
      const text = JSON.stringify(value);
      const bytes = gzipSync(Buffer.from(gzipSync(text).toString('base64')));
      const reading = await readAuto(bytes, plain);
      expect(reading.layers.map(({ codec }) => codec)).toEqual(['gzip', 'base64', 'gzip', 'json']);
      expect(reading.tree).not.toBeNull();
      if (reading.tree) expect(JSON.parse(treeToJson(reading.tree).text)).toEqual(JSON.parse(text));
    }),
    runs,
  );
});

test('MessagePack of any JSON value says the same as the JSON', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }), async (value) => {
      const plainValue = JSON.parse(JSON.stringify(value)) as unknown;
      const { tree } = await readAs(encode(plainValue), ['msgpack'], plain);
      expect(tree).not.toBeNull();
      if (tree) expect(JSON.parse(treeToJson(tree).text)).toEqual(plainValue);
    }),
    runs,
  );
});

const deep = 300_000;
const many = (piece: string, count = deep) => Buffer.from(piece, 'hex').toString('latin1').repeat(count);
const attacks: Record<string, Buffer> = {
  'deep JSON': Buffer.from('['.repeat(deep)),
  'deep MessagePack': Buffer.from(many('91'), 'latin1'),
  'deep CBOR': Buffer.from(many('81'), 'latin1'),
  'deep CBOR of indefinite length': Buffer.from(many('9f'), 'latin1'),
  'deep CBOR tags': Buffer.from(many('c1'), 'latin1'),
  'deep PHP': Buffer.from('a:1:{i:0;'.repeat(deep / 10)),
  'deep pickle': Buffer.from(`${many('5d')}${many('61', deep - 1)}.`, 'latin1'),
  'many marks in a pickle': Buffer.from(`${many('28')}.`, 'latin1'),
  'a pickle that doubles itself': Buffer.from(`\u0080\u0002]q\u0000(${'h\u0000h\u0000'.repeat(10_000)}e.`, 'latin1'),
  'deep Ruby': Buffer.from(`\u0004\b${'[\u0006'.repeat(deep)}0`, 'latin1'),
  'deep Java': Buffer.concat([Buffer.from('aced0005', 'hex'), Buffer.from(many('757078', 50_000), 'latin1')]),
  'deep protobuf groups': Buffer.from(many('0b'), 'latin1'),
  'an array of four thousand million': Buffer.from('ddffffffff00', 'hex'),
  'a CBOR string of 2^63 bytes': Buffer.from('5b7fffffffffffffff00', 'hex'),
  'a PHP array of a thousand million': Buffer.from('a:1000000000:{i:0;i:1;}'),
  'a pickled text of 2^62 bytes': Buffer.from('80048d00000000000000402e', 'hex'),
  'a Java array of two thousand million': Buffer.from('aced0005757200025b49b6b6b6b6b6b6b6b602000078707fffffff', 'hex'),
  'an LZ4 block that announces 32 MiB': Buffer.concat([Buffer.from([0, 0, 0, 2]), Buffer.alloc(140_000, 0xff)]),
  'Snappy that announces 4 GiB': Buffer.from('ffffffff0f00', 'hex'),
};

describe('bytes that are made to hurt', () => {
  test.each(Object.entries(attacks))('%s', async (_, bytes) => {
    const reading = await readAuto(bytes, plain);
    expect(reading.stages.length).toBeGreaterThan(0);
    for (const codec of allCodecs) {
      const asked = await readAs(bytes, [codec.id], plain);
      expect(asked.layers.length + (asked.failed === null ? 0 : 1)).toBe(1);
    }
  });

  test('a bomb is cut at 32 MiB, through two layers too', async () => {
    const inner = gzipSync(Buffer.alloc(60 * 1024 * 1024));
    const reading = await readAuto(gzipSync(inner), plain);
    expect(reading.layers.map(({ codec }) => codec)).toEqual(['gzip', 'gzip']);
    expect(reading.cut).toBe(true);
    expect(reading.stages.at(-1)?.length).toBe(maxOutputBytes);
    const brotli = await readAs(brotliCompressSync(Buffer.alloc(60 * 1024 * 1024)), ['brotli'], plain);
    expect(brotli).toMatchObject({ cut: true, layers: [{ bytesOut: maxOutputBytes }] });
  });

  test('of more nodes than are kept, the rest is counted', async () => {
    const count = maxTreeNodes + 50_000;
    const bytes = Buffer.concat([Buffer.from([0xdd, count >>> 24, (count >>> 16) & 255, (count >>> 8) & 255, count & 255]), Buffer.alloc(count, 1)]);
    const { tree } = await readAs(bytes, ['msgpack'], plain);
    expect(tree?.total).toBe(count + 1);
    expect(tree?.nodes.length).toBe(maxTreeNodes);
    expect(tree?.nodes[0]?.held).toBe(count);
    expect(tree && treeToJson(tree).cut).toBe(true);
  });
});
