import { LookasideError } from '../../shared/contract/errors.ts';
import type { KeyFactField } from '../../shared/contract/key-filter.ts';
import type { IndexSnapshot } from '../../shared/contract/keys.ts';
import type { RedisSide } from './on-redis.ts';
import { counted, percent } from './words.ts';

/** A server that does not come back within this time ends the command, ms. */
const patienceMs = 20_000;

export interface WholeIndex {
  snapshot: IndexSnapshot;
  elapsedMs: number;
  /** Lets the index go. */
  leave: () => Promise<void>;
}

function asError({ problem }: IndexSnapshot): LookasideError {
  if (problem === null) return new LookasideError('INTERNAL', 'The walk over the keys has stopped');
  return new LookasideError(problem.code, problem.message, { hint: problem.hint, details: problem.details });
}

function isWhole({ state, facts }: IndexSnapshot, fields: readonly KeyFactField[]): boolean {
  return state === 'done' && (fields.length === 0 || (facts !== null && facts.completedAt !== null && fields.every((field) => facts.fields.includes(field))));
}

/**
 * Walks the whole keyspace once, with facts where they are asked for, and keeps watching so that the index stays.
 * Rejects with CANCELLED, or with the reason for which the walk cannot go on.
 */
export async function wholeIndex(side: RedisSide, input: { type: string | null; fields: readonly KeyFactField[] }): Promise<WholeIndex> {
  const { host, workspace, db, signal, terminal } = side;
  const begun = performance.now();
  const leave = new AbortController();
  const stream = host.services.keys.index({ workspaceId: workspace.id, db, type: input.type }, AbortSignal.any([signal, leave.signal]));
  let asked = input.fields.length === 0;
  let waitingSince: number | null = null;
  const close = async (): Promise<void> => {
    leave.abort();
    await stream.return();
  };
  try {
    for (;;) {
      const { value: snapshot, done } = await stream.next();
      if (done === true || snapshot === undefined) throw new LookasideError('CANCELLED', 'Stopped before all keys were walked');
      if (!asked) {
        asked = true;
        await host.services.keys.enrich({ indexId: snapshot.indexId, fields: [...input.fields] });
        continue;
      }
      if (snapshot.state === 'failed') throw asError(snapshot);
      if (snapshot.state === 'waiting-for-server') {
        waitingSince ??= performance.now();
        if (performance.now() - waitingSince > patienceMs) throw asError(snapshot);
      } else waitingSince = null;
      if (isWhole(snapshot, input.fields)) return { snapshot, elapsedMs: Math.round(performance.now() - begun), leave: close };
      terminal.progress?.(`${counted(snapshot.keys)} keys, ${percent(snapshot.facts === null ? snapshot.coverage : snapshot.facts.coverage)}, ${counted(Math.round(snapshot.rate))} a second`);
    }
  } catch (error) {
    await close();
    throw error;
  }
}
