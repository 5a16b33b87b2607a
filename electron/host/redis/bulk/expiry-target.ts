import type { LookasideError } from '../../../../shared/contract/errors.ts';
import type { KnownFacts } from '../../../../shared/redis/key-predicate.ts';
import { noExpiry } from '../../../../shared/redis/ttl-change.ts';
import type { Intent } from './journal/records.ts';

/** A key or field as it is now. */
export interface ItemState {
  present: boolean;
  /** Unix ms by the server's clock, -1 = none. */
  expiry: number;
  /** Of a key; `hash` for a field. */
  type: string | null;
  facts: KnownFacts | null;
  /** It could not be read, for a reason of its own. */
  problem: LookasideError | null;
  /** Where values were asked for: as DUMP gives it, `null` when it was too large for this time. */
  dump?: Buffer | null;
}

export interface PageState {
  /** The server's clock, Unix ms, just before. */
  now: number;
  /** In the order asked. */
  items: ItemState[];
}

/** `other`: it is not what was expected; its expiry is `present`. `occupied`: the name that it would get is taken. `unknown`: the connection broke before the answer. */
export type ChangeOutcome =
  | { kind: 'changed' }
  | { kind: 'other'; present: number }
  | { kind: 'gone' }
  | { kind: 'occupied' }
  | { kind: 'failed'; problem: LookasideError }
  | { kind: 'unknown'; problem: LookasideError };

export interface ChangeOptions {
  /** Sets whatever the present expiry is. */
  force: boolean;
}

/** What a bulk change works on: the keys of a database, or the fields of one hash. */
export interface ExpiryTarget {
  /** Rejects with a failure that concerns all of them. */
  read(names: readonly Buffer[], node: string | null, signal: AbortSignal): Promise<PageState>;
  /**
   * Sets each to its target where its expiry is still the earlier one. Sent once: what broke before its answer is `unknown`.
   * It cannot be aborted: a cancel waits for the answer.
   * Rejects only with what stopped it before anything was sent (READ_ONLY).
   */
  change(intents: readonly Intent[], node: string | null, options: ChangeOptions): Promise<ChangeOutcome[]>;
}

/** Moving a key to another node of a cluster sends its time left, so that its expiry comes out later by the time on the way, ms. */
const clusterDriftMs = 1000;

/** Whether an expiry is the one that was set: exactly so, on a cluster also when a move has shifted it. */
export function isSameExpiry(present: number, expected: number, cluster: boolean): boolean {
  if (present === expected) return true;
  return cluster && expected !== noExpiry && present > expected && present <= expected + clusterDriftMs;
}
