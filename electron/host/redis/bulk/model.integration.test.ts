import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TtlAction } from '../../../../shared/contract/ttl-action.ts';
import { toWire } from '../../../../shared/bytes.ts';
import { compileGlob } from '../../../../shared/redis/glob.ts';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { openBulk, type BulkFixture } from '../testing/bulk-fixture.ts';
import type { Command } from '../session.ts';

const hour = 3_600_000;

/** Names that have been trouble elsewhere, and short random ones that collide in their prefixes. */
const name = fc.oneof(
  fc.constantFrom('', '__proto__', 'constructor', '*', '[', 'a[b]', 'a\\', '?', '<img onerror>', '\u202Ea', 'a:b', 'a::b').map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(fc.constantFrom('a', 'a:', 'b*'), fc.nat(30)).map(([prefix, at]) => Buffer.from(`${prefix}${at}`)),
);
/** Offsets of the expiry in ms; `null` = none. */
const ttl = fc.oneof(fc.constant(null), fc.integer({ min: 2 * hour, max: 50 * hour }));
const keyspace = fc.uniqueArray(fc.record({ name, ttl, list: fc.boolean() }), { maxLength: 40, selector: (key) => key.name.toString('latin1') });
const filter = fc.record({
  mode: fc.constantFrom('glob' as const, 'literal' as const, 'prefix' as const),
  pattern: fc.oneof(fc.constant(Buffer.from('')), fc.constantFrom('*', 'a*', 'a?', '[', '\\*', 'b\\*', '[a-b]*').map((text) => Buffer.from(text)), name),
  types: fc.option(fc.constant(['list']), { nil: undefined }),
  none: fc.boolean(),
});
const condition = fc.option(fc.constantFrom('NX' as const, 'XX' as const, 'GT' as const, 'LT' as const), { nil: undefined });
const action = fc.oneof(
  fc.record({ kind: fc.constant('expire' as const), ttlMs: fc.integer({ min: hour, max: 60 * hour }), jitterMs: fc.constantFrom(0, 1, hour), condition }),
  fc.record({ kind: fc.constant('expireAt' as const), offset: fc.integer({ min: hour, max: 60 * hour }), jitterMs: fc.constantFrom(0, hour), condition }),
  fc.record({ kind: fc.constant('persist' as const) }),
);

type Filter = (typeof filter) extends fc.Arbitrary<infer T> ? T : never;

function nameMatches({ mode, pattern }: Filter, key: Buffer): boolean {
  if (pattern.length === 0) return true;
  if (mode === 'glob') return compileGlob(pattern).matches(key, 0, key.length);
  return mode === 'prefix' ? key.subarray(0, pattern.length).equals(pattern) : key.includes(pattern);
}

describe('any change of any keyspace', () => {
  let server: RunningRedis;
  let fixture: BulkFixture;
  beforeAll(async () => {
    server = await startRedis();
    fixture = await openBulk({ port: server.port });
  });
  afterAll(async () => {
    await fixture.close();
    await server.stop();
  });

  async function expiries(names: readonly Buffer[]): Promise<number[]> {
    return (await fixture.session.batch(0, names.map((each) => ['PEXPIRETIME', each] as const))).map(Number);
  }

  it('touches exactly the keys of the model, with the server’s own sense of conditions, and comes back to the millisecond', async () => {
    await fc.assert(
      fc.asyncProperty(keyspace, filter, action, fc.array(fc.nat(40), { maxLength: 4 }), fc.array(fc.nat(40), { maxLength: 4 }), async (keys, asked, change, deleted, touched) => {
        await fixture.run('FLUSHALL');
        const begun = Date.now();
        const commands = keys.flatMap((key): Command[] => [
          key.list ? ['RPUSH', key.name, 'v'] : ['SET', key.name, 'v'],
          ...(key.ttl === null ? [] : [['PEXPIREAT', key.name, begun + key.ttl] as const]),
        ]);
        for (const outcome of await fixture.session.batch(0, commands)) expect(outcome).not.toBeInstanceOf(Error);
        const names = keys.map((key) => key.name);
        const before = await expiries(names);

        const given: TtlAction = change.kind === 'expireAt' ? { kind: 'expireAt', at: begun + change.offset, jitterMs: change.jitterMs, condition: change.condition } : change;
        const { plan, end, runId } = await fixture.change(
          { kind: 'filter', filter: { mode: asked.mode, pattern: toWire(asked.pattern), types: asked.types === undefined ? undefined : [...asked.types], ttlMs: asked.none ? 'none' : undefined } },
          given,
        );
        const selected = keys.filter((key) => nameMatches(asked, key.name) && (asked.types === undefined || key.list) && (!asked.none || key.ttl === null));
        expect(plan.selected).toBe(selected.length);
        expect(end).toMatchObject({ state: 'done', failed: [], left: [], changed: plan.wouldChange });

        const after = await expiries(names);
        let changed = 0;
        keys.forEach((key, at) => {
          const [was, is] = [before[at] as number, after[at] as number];
          const low = given.kind === 'persist' ? -1 : given.kind === 'expireAt' ? given.at : begun + given.ttlMs;
          const high = given.kind === 'persist' ? -1 : low + given.jitterMs + (given.kind === 'expire' ? 60_000 : 0);
          if (is !== was) {
            changed += 1;
            expect(selected).toContain(key);
            expect(is).toBeGreaterThanOrEqual(low);
            expect(is).toBeLessThanOrEqual(high);
          }
          if (!selected.includes(key)) return;
          // with the new time clearly on one side, the model knows the answer
          const wanted = given.kind === 'persist' ? undefined : given.condition;
          const later = low > was + hour;
          const earlier = high < was - hour;
          if (wanted === 'NX') expect(is !== was).toBe(was === -1);
          if (wanted === 'XX' && was === -1) expect(is).toBe(-1);
          if (wanted === 'GT') expect(is !== was || !(was !== -1 && later)).toBe(true);
          if (wanted === 'GT' && (was === -1 || earlier)) expect(is).toBe(was);
          if (wanted === 'LT' && (was === -1 || earlier)) expect(is).not.toBe(was);
          if (wanted === 'LT' && was !== -1 && later) expect(is).toBe(was);
          if (given.kind === 'persist') expect(is).toBe(-1);
        });
        expect(changed).toBe(plan.wouldChange);

        // others delete and touch some; all the rest comes back
        const gone = new Set(deleted.flatMap((at) => (at < keys.length ? [at] : [])));
        const other = new Set(touched.flatMap((at) => (at < keys.length && !gone.has(at) ? [at] : [])));
        for (const at of gone) await fixture.run('DEL', names[at] as Buffer);
        for (const at of other) await fixture.run('PEXPIREAT', names[at] as Buffer, begun + 99 * hour + at);
        if (changed === 0) return;
        const undo = await fixture.undo(runId);
        expect(undo).toMatchObject({ state: 'done', failed: [], done: changed });
        const restored = await expiries(names);
        keys.forEach((_, at) => {
          if (gone.has(at)) expect(restored[at]).toBe(-2);
          else expect(restored[at]).toBe(other.has(at) ? begun + 99 * hour + at : before[at]);
        });
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
