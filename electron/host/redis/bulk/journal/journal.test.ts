import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { frame, Unframer } from './framing.ts';
import { RecordReader, RecordWriter } from './record-file.ts';
import { decodeRecord, encodeRecord, outcomes, type JournalRecord } from './records.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = fc.uint8Array({ maxLength: 60 }).map((each) => Buffer.from(each));
const expiry = fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 253_402_300_799_999 }));
const page = fc.nat(0xffff_ffff);
const record: fc.Arbitrary<Exclude<JournalRecord, { kind: 'other' }>> = fc.oneof(
  fc.record({ kind: fc.constant('intents' as const), page, attempt: fc.nat(10), intents: fc.array(fc.record({ name: bytes, db: fc.constant(3), earlier: expiry, target: expiry }), { maxLength: 8 }) }),
  fc.record({ kind: fc.constant('outcomes' as const), page, attempt: fc.nat(10), outcomes: fc.array(fc.constantFrom(...outcomes), { maxLength: 8 }) }),
  fc.record({ kind: fc.constant('page-done' as const), page, tally: fc.string() }),
);

test('records come back as they went', () => {
  fc.assert(
    fc.property(record, (each) => {
      expect(decodeRecord(encodeRecord(each))).toEqual(each);
    }),
  );
  expect(decodeRecord(Buffer.from([200, 1, 2, 3]))).toEqual({ kind: 'other', tag: 200 });
  expect(() => decodeRecord(encodeRecord({ kind: 'intents', page: 1, attempt: 0, intents: [{ name: Buffer.from('abc'), db: 0, earlier: 1, target: 2 }] }).subarray(0, 16))).toThrow(RangeError);
});

describe('a file of records', () => {
  test('cut at every byte, or with one byte altered, gives exactly the records that are whole', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), fc.integer({ min: 1, max: 255 }), fc.integer({ min: 1, max: 64 }), (payloads, damage, piece) => {
        const whole = Buffer.concat(payloads.map((each) => frame(each)));
        const read = (file: Buffer) => {
          const unframer = new Unframer();
          const found: Buffer[] = [];
          for (let at = 0; at < file.length; at += piece) found.push(...unframer.push(file.subarray(at, at + piece)));
          return { found, unframer };
        };
        const ends: number[] = [];
        for (const each of payloads) ends.push((ends.at(-1) ?? 0) + 8 + each.length);
        for (let cut = 0; cut <= whole.length; cut += 1) {
          const { found, unframer } = read(whole.subarray(0, cut));
          const expected = ends.filter((end) => end <= cut).length;
          expect(found).toEqual(payloads.slice(0, expected));
          expect(unframer.wholeBytes).toBe(ends[expected - 1] ?? 0);
          expect(unframer.cut).toBe(cut !== (ends[expected - 1] ?? 0));
        }
        for (let at = 0; at < whole.length; at += 1) {
          const altered = Buffer.from(whole);
          altered[at] = (altered[at] as number) ^ damage;
          const before = ends.filter((end) => end <= at).length;
          expect(read(altered).found).toEqual(payloads.slice(0, before));
        }
      }),
      { numRuns: 30 },
    );
  });

  test('is for its owner only, goes on after a cut, and never exists twice', async () => {
    const path = join(folder, 'journal');
    const writer = await RecordWriter.create(path);
    await Promise.all([writer.append(Buffer.from('one')), writer.append(Buffer.from('two')), writer.sync(), writer.sync()]);
    await writer.close();
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    await expect(RecordWriter.create(path)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await truncate(path, writer.bytes - 1);

    const reader = new RecordReader(path);
    const found: string[] = [];
    for await (const { payload } of reader.read()) found.push(payload.toString());
    expect(found).toEqual(['one']);
    expect(reader.cut).toBe(true);

    const next = await RecordWriter.continue(path, reader.wholeBytes);
    await next.append(Buffer.from('three'));
    await next.close();
    expect(next.bytes).toBe((await stat(path)).size);
    const all: { text: string; at: number }[] = [];
    for await (const { payload, at } of reader.read()) all.push({ text: payload.toString(), at });
    expect(all).toEqual([
      { text: 'one', at: 0 },
      { text: 'three', at: 11 },
    ]);
    expect(reader.cut).toBe(false);
    const late: string[] = [];
    for await (const { payload } of reader.read(11)) late.push(payload.toString());
    expect(late).toEqual(['three']);
  });

  test('longer than one piece is read whole', async () => {
    const path = join(folder, 'long');
    const writer = await RecordWriter.create(path);
    const payloads = Array.from({ length: 40 }, (_, at) => Buffer.alloc(70_000 + at, at));
    for (const each of payloads) await writer.append(each);
    await writer.close();
    const reader = new RecordReader(path);
    let at = 0;
    for await (const { payload } of reader.read()) {
      expect(payload.equals(payloads[at] as Buffer)).toBe(true);
      at += 1;
    }
    expect(at).toBe(40);
    expect(reader.wholeBytes).toBe((await readFile(path)).length);
  });

  test('that cannot be opened says so', async () => {
    const blocker = join(folder, 'file');
    await writeFile(blocker, '');
    await expect(RecordWriter.create(join(blocker, 'x'))).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(new RecordReader(join(folder, 'none')).read().next()).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});
