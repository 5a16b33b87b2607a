import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { fromWire, toWire } from '../../../../shared/bytes.ts';
import { bytesOfText, lineSeparatorOf, textForm } from '../../../../shared/edit/text-form.ts';
import { appliedId, at, openEdits, rawClient, type EditFixture } from './testing/edit-fixture.ts';

let server: RunningRedis;
let raw: Redis;
let fixture: EditFixture;
beforeAll(async () => {
  server = await startRedis();
  raw = rawClient(server) as Redis;
  fixture = await openEdits({ port: server.port });
});
afterAll(async () => {
  await fixture.close();
  raw.disconnect();
  await server.stop();
});

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => new TextEncoder().encode(text)),
  fc.constantFrom('', '__proto__', '*', '%', '\r\n', '\0', '$5:hello', 'inf', '-0', '1e3').map((text) => new TextEncoder().encode(text)),
);
const two = fc.uniqueArray(anyBytes, { minLength: 2, maxLength: 2, comparator: (a, b) => Buffer.compare(a, b) === 0 }) as fc.Arbitrary<[Uint8Array, Uint8Array]>;
const runs = { numRuns: 25 };
const same = (bytes: Uint8Array | Buffer | null, expected: Uint8Array) => expect(bytes === null ? null : Buffer.from(bytes).toString('hex')).toBe(Buffer.from(expected).toString('hex'));

/** As the page does it: text is split into lines and put together again, everything else stays bytes. */
function throughEditor(bytes: Uint8Array): Uint8Array {
  const form = textForm(bytes);
  if (form === null) return bytes;
  const separator = lineSeparatorOf(form.text);
  return bytesOfText(form.text.split(separator).join(separator)) ?? bytes;
}

const wire = (bytes: Uint8Array) => toWire(throughEditor(fromWire(toWire(bytes))));

test('any bytes pass through every edit, and back, unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(two, anyBytes, async ([before, after], name) => {
      await raw.flushall();
      const where = at(wire(name));
      const key = Buffer.from(name);
      const [a, b] = [Buffer.from(before), Buffer.from(after)];
      const undo = async (editId: string) => appliedId(await fixture.edit.undo({ workspaceId: 'test', editId }));

      await raw.set(key, a);
      const set = appliedId(await fixture.edit.setString({ ...where, expect: { bytes: wire(a) }, value: wire(b) }));
      same(await raw.getBuffer(key), b);
      await undo(set);
      same(await raw.getBuffer(key), a);

      await raw.del(key);
      await raw.hset(key, a, a);
      const field = appliedId(await fixture.edit.hashField({ ...where, change: { kind: 'set', field: wire(a), expect: wire(a), value: wire(b) } }));
      same(await raw.hgetBuffer(key, a), b);
      await undo(field);
      const renamed = appliedId(await fixture.edit.hashField({ ...where, change: { kind: 'rename', field: wire(a), expect: wire(a), to: wire(b) } }));
      same(await raw.hgetBuffer(key, b), a);
      await undo(renamed);
      same(await raw.hgetBuffer(key, a), a);

      await raw.del(key);
      await raw.rpush(key, a, b, a);
      const removed = appliedId(await fixture.edit.listElement({ ...where, change: { kind: 'remove', index: 1, expect: wire(b) } }));
      expect(await raw.llen(key)).toBe(2);
      await undo(removed);
      const inserted = appliedId(await fixture.edit.listElement({ ...where, change: { kind: 'insert', index: 1, expect: wire(b), place: 'after', value: wire(name) } }));
      same(await raw.lindexBuffer(key, 2), name);
      await undo(inserted);
      expect((await raw.lrangeBuffer(key, 0, -1)).map((one) => one.toString('hex'))).toEqual([a, b, a].map((one) => one.toString('hex')));

      await raw.del(key);
      await raw.sadd(key, a);
      const replaced = appliedId(await fixture.edit.setMember({ ...where, change: { kind: 'replace', member: wire(a), to: wire(b) } }));
      expect(await raw.sismember(key, b)).toBe(1);
      await undo(replaced);
      expect(await raw.sismember(key, a)).toBe(1);

      await raw.del(key);
      await raw.zadd(key, 1.1, a);
      const member = appliedId(await fixture.edit.zsetMember({ ...where, change: { kind: 'rename', member: wire(a), expect: '1.1', to: wire(b) } }));
      expect(Number(await raw.zscore(key, b))).toBe(1.1);
      await undo(member);
      expect(Number(await raw.zscore(key, a))).toBe(1.1);

      await raw.del(key);
      appliedId(await fixture.edit.create({ ...where, value: { type: 'stream', id: '5-1', fields: [{ field: wire(a), value: wire(b) }] } }));
      const [entry] = (await raw.xrangeBuffer(key, '-', '+')) as [Buffer, Buffer[]][];
      expect(entry?.[1].map((one) => one.toString('hex'))).toEqual([a, b].map((one) => one.toString('hex')));
    }),
    runs,
  );
});

test('any score is set, compared and taken back as the number that it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ noNaN: true }), fc.double({ noNaN: true }), async (from, to) => {
      fc.pre(from !== to);
      const text = (value: number) => (Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf');
      await raw.del('z');
      await raw.zadd('z', text(from), 'm');
      const printed = await raw.zscore('z', 'm');
      const editId = appliedId(await fixture.edit.zsetMember({ ...at('z'), change: { kind: 'score', member: 'm', expect: printed ?? '', score: text(to) } }));
      appliedId(await fixture.edit.undo({ workspaceId: 'test', editId }));
      expect(await raw.zscore('z', 'm')).toBe(printed);
    }),
    runs,
  );
});
