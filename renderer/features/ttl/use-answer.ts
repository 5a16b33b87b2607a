import { useCallback, useEffect, useRef, useState, type DependencyList } from 'react';
import type { Problem } from '../../../shared/contract/errors.ts';
import { useHostGeneration } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';

export interface Answer<T> {
  /** The last one to the present question; kept while it is asked anew. */
  value: T | null;
  problem: Problem | null;
  asking: boolean;
  /** Unix ms by this machine when it was asked; 0 without an answer. */
  askedAt: number;
  retry: () => void;
}

interface Held<T> {
  deps: DependencyList;
  value: T | null;
  problem: Problem | null;
  askedAt: number;
}

function same(a: DependencyList, b: DependencyList): boolean {
  return a.length === b.length && a.every((one, at) => Object.is(one, b[at]));
}

/** A question about a big index is asked again only after this many times what the last answer took. */
const rest = 4;

/**
 * Asks the host and keeps the answer. Another question (`deps`) forgets the answer; a new `stamp` asks the same question
 * again, never two at a time, and leaves the index time of its own between. `null` asks nothing.
 */
export function useAnswer<T>(ask: ((signal: AbortSignal) => Promise<T>) | null, deps: DependencyList, stamp: unknown): Answer<T> {
  const generation = useHostGeneration();
  const [held, setHeld] = useState<Held<T>>({ deps, value: null, problem: null, askedAt: 0 });
  const [asking, setAsking] = useState(false);
  const [round, setRound] = useState(0);
  const latest = useRef(ask);
  const busy = useRef(false);
  const again = useRef<(() => void) | null>(null);
  const on = ask !== null;
  useEffect(() => {
    latest.current = ask;
  });

  // Each question has a life of its own: what it still gets after another took its place is dropped.
  useEffect(() => {
    if (!on) return undefined;
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wanted = false;
    const run = async (): Promise<void> => {
      const question = latest.current;
      if (question === null || leaving.signal.aborted) return;
      busy.current = true;
      wanted = false;
      setAsking(true);
      const askedAt = Date.now();
      try {
        const value = await question(leaving.signal);
        if (!leaving.signal.aborted) setHeld({ deps, value, problem: null, askedAt });
      } catch (error) {
        const problem = toProblem(error);
        if (!leaving.signal.aborted && problem.code !== 'HOST_UNREACHABLE') setHeld((before) => ({ deps, value: same(before.deps, deps) ? before.value : null, problem, askedAt }));
      }
      if (leaving.signal.aborted) return;
      setAsking(false);
      timer = setTimeout(() => {
        busy.current = false;
        if (wanted) void run();
      }, (Date.now() - askedAt) * rest);
    };
    again.current = () => {
      if (busy.current) wanted = true;
      else void run();
    };
    busy.current = false;
    void run();
    return () => {
      leaving.abort();
      clearTimeout(timer);
      again.current = null;
    };
    // The question belongs to the dependencies that its caller names.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [on, generation, round, ...deps]);

  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else again.current?.();
  }, [stamp]);

  const retry = useCallback(() => setRound((before) => before + 1), []);
  const mine = on && same(held.deps, deps);
  return { value: mine ? held.value : null, problem: mine ? held.problem : null, asking: on && asking, askedAt: mine ? held.askedAt : 0, retry };
}
