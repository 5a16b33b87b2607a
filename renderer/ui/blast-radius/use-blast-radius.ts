import { useCallback, useEffect, useRef, useState } from 'react';
import { usualWindowMs, type BlastCheck, type BlastMethod, type BlastSnapshot } from '../../../shared/contract/blast-radius.ts';
import type { Problem } from '../../../shared/contract/errors.ts';
import type { StreamFactory } from '../../lib/streams.ts';
import { toProblem } from '../../lib/to-problem.ts';

export interface BlastRequest {
  method: BlastMethod;
  windowMs: number;
  acceptCost: boolean;
}

/** Where the answers come from: `blastRadius.check` and `blastRadius.sample` of the host. */
export interface BlastSource {
  check: (signal: AbortSignal) => Promise<BlastCheck>;
  /** Called at each start, so that a target which depends on the time is put as of then. */
  sample: (request: BlastRequest) => StreamFactory<BlastSnapshot>;
}

export type BlastState = 'idle' | 'measuring' | 'done' | 'cancelled' | 'failed';

export interface BlastRadius {
  check: BlastCheck | null;
  checkProblem: Problem | null;
  recheck: () => void;
  state: BlastState;
  /** The last one of the measurement under way, or of the last one that ended. */
  snapshot: BlastSnapshot | null;
  /** Unix ms when the last one was done; `null` before. */
  measuredAt: number | null;
  problem: Problem | null;
  /** What is chosen; `null` while it is not known what can be. */
  method: BlastMethod | null;
  setMethod: (method: BlastMethod) => void;
  windowMs: number;
  setWindowMs: (ms: number) => void;
  start: () => void;
  cancel: () => void;
}

/**
 * One measurement at a time. Unmounting ends it. `source` keeps its identity as long as the question is the same; `null`: nobody
 * asks yet.
 */
export function useBlastRadius(source: BlastSource | null): BlastRadius {
  const [check, setCheck] = useState<BlastCheck | null>(null);
  const [checkProblem, setCheckProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const [state, setState] = useState<BlastState>('idle');
  const [snapshot, setSnapshot] = useState<BlastSnapshot | null>(null);
  const [measuredAt, setMeasuredAt] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [chosen, setMethod] = useState<BlastMethod | null>(null);
  const [windowMs, setWindowMs] = useState(usualWindowMs);
  const running = useRef<AbortController | null>(null);

  useEffect(() => {
    if (source === null) return undefined;
    const leaving = new AbortController();
    source.check(leaving.signal).then(
      (found) => {
        if (leaving.signal.aborted) return;
        setCheck(found);
        setCheckProblem(null);
      },
      (error: unknown) => {
        if (!leaving.signal.aborted) setCheckProblem(toProblem(error));
      },
    );
    return () => leaving.abort();
  }, [source, round]);

  useEffect(
    () => () => {
      running.current?.abort();
      running.current = null;
    },
    [source],
  );

  const usable = check?.methods.filter((each) => each.problem === null).map((each) => each.method) ?? [];
  const method = chosen !== null && usable.includes(chosen) ? chosen : (check?.suggested ?? usable[0] ?? null);

  const follow = async (asked: BlastSource, request: BlastRequest, { signal }: AbortController): Promise<void> => {
    try {
      const stream = await asked.sample(request)(signal);
      for (;;) {
        const step = await stream.next();
        if (signal.aborted) return;
        if (step.done === true) break;
        setSnapshot(step.value);
      }
      setState('done');
      setMeasuredAt(Date.now());
    } catch (error) {
      if (signal.aborted) return;
      setProblem(toProblem(error));
      setState('failed');
    }
  };

  const start = (): void => {
    if (source === null || method === null || running.current?.signal.aborted === false) return;
    const mine = new AbortController();
    running.current = mine;
    setState('measuring');
    setSnapshot(null);
    setProblem(null);
    void follow(source, { method, windowMs, acceptCost: method === 'monitor' }, mine).finally(() => {
      if (running.current === mine) running.current = null;
    });
  };

  const cancel = useCallback(() => {
    running.current?.abort();
    running.current = null;
    setState('cancelled');
    setSnapshot(null);
  }, []);
  const recheck = useCallback(() => setRound((before) => before + 1), []);

  return { check, checkProblem, recheck, state, snapshot, measuredAt, problem, method, setMethod, windowMs, setWindowMs, start, cancel };
}
