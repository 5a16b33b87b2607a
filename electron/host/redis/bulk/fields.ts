import type { FieldTtlSnapshot } from '../../../../shared/contract/bulk.ts';
import { ttlBuckets, type TtlBucket } from '../../../../shared/contract/ttl-action.ts';
import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import { compileGlob } from '../../../../shared/redis/glob.ts';
import { bucketOf, noExpiry } from '../../../../shared/redis/ttl-change.ts';
import { snapshotStream, type SnapshotListener } from '../../snapshots.ts';
import { listOf, textOf } from '../values/replies.ts';
import type { Command, RedisSession } from '../session.ts';
import { fieldTarget, requireFieldTtls } from './field-target.ts';
import type { PageState } from './expiry-target.ts';
import { pageNames } from './names-file.ts';
import type { PlanTally } from './plan-tally.ts';
import type { PlanInWork } from './plan-store.ts';
import { SeenNames } from './seen-names.ts';
import { namesOf } from './select-keys.ts';
import { untilAnswered, type Waiting } from './server-wait.ts';

const scanCount = 500;

export interface HashAt {
  session: () => RedisSession;
  db: number;
  hash: Buffer;
}

/**
 * Pages of field names by HSCAN NOVALUES (which came with field expiry), each name once. Rejects with UNSUPPORTED, KEY_GONE,
 * REDIS_WRONG_TYPE. A compact hash comes in one reply whatever COUNT says; the server keeps those short.
 */
async function* fieldNames({ session, db, hash }: HashAt, pattern: Buffer | null, waits: Waiting): AsyncGenerator<Buffer[], void, void> {
  const seen = new SeenNames();
  const glob = pattern === null ? null : compileGlob(pattern);
  const match = pattern === null ? [] : ['MATCH', pattern];
  let cursor = '0';
  do {
    const command: Command = ['HSCAN', hash, cursor, ...match, 'COUNT', scanCount, 'NOVALUES'];
    const reply = listOf(await untilAnswered(() => session().call(db, command, { signal: waits.signal }), waits));
    cursor = textOf(reply[0]);
    const names = listOf(reply[1]).filter((name): name is Buffer => Buffer.isBuffer(name) && (glob === null || glob.matches(name, 0, name.length)) && seen.add(name));
    for (let at = 0; at < names.length; at += pageNames) yield names.slice(at, at + pageNames);
  } while (cursor !== '0');
}

export interface FieldSelection {
  db: number;
  hash: Buffer;
  fields: { kind: 'glob'; pattern: WireBytes } | { kind: 'names'; names: readonly WireBytes[] };
}

/** Counts and writes down the fields that an action would change. Exact: a change of the hash meanwhile shows at the run. */
export async function planFields({ db, hash, fields }: FieldSelection, plan: PlanInWork & { session: () => RedisSession; tally: PlanTally }): Promise<boolean> {
  const { session, signal, tally, names: file } = plan;
  const waits: Waiting = { signal, onWait: (waiting) => plan.onChange({ state: waiting ? 'waiting-for-server' : 'counting' }) };
  const length = await untilAnswered(() => requireFieldTtls(session(), db, hash), waits);
  const target = fieldTarget({ session, db, hash });
  let walked = 0;
  const add = async (page: readonly Buffer[], listed: boolean): Promise<void> => {
    const { now, items }: PageState = await untilAnswered(() => target.read(page, null, signal), waits);
    const found: Buffer[] = [];
    for (const [at, item] of items.entries()) {
      const name = page[at] as Buffer;
      if (!item.present) {
        if (listed) tally.missing += 1;
      } else if (tally.add(null, name, item, now)) found.push(name);
    }
    await file.add({ node: null, db }, found);
    walked += page.length;
  };
  if (fields.kind === 'glob') {
    const pattern = Buffer.from(fromWire(fields.pattern));
    for await (const page of fieldNames({ session, db, hash }, pattern.length === 0 ? null : pattern, waits)) {
      await add(page, false);
      plan.onChange({ state: 'counting', walked: Math.min(walked, length), total: length });
    }
    plan.onChange({ walked: length, total: length });
    return true;
  }
  const seen = new SeenNames();
  const names = namesOf(fields.names);
  const unique = names.filter((name) => seen.add(name));
  for (let at = 0; at < unique.length; at += pageNames) {
    await add(unique.slice(at, at + pageNames), true);
    plan.onChange({ state: 'counting', walked, total: names.length });
  }
  plan.onChange({ walked: names.length, total: names.length });
  return true;
}

/** How the expiries of a hash's fields are spread, while it is being walked and at its end. */
export async function* watchFieldTtls(at: HashAt, signal: AbortSignal): AsyncGenerator<FieldTtlSnapshot, void, void> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  signal.addEventListener('abort', stop, { once: true });
  const waits: Waiting = { signal: abort.signal };
  const total = await untilAnswered(() => requireFieldTtls(at.session(), at.db, at.hash), waits);
  const target = fieldTarget(at);
  const buckets = new Map<TtlBucket, number>();
  const listeners = new Set<SnapshotListener>();
  const state = { walked: 0, exactness: 'atLeast' as FieldTtlSnapshot['exactness'], earliest: null as number | null, latest: null as number | null, total };
  let failure: unknown = null;
  let over = false;
  const tell = (event: 'changed' | 'ended'): void => {
    for (const listener of listeners) listener(event);
  };
  const walk = async (): Promise<void> => {
    try {
      for await (const page of fieldNames(at, null, waits)) {
        const { now, items } = await untilAnswered(() => target.read(page, null, abort.signal), waits);
        for (const { present, expiry } of items) {
          if (!present) continue;
          state.walked += 1;
          const bucket = bucketOf(expiry, now);
          buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
          if (expiry === noExpiry) continue;
          state.earliest = Math.min(state.earliest ?? expiry, expiry);
          state.latest = Math.max(state.latest ?? expiry, expiry);
        }
        tell('changed');
      }
      state.total = await untilAnswered(() => requireFieldTtls(at.session(), at.db, at.hash), waits);
      state.exactness = state.total === total && state.walked === total ? 'exact' : 'estimated';
    } catch (error) {
      failure = error;
    }
    over = true;
    tell('ended');
  };
  const walking = walk();
  try {
    yield* snapshotStream({
      read: () => {
        if (failure !== null) throw failure;
        return {
          exactness: state.exactness,
          walked: state.walked,
          total: state.total,
          byTtl: ttlBuckets.map((bucket) => ({ bucket, fields: buckets.get(bucket) ?? 0 })),
          earliestExpiry: state.earliest,
          latestExpiry: state.latest,
        };
      },
      subscribe: (listener) => {
        listeners.add(listener);
        if (over) listener('ended');
        return () => listeners.delete(listener);
      },
      signal,
      minIntervalMs: 200,
    });
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    await walking;
  }
}
