import { useCallback, useEffect, useRef, useState, type DependencyList } from 'react';
import type { Problem } from '../../shared/contract/errors.ts';
import { useHostGeneration } from './host.ts';
import { toProblem } from './to-problem.ts';

export interface SnapshotStream<T> {
  /** The latest one; kept over a lost link and an error, forgotten when the dependencies change. */
  snapshot: T | null;
  problem: Problem | null;
  /** The producer has finished: nothing more comes. */
  ended: boolean;
  /** Subscribes anew, after a problem or the end. */
  restart: () => void;
}

/** Opens a stream of the contract, for example `(signal) => client.connections.watch({ workspaceId }, { signal })`. What it returns at its end, if anything, is its last snapshot. */
export type StreamFactory<T> = (signal: AbortSignal) => Promise<AsyncIterator<T, unknown, void>>;

interface Seen<T> {
  /** The question that this is the answer to. */
  deps: DependencyList;
  snapshot: T | null;
  problem: Problem | null;
  ended: boolean;
}

function sameDeps(a: DependencyList, b: DependencyList): boolean {
  return a.length === b.length && a.every((value, at) => Object.is(value, b[at]));
}

function nothingFor<T>(deps: DependencyList): Seen<T> {
  return { deps, snapshot: null, problem: null, ended: false };
}

/**
 * Follows a stream of snapshots while mounted. Subscribes anew when `deps` change, when the link to the host comes
 * back, and on `restart`. Leaving aborts the stream silently. `null` as factory means: nothing to follow now.
 */
export function useSnapshotStream<T>(factory: StreamFactory<T> | null, deps: DependencyList): SnapshotStream<T> {
  const generation = useHostGeneration();
  const [round, setRound] = useState(0);
  const [seen, setSeen] = useState<Seen<T>>(() => nothingFor(deps));
  const latestFactory = useRef(factory);
  const on = factory !== null;

  useEffect(() => {
    latestFactory.current = factory;
  });

  useEffect(() => {
    const open = latestFactory.current;
    if (!on || open === null) return undefined;
    const leaving = new AbortController();
    const { signal } = leaving;
    const change = (next: (before: Seen<T>) => Omit<Seen<T>, 'deps'>) =>
      setSeen((before) => ({ ...next(sameDeps(before.deps, deps) ? before : nothingFor(deps)), deps }));
    const follow = async () => {
      try {
        const stream = await open(signal);
        while (!signal.aborted) {
          const step = await stream.next();
          if (signal.aborted) return;
          if (step.done === true) {
            const last = step.value;
            change((before) => ({ snapshot: last === undefined ? before.snapshot : (last as T), problem: null, ended: true }));
            return;
          }
          change(() => ({ snapshot: step.value, problem: null, ended: false }));
        }
      } catch (error) {
        if (signal.aborted) return;
        const problem = toProblem(error);
        // The banner tells of a lost link, and its return opens this stream again.
        if (problem.code !== 'HOST_UNREACHABLE') change((before) => ({ ...before, problem, ended: true }));
      }
    };
    void follow();
    return () => leaving.abort();
    // The factory belongs to the dependencies that its caller names, as with useEffect itself.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [on, generation, round, ...deps]);

  const restart = useCallback(() => setRound((before) => before + 1), []);
  const { snapshot, problem, ended } = on && sameDeps(seen.deps, deps) ? seen : nothingFor<T>(deps);
  return { snapshot, problem, ended, restart };
}
