import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toWire } from '../../../../shared/bytes.ts';
import { compileGlob } from '../../../../shared/redis/glob.ts';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import type { Command } from '../session.ts';
import { last, openBulk, type BulkFixture } from '../testing/bulk-fixture.ts';
import { freezing } from '../testing/frozen-session.ts';

const hour = 3_600_000;
const never = new AbortController().signal;

let server: RunningRedis;
let outside: BulkFixture;
beforeAll(async () => {
  server = await startRedis();
  outside = await openBulk({ port: server.port });
});
afterAll(async () => {
  await outside.close();
  await server.stop();
});

type Kind = 'string' | 'hash' | 'list' | 'zset';

const name = fc.oneof(
  fc.constantFrom('', '__proto__', 'constructor', '*', '[', 'a[b]', 'a\\', '?', '<img onerror>', '\u202Ea', 'a:b', 'a::b').map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(fc.constantFrom('a', 'a:', 'b*'), fc.nat(30)).map(([prefix, at]) => Buffer.from(`${prefix}${at}`)),
);
const value = fc.constantFrom<Kind>('string', 'hash', 'list', 'zset');
const ttl = fc.oneof(fc.constant(null), fc.integer({ min: 2 * hour, max: 50 * hour }));
const key = fc.record({ name, value, ttl });
const filter = fc.record({
  mode: fc.constantFrom('glob' as const, 'literal' as const, 'prefix' as const),
  pattern: fc.oneof(fc.constantFrom('a', '*', 'a*', 'a?', '[', '\\*', 'b\\*', '[a-b]*', 'a:').map((text) => Buffer.from(text)), name),
  types: fc.option(fc.constant<Kind[]>(['hash', 'list']), { nil: undefined }),
});
/** After how many round trips of a session it is killed, and whether the last one still reached the server. */
const kills = fc.array(fc.record({ calls: fc.integer({ min: 1, max: 30 }), when: fc.constantFrom('before' as const, 'after' as const) }), { maxLength: 3 });

type Key = { name: Buffer; value: Kind; ttl: number | null };

function make({ name: bytes, value: kind, ttl: left }: Key, now: number): Command[] {
  const commands: Record<Kind, Command> = { string: ['SET', bytes, 'v'], hash: ['HSET', bytes, 'f', 'v', 'g', 'w'], list: ['RPUSH', bytes, '1', 'two'], zset: ['ZADD', bytes, 1, 'a', 2, 'b'] };
  return [commands[kind], ...(left === null ? [] : [['PEXPIREAT', bytes, now + left] as const])];
}

interface Held {
  dump: string;
  expiry: number;
}

async function held(keys: readonly Key[]): Promise<(Held | null)[]> {
  const replies = await outside.session.batch(
    0,
    keys.flatMap((each): Command[] => [
      ['DUMP', each.name],
      ['PEXPIRETIME', each.name],
    ]),
  );
  return keys.map((_, at) => {
    const dump = replies[at * 2];
    return Buffer.isBuffer(dump) ? { dump: dump.toString('base64'), expiry: Number(replies[at * 2 + 1]) } : null;
  });
}

it('takes exactly the keys of the model and gives exactly them back, wherever it is killed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(key, { maxLength: 30 }), fc.nat(1200), filter, fc.boolean(), kills, kills, async (some, filler, asked, keepsUndo, inRun, inUndo) => {
      await outside.run('FLUSHALL');
      const unique = new Map(some.map((each) => [each.name.toString('latin1'), each]));
      for (let at = 0; at < filler; at += 1) unique.set(`a:f${at}`, { name: Buffer.from(`a:f${at}`), value: at % 2 === 0 ? 'string' : 'hash', ttl: at % 3 === 0 ? 3 * hour + at : null });
      const keys = [...unique.values()];
      const now = Date.now();
      for (const outcome of await outside.session.batch(0, keys.flatMap((each) => make(each, now)))) expect(outcome).not.toBeInstanceOf(Error);
      const before = await held(keys);
      const matches = (bytes: Buffer): boolean => {
        const { mode, pattern } = asked;
        if (pattern.length === 0) return true;
        if (mode === 'glob') return compileGlob(pattern).matches(bytes, 0, bytes.length);
        return mode === 'prefix' ? bytes.subarray(0, pattern.length).equals(pattern) : bytes.includes(pattern);
      };
      const selected = new Set(keys.filter((each) => matches(each.name) && (asked.types === undefined || asked.types.includes(each.value))));
      if (selected.size === 0) return;

      const folder = await mkdtemp(join(tmpdir(), 'lookaside-model-'));
      /** A program that works on the folder until it is killed or done; `null` when it was killed. */
      const program = async <T>(kill: { calls: number; when: 'before' | 'after' } | undefined, work: (fixture: BulkFixture) => Promise<T>): Promise<T | null> => {
        let frozen: Promise<void> = new Promise(() => undefined);
        const fixture = await openBulk(
          { port: server.port },
          {
            folder,
            wrap: (session) => {
              if (kill === undefined) return session;
              const stands = freezing(session, kill.calls, kill.when);
              frozen = stands.frozen;
              return stands.session;
            },
          },
        );
        const done = await Promise.race([work(fixture).then((result) => ({ result })), frozen.then(() => null)]);
        // a killed one is left as it stands: nothing of it may write any more
        if (done === null) await fixture.opened.close();
        else await fixture.close();
        return done?.result ?? null;
      };

      const runId = await program(undefined, async ({ invalidate, jobs, bulk }) => {
        const plan = await last(
          invalidate.plan({ selection: { workspaceId: 'test', db: 0, keys: { kind: 'filter', filter: { mode: asked.mode, pattern: toWire(asked.pattern), types: asked.types === undefined ? undefined : [...asked.types] } } }, action: { kind: 'unlink' } }, never),
        );
        expect(plan.selected).toBe(selected.size);
        const begun = await invalidate.run({ planId: plan.planId, confirm: { count: plan.selected, word: 'FLUSH' }, undo: keepsUndo, pace: inRun.length > 0 ? { keysPerSecond: 1 } : {} });
        // the first page goes at once; the rest is for those who resume
        if (inRun.length > 0) jobs.cancel(begun.jobId);
        await last(bulk.watchRun(begun.runId, never));
        return begun.runId;
      });
      if (runId === null) throw new Error('The run did not begin');
      for (const kill of [...inRun, undefined]) {
        await program(kill, async (fixture) => {
          const [run] = await fixture.bulk.runs();
          if (run?.resumable !== true) return;
          await fixture.bulk.resumeRun({ runId });
          await fixture.ended(runId);
        });
      }
      const after = await held(keys);
      keys.forEach((each, at) => expect(after[at]).toEqual(selected.has(each) ? null : before[at]));
      const [summary] = await outsideRuns(folder);
      expect(summary).toMatchObject({ runId, state: 'done', total: selected.size, done: selected.size, changed: selected.size, left: [], failed: [], keepsUndo });

      if (keepsUndo) {
        for (const kill of [...inUndo, undefined]) {
          await program(kill, async (fixture) => {
            const [run] = await fixture.bulk.runs();
            if (run?.undoable !== true) return;
            await fixture.invalidate.undo({ runId });
            expect(await fixture.ended(runId)).toMatchObject({ state: 'done', failed: [] });
          });
        }
        // the same bytes, and the same time to the millisecond
        expect(await held(keys)).toEqual(before);
      }
      await rm(folder, { recursive: true, force: true });
    }),
    { numRuns: 40 },
  );
}, 240_000);

async function outsideRuns(folder: string) {
  const fixture = await openBulk({ port: server.port }, { folder });
  try {
    return await fixture.bulk.runs();
  } finally {
    await fixture.close();
  }
}
