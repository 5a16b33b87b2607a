import type { EditOperation, ExpiryChoice, PresentState } from '../../../../shared/contract/edit.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { RedisReply } from '../session.ts';
import type { KeyAt } from '../values/key-read.ts';
import { maxEditBytes, presentState, type KeyState, type Probe } from './key-state.ts';
import type { Guard, Plan } from './plan.ts';

/** What is to be done, worked out from what was read: everything is fixed before anything is sent. */
export interface PlannedEdit {
  kind: 'plan';
  /** What changes, short. */
  summary: string;
  steps: readonly Plan[];
  /** What takes it back; `null` with `why`. */
  back: readonly Plan[] | null;
  why: string;
  /** Holds when the edit took place; without it the guards of the last step back say so. */
  proof?: readonly Guard[];
  /** Works out what takes it back from what the server answered, where that cannot be known before. */
  complete?: (replies: readonly (readonly RedisReply[])[]) => Promise<{ back: readonly Plan[] | null; why: string }>;
  note?: string;
}

export interface Refused {
  kind: 'conflict';
  reason: string;
}

export type Prepared = PlannedEdit | Refused | { kind: 'unchanged' };

/** One edit: how it is planned, and what to show when something else stands there. */
export interface Operation {
  operation: EditOperation;
  key: KeyAt;
  prepare: (state: KeyState) => Promise<Prepared>;
  probe: Probe;
}

export const refused = (reason: string): Refused => ({ kind: 'conflict', reason });
export const unchanged = { kind: 'unchanged' } as const;

/** Why an edit of this type cannot go on; `null` when the key is what it was. */
export function typeProblem(state: KeyState, type: string): Refused | null {
  if (state.type === type) return null;
  return refused(state.type === 'none' ? 'The key does not exist any more' : `The key holds a ${state.type} now, not a ${type}`);
}

export function bytesIn(wire: WireBytes): Buffer {
  return Buffer.from(fromWire(wire));
}

/** Bytes that an edit writes or compares; LIMIT_EXCEEDED above 1 MiB. */
export function boundedBytes(wire: WireBytes): Buffer {
  const bytes = bytesIn(wire);
  if (bytes.length > maxEditBytes) {
    throw new LookasideError('LIMIT_EXCEEDED', 'An edit writes at most 1 MiB at once', {
      hint: 'Edit a large string window by window.',
      details: { bytes: bytes.length, limit: maxEditBytes },
    });
  }
  return bytes;
}

/** Unix ms by the server's clock; `null` = no expiry. */
export function expiryOf(choice: ExpiryChoice, now: number): number | null {
  switch (choice.kind) {
    case 'none':
      return null;
    case 'in':
      return now + choice.ms;
    case 'at':
      if (choice.at <= now) throw new LookasideError('INVALID_INPUT', 'The time of expiry lies in the past', { hint: 'Delete the key instead, or choose a later time.' });
      return choice.at;
  }
}

/** What stands in the way, bounded. */
export function presentOf({ key, probe }: Operation): Promise<PresentState> {
  return presentState(key, probe);
}
