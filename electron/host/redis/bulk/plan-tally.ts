import type { LeftReason, PlanSnapshot } from '../../../../shared/contract/bulk.ts';
import { ttlBuckets, type TtlAction, type TtlBucket } from '../../../../shared/contract/ttl-action.ts';
import { bucketOf, leftBecause, noExpiry, targetOf } from '../../../../shared/redis/ttl-change.ts';
import { toWire } from '../../../../shared/bytes.ts';
import type { Workspace } from '../../../../shared/contract/workspaces.ts';
import type { ItemState } from './expiry-target.ts';
import type { PlanProgress, PlanTerms } from './plan-store.ts';

const sampleSize = 50;
/** Framing, counts and outcome of one intent beside its name, bytes. */
const journalBytesPerName = 24;

/** Above this many a click is not enough. */
const countAbove = 1000;

type NodeCount = PlanSnapshot['byNode'][number];

/** Counts what a plan finds. */
export class PlanTally {
  readonly #action: TtlAction;
  readonly #seed: number;
  readonly #types = new Map<string, { selected: number; wouldChange: number }>();
  readonly #buckets = new Map<TtlBucket, number>();
  readonly #nodes = new Map<string, NodeCount>();
  readonly #left = new Map<LeftReason, number>();
  readonly #sample: Buffer[] = [];
  #earliest: number | null = null;
  #latest: number | null = null;
  #undoBytes = 0;
  selected = 0;
  wouldChange = 0;
  unjudged = 0;
  missing = 0;

  constructor(action: TtlAction, seed: number) {
    this.#action = action;
    this.#seed = seed;
  }

  node(node: string): NodeCount {
    let count = this.#nodes.get(node);
    if (count === undefined) this.#nodes.set(node, (count = { node, walked: 0, total: null, selected: 0, wouldChange: 0, done: false }));
    return count;
  }

  /** Counts one that was selected; whether it would change. */
  add(node: string | null, name: Buffer, { type, expiry }: ItemState, now: number): boolean {
    const target = targetOf(this.#action, this.#seed, name, now);
    const reason = leftBecause(this.#action, expiry, target, now);
    const changes = reason === null ? 1 : 0;
    this.selected += 1;
    this.wouldChange += changes;
    const kind = type ?? 'unknown';
    const byType = this.#types.get(kind) ?? { selected: 0, wouldChange: 0 };
    this.#types.set(kind, { selected: byType.selected + 1, wouldChange: byType.wouldChange + changes });
    const bucket = bucketOf(expiry, now);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    if (node !== null) {
      const count = this.node(node);
      count.selected += 1;
      count.wouldChange += changes;
    }
    if (reason !== null) {
      this.#left.set(reason, (this.#left.get(reason) ?? 0) + 1);
      return false;
    }
    if (this.#sample.length < sampleSize) this.#sample.push(name);
    this.#undoBytes += name.length + journalBytesPerName;
    if (target !== noExpiry) {
      this.#earliest = Math.min(this.#earliest ?? target, target);
      this.#latest = Math.max(this.#latest ?? target, target);
    }
    return true;
  }

  read(): Pick<
    PlanSnapshot,
    'selected' | 'wouldChange' | 'unjudged' | 'missing' | 'left' | 'byType' | 'byTtl' | 'byNode' | 'sample' | 'earliestExpiry' | 'latestExpiry' | 'undoBytes'
  > {
    return {
      selected: this.selected,
      wouldChange: this.wouldChange,
      unjudged: this.unjudged,
      missing: this.missing,
      left: [...this.#left].map(([reason, count]) => ({ reason, count })),
      byType: [...this.#types].map(([type, counts]) => ({ type, ...counts })).toSorted((a, b) => b.selected - a.selected),
      byTtl: ttlBuckets.map((bucket) => ({ bucket, selected: this.#buckets.get(bucket) ?? 0 })),
      byNode: [...this.#nodes.values()].map((count) => ({ ...count })),
      sample: this.#sample.map((name) => toWire(name)),
      earliestExpiry: this.#earliest,
      latestExpiry: this.#latest,
      undoBytes: this.#undoBytes,
    };
  }
}

export interface TtlPlanFacts {
  tally: PlanTally;
  workspace: Workspace;
  unit: PlanSnapshot['unit'];
  everything: boolean;
  method: PlanSnapshot['method'];
}

function confirmationOf({ tally, workspace, everything }: TtlPlanFacts): PlanSnapshot['confirmation'] {
  return workspace.environment === 'production' ? 'count-and-name' : tally.wouldChange > countAbove || everything ? 'count' : 'click';
}

export function planSnapshotOf(facts: TtlPlanFacts, progress: PlanProgress): PlanSnapshot {
  const { tally, unit, everything, method } = facts;
  return { ...progress, unit, ...tally.read(), everything, confirmation: confirmationOf(facts), method };
}

export function planTermsOf(facts: TtlPlanFacts): PlanTerms {
  const { wouldChange, undoBytes, byNode } = facts.tally.read();
  return { count: wouldChange, undoBytes, confirmation: confirmationOf(facts), byNode: byNode.map(({ node, wouldChange: keys }) => ({ node, keys })) };
}
