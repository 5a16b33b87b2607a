import { useCallback, useEffect, useRef, useState } from 'react';
import type { PlanSnapshot } from '../../../../shared/contract/bulk.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import type { TtlAction } from '../../../../shared/contract/ttl-action.ts';
import { useHost } from '../../../lib/host.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { selectionOf, type ChangeForm, type KeyList } from './change-form.ts';

export interface Plan {
  /** `gathering`: the names of a list go to the host. */
  state: 'idle' | 'gathering' | 'counting' | 'ready' | 'failed' | 'cancelled';
  gathered: number;
  snapshot: PlanSnapshot | null;
  /** What the plan is for. */
  action: TtlAction | null;
  problem: Problem | null;
}

const nothing: Plan = { state: 'idle', gathered: 0, snapshot: null, action: null, problem: null };

/** Makes a plan of a change and follows it; another one, `drop` and leaving cancel it. */
export function usePlan(place: { workspaceId: string; db: number }) {
  const { client } = useHost();
  const { workspaceId, db } = place;
  const [plan, setPlan] = useState<Plan>(nothing);
  const leaving = useRef<AbortController | null>(null);
  const planId = useRef<string | null>(null);

  const stop = useCallback(() => {
    leaving.current?.abort();
    leaving.current = null;
    const id = planId.current;
    planId.current = null;
    // The host forgets plans by itself after ten minutes.
    if (id !== null) client.bulk.discardPlan({ planId: id }).catch(() => undefined);
  }, [client]);
  useEffect(() => stop, [stop]);

  const drop = useCallback(() => {
    stop();
    setPlan(nothing);
  }, [stop]);

  const gather = useCallback(
    async (list: KeyList, signal: AbortSignal): Promise<string | null> => {
      let listId: string | null = null;
      for (let from = 0; !signal.aborted; ) {
        const names = await list.page(from);
        if (names.length === 0 || signal.aborted) break;
        const answer: { listId: string; names: number } = await client.bulk.nameList({ listId, names: [...names] });
        listId = answer.listId;
        from += names.length;
        if (!signal.aborted) setPlan((before) => ({ ...before, gathered: from }));
      }
      return listId;
    },
    [client],
  );

  const begin = useCallback(
    async (form: ChangeForm, action: TtlAction) => {
      stop();
      const control = new AbortController();
      leaving.current = control;
      const { signal } = control;
      setPlan({ ...nothing, action, state: form.source === 'list' && form.list?.listId === undefined ? 'gathering' : 'counting' });
      try {
        const listId = form.source === 'list' && form.list !== null ? (form.list.listId ?? (await gather(form.list, signal))) : null;
        if (signal.aborted) return;
        const { selection } = selectionOf(form, { workspaceId, db }, listId);
        setPlan((before) => ({ ...before, state: 'counting' }));
        const hash = form.source === 'hash' ? form.hash : null;
        if (hash === null && selection === null) throw new Error('The list has no keys any more');
        const stream =
          hash !== null
            ? await client.bulk.planFieldTtl({ workspaceId, db, name: hash, fields: { kind: 'glob', pattern: form.pattern }, action }, { signal })
            : await client.bulk.planTtl({ selection: selection as NonNullable<typeof selection>, action }, { signal });
        for (let step = await stream.next(); !signal.aborted; step = await stream.next()) {
          if (step.done === true) return;
          const snapshot = step.value;
          planId.current = snapshot.planId;
          setPlan((before) => ({ ...before, snapshot, state: snapshot.state === 'ready' ? 'ready' : 'counting' }));
        }
      } catch (error) {
        if (!signal.aborted) setPlan((before) => ({ ...before, state: 'failed', problem: toProblem(error) }));
      }
    },
    [client, workspaceId, db, gather, stop],
  );

  const cancel = useCallback(() => {
    stop();
    setPlan((before) => ({ ...before, state: 'cancelled' }));
  }, [stop]);

  /** The plan is a run now: nothing is left to discard. */
  const taken = useCallback(() => {
    planId.current = null;
  }, []);

  return { plan, begin, cancel, drop, taken };
}

/** A key's name for a title. */
export function shortName(name: Parameters<typeof wireLabel>[0]): string {
  return wireLabel(name, 60);
}
