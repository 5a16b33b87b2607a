import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compactText } from '../../../../shared/decode/tree-rows.ts';
import { xxHashes } from './compress/checksums.ts';
import { readAs, readAuto } from './detect.ts';
import { protoSchema } from './formats/proto-schema.ts';

interface Encoded {
  name: string;
  layers: string[];
  b64: string;
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`testing/${name}.json`, import.meta.url), 'utf8'));
/** Made by the encoders of other languages, see testing/encoders. */
const encoded = read('encoded') as Encoded[];
/** What each of them says, checked by hand against what the encoders were given. */
const says = read('says') as Record<string, string>;
const plain = { partial: false, schema: null };

function bytesOf(name: string): Buffer {
  const found = encoded.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no fixture ${name}`);
  return Buffer.from(found.b64, 'base64');
}

test.each(encoded)('$name', async ({ name, layers, b64 }) => {
  const bytes = Buffer.from(b64, 'base64');
  const reading = await readAuto(bytes, plain);
  expect(reading.failed).toBeNull();
  expect(reading.layers.map(({ codec }) => codec)).toEqual(layers);
  const said = reading.tree === null ? Buffer.from(reading.stages.at(-1) ?? []).toString().slice(0, 200) : compactText(reading.tree, reading.tree.root, 3000);
  expect(said).toBe(says[name]);
  // asked for by name it is the same
  const asked = await readAs(bytes, reading.layers.map(({ codec }) => codec), plain);
  expect({ tree: asked.tree, stages: asked.stages }).toEqual({ tree: reading.tree, stages: reading.stages });
});

test('a bare number, a padded one and a word are no JSON', async () => {
  for (const text of ['0014', '14', '-1.5', 'true', 'null', 'word']) {
    expect((await readAuto(Buffer.from(text), plain)).layers).toEqual([]);
  }
  const asked = await readAs(Buffer.from('14'), ['json'], plain);
  expect(asked.tree?.nodes).toMatchObject([{ kind: 'int', text: '14' }]);
});

test('a reference points to the node that it means', async () => {
  const { tree } = await readAuto(bytesOf('pickle of protocol 5'), plain);
  const reference = tree?.nodes.find(({ kind }) => kind === 'ref');
  expect(tree?.nodes[reference?.target ?? -1]).toMatchObject({ kind: 'list', held: 1 });
});

test('a damaged layer is named with its place, and the bytes before it stay', async () => {
  const whole = bytesOf('gzip of zstd of CBOR');
  const broken = Buffer.from(whole);
  broken.writeUInt8((broken[40] ?? 0) ^ 0xff, 40);
  const outer = await readAuto(broken, plain);
  expect(outer).toMatchObject({ layers: [], tree: null, failed: { codec: 'gzip' } });
  expect(outer.stages).toEqual([broken]);
  const json = bytesOf('zstd with checksum').subarray(0, 60);
  expect(await readAuto(json, plain)).toMatchObject({ layers: [], failed: { codec: 'zstd', reason: 'the compressed data ends early' } });
  const java = bytesOf('Java map').subarray(0, 100);
  expect((await readAuto(java, plain)).failed).toMatchObject({ codec: 'java', atByte: expect.any(Number) });
  const forced = await readAs(Buffer.from('{"a":1'), ['json'], plain);
  expect(forced.failed).toEqual({ codec: 'json', reason: 'no comma or } where one has to be', atByte: 6 });
});

test('blocks of lz4-java, stored and compressed', async () => {
  const { h32 } = await xxHashes();
  const head = (method: number, size: number, original: string) => {
    const bytes = Buffer.alloc(21);
    bytes.write('LZ4Block');
    bytes.writeUInt8(method, 8);
    bytes.writeUInt32LE(size, 9);
    bytes.writeUInt32LE(original.length, 13);
    if (original !== '') bytes.writeUInt32LE(h32(original, 0x9747_b28c) & 0xfff_ffff, 17);
    return bytes;
  };
  // a literal of one byte, then a match one back that repeats it 15 + 4 + 20 times, then the last literals
  const packed = Buffer.from([0x1f, 0x61, 0x01, 0x00, 0x14, 0x50, 0x62, 0x62, 0x62, 0x62, 0x62]);
  const value = Buffer.concat([head(0x16, 5, 'text:'), Buffer.from('text:'), head(0x26, packed.length, `${'a'.repeat(40)}bbbbb`), packed, head(0x16, 0, '')]);
  const reading = await readAuto(value, plain);
  expect(reading.layers.map(({ codec }) => codec)).toEqual(['lz4-block']);
  expect(Buffer.from(reading.stages.at(-1) ?? []).toString()).toBe(`text:${'a'.repeat(40)}bbbbb`);
  value[17] = (value[17] ?? 0) ^ 1;
  const corrupt = await readAuto(value, plain);
  expect(corrupt.failed).toMatchObject({ codec: 'lz4-block', reason: expect.stringContaining('the checksum of a block is wrong') as string, atByte: 17 });
});

test('.NET BinaryFormatter is recognised and said not to be read', async () => {
  const header = Buffer.from('0001000000ffffffff01000000000000000c02000000', 'hex');
  expect(await readAuto(header, plain)).toMatchObject({ layers: [], failed: { codec: 'dotnet', reason: expect.stringContaining('not read') } });
});

test('the beginning of a compressed value decompresses as far as it goes', async () => {
  const { gzipSync } = await import('node:zlib');
  const text = Array.from({ length: 20_000 }, (_, at) => `line ${at * 7919}`).join('\n');
  const reading = await readAuto(gzipSync(text).subarray(0, 20_000), { partial: true, schema: null });
  expect(reading).toMatchObject({ cut: true, failed: null });
  expect(reading.layers.map(({ codec }) => codec)).toEqual(['gzip']);
  const out = Buffer.from(reading.stages.at(-1) ?? []).toString();
  expect(text.startsWith(out)).toBe(true);
  expect(out.length).toBeGreaterThan(10_000);
});

test('a time as text or as 8 bytes is offered, not decided', async () => {
  const reading = await readAuto(Buffer.from('1767225600123'), plain);
  expect(reading.layers).toEqual([]);
  expect(reading.alternatives).toMatchObject([{ codecs: ['timestamp'], reason: 'read as milliseconds since 1970 it is 2026-01-01T00:00:00.123Z' }]);
  const eight = Buffer.alloc(8);
  eight.writeBigUInt64BE(1_767_225_600n);
  expect((await readAuto(eight, plain)).alternatives.map(({ codecs }) => codecs.join())).toContain('timestamp');
});

const proto = `
syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
enum Kind { UNKNOWN = 0; BOOK = 1; }
message Item { int32 id = 1; string name = 2; repeated int32 sizes = 3; Kind kind = 4; map<string, sint32> stock = 5; google.protobuf.Timestamp made = 6; double price = 7; bytes raw = 8; repeated Item parts = 9; oneof owner { string user = 10; uint64 team = 11; } }
`;

test('protobuf is read by a .proto: names, enums, packed and repeated fields, maps, negatives, unknown fields', async () => {
  const protobuf = (await import('protobufjs')).default;
  const type = protobuf.parse(proto, { keepCase: true }).root;
  const common = protobuf.common.get('google/protobuf/timestamp.proto') as { nested: Record<string, unknown> };
  type.addJSON(common.nested as Parameters<typeof type.addJSON>[0]);
  const item = type.resolveAll().lookupType('shop.Item');
  const message = { id: -5, name: 'Lamp', sizes: [1, 300, -1], kind: 1, stock: { north: -7 }, made: { seconds: 1_700_000_000, nanos: 5 }, price: 9.5, raw: Buffer.from([1, 255]), parts: [{ id: 1 }, { name: 'bulb', kind: 9 }], team: 12 };
  const bytes = Buffer.concat([item.encode(item.create(message)).finish(), Buffer.from([0xfa, 0x06, 0x02, 0x68, 0x69])]);
  const schema = protoSchema(proto, 'shop.Item');
  const { tree, layers } = await readAs(bytes, ['protobuf'], { partial: false, schema });
  expect(layers[0]?.reason).toBe('read as shop.Item; 1 field is not declared');
  expect(compactText(tree ?? { nodes: [], root: 0, total: 0 }, 0, 1000)).toBe(
    '{"id": -5, "name": "Lamp", "sizes": [1, 300, -1], "kind": "BOOK", "stock": {"north": -7}, "made": {"seconds": 1700000000, "nanos": 5}, "price": 9.5, "raw": 0x01ff, "parts": [{"id": 1}, {"name": "bulb", "kind": 9}], "team": 12, 111: "hi"}',
  );
});

test('a broken .proto and a message that is not in it are said', () => {
  expect(() => protoSchema('message {', 'A')).toThrow(/cannot be read: illegal type name '\{' \(line 1\)/);
  expect(() => protoSchema('syntax = "proto3"; message A { B b = 1; }', 'A')).toThrow(/no such Type or Enum 'B'/);
  expect(() => protoSchema('syntax = "proto3"; message A {}', 'C')).toThrow(/no message C/);
});
