import type { ExcludedReason, InvalidateAction, InvalidatePlan } from '../../../../shared/contract/invalidate.ts';
import { ttlBuckets, type TtlBucket } from '../../../../shared/contract/ttl-action.ts';
import { toWire } from '../../../../shared/bytes.ts';
import { bucketOf } from '../../../../shared/redis/ttl-change.ts';
import type { ItemState } from './expiry-target.ts';
import type { PlannedPlace } from './names-file.ts';
import type { NodeWalk } from './walk-keys.ts';

const sampleSize = 50;
const bigBytes = 1024 * 1024;
/** Framing, facts and outcome of one key in the journal beside its name and value, bytes. */
const journalBytesPerName = 48;

interface Sums {
  keys: number;
  bytes: number;
  /** Keys whose bytes are not known. */
  unknown: number;
}

/** `bytes: null` where none of the keys told. */
function told({ keys, bytes, unknown }: Sums): { keys: number; bytes: number | null } {
  return { keys, bytes: unknown > 0 && unknown === keys ? null : bytes };
}

class SumsBy<K> {
  readonly #sums = new Map<K, Sums>();

  add(key: K, bytes: number | null): void {
    let sums = this.#sums.get(key);
    if (sums === undefined) this.#sums.set(key, (sums = { keys: 0, bytes: 0, unknown: 0 }));
    sums.keys += 1;
    if (bytes === null) sums.unknown += 1;
    else sums.bytes += bytes;
  }

  get(key: K): Sums {
    return this.#sums.get(key) ?? { keys: 0, bytes: 0, unknown: 0 };
  }

  list(): [K, Sums][] {
    return [...this.#sums];
  }
}

export interface AliveWithin {
  idleSeconds: number;
  frequency: number;
}

type Told = Pick<InvalidatePlan, 'selected' | 'bytes' | 'bytesExactness' | 'byType' | 'byTtl' | 'byNode' | 'byDb' | 'sample' | 'excluded' | 'alive' | 'undoBytes'>;

/** Counts what an invalidation's plan finds. */
export class InvalidateTally {
  readonly #action: InvalidateAction;
  readonly #quick: boolean;
  readonly #within: AliveWithin;
  readonly #lfu: boolean;
  readonly #all = new SumsBy<''>();
  readonly #types = new SumsBy<string>();
  readonly #buckets = new SumsBy<TtlBucket>();
  readonly #nodes = new SumsBy<string>();
  readonly #dbs = new SumsBy<number>();
  readonly #excluded = new Map<ExcludedReason, number>();
  readonly #sample: InvalidatePlan['sample'] = [];
  readonly #alive: InvalidatePlan['sample'][number]['name'][] = [];
  #walks: readonly NodeWalk[] = [];
  #nameBytes = 0;
  #aliveCount = 0;
  #aliveKnown = false;
  /** Selected values that are larger than 1 MiB. */
  big = 0;

  constructor(options: { action: InvalidateAction; quick: boolean; within: AliveWithin; lfu: boolean }) {
    this.#action = options.action;
    this.#quick = options.quick;
    this.#within = options.within;
    this.#lfu = options.lfu;
  }

  get selected(): number {
    return this.#all.get('').keys;
  }

  get withoutExpiry(): number {
    return this.#buckets.get('none').keys;
  }

  get aliveCount(): number {
    return this.#aliveCount;
  }

  nodes(walks: readonly NodeWalk[]): void {
    this.#walks = walks.map((walk) => ({ ...walk }));
  }

  leave(reason: ExcludedReason, count = 1): void {
    this.#excluded.set(reason, (this.#excluded.get(reason) ?? 0) + count);
  }

  /** One that the run would take; `item` null in a quick plan. */
  add({ node, db }: PlannedPlace, name: Buffer, item: ItemState | null, now: number): void {
    const bytes = item?.facts?.bytes ?? null;
    this.#all.add('', bytes);
    this.#dbs.add(db, bytes);
    if (node !== null) this.#nodes.add(node, bytes);
    if (item !== null) {
      this.#types.add(item.type ?? 'unknown', bytes);
      this.#buckets.add(bucketOf(item.expiry, now), bytes);
      if (this.#looksAlive(item)) {
        this.#aliveCount += 1;
        if (this.#alive.length < sampleSize) this.#alive.push(toWire(name));
      }
    }
    if (bytes !== null && bytes > bigBytes) this.big += 1;
    this.#nameBytes += name.length;
    if (this.#sample.length < sampleSize) this.#sample.push({ db, name: toWire(name) });
  }

  #looksAlive({ facts }: ItemState): boolean {
    const use = (this.#lfu ? facts?.frequency : facts?.idleSeconds) ?? null;
    if (use === null) return false;
    this.#aliveKnown = true;
    return this.#lfu ? use >= this.#within.frequency : use < this.#within.idleSeconds;
  }

  read(): Told {
    const all = this.#all.get('');
    const overhead = this.#nameBytes + all.keys * journalBytesPerName;
    const nodes = this.#walks.length > 0 ? this.#walks : this.#nodes.list().map(([node, { keys }]) => ({ node, walked: keys, total: null, done: true }));
    return {
      selected: all.keys,
      bytes: told(all).bytes,
      bytesExactness: all.unknown > 0 ? 'atLeast' : 'estimated',
      byType: this.#types
        .list()
        .map(([type, sums]) => ({ type, ...told(sums) }))
        .toSorted((a, b) => b.keys - a.keys),
      byTtl: ttlBuckets.map((bucket) => ({ bucket, ...told(this.#buckets.get(bucket)) })),
      byNode: nodes.map(({ node, walked, total, done }) => ({ node, walked, total, ...told(this.#nodes.get(node)), done })),
      byDb: this.#dbs.list().map(([db, sums]) => ({ db, ...told(sums) })),
      sample: [...this.#sample],
      excluded: [...this.#excluded].map(([reason, count]) => ({ reason, count })),
      alive: this.#aliveKnown
        ? { by: this.#lfu ? 'frequency' : 'idle', below: this.#lfu ? this.#within.frequency : this.#within.idleSeconds, count: this.#aliveCount, sample: [...this.#alive] }
        : null,
      // what a value takes in memory is more than what DUMP makes of it, nearly always
      undoBytes: this.#action.kind !== 'unlink' ? overhead : this.#quick ? null : overhead + all.bytes,
    };
  }
}
