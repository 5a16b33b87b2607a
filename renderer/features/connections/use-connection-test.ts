import { useCallback, useEffect, useRef, useState } from 'react';
import type { TestSnapshot } from '../../../shared/contract/connections.ts';
import type { Problem } from '../../../shared/contract/errors.ts';
import { useHost } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { draftOfForm, secretsOfForm, type DraftForm } from './draft-form.ts';

export type Side = TestSnapshot['side'];

export interface ConnectionTest {
  side: Side;
  running: boolean;
  snapshot: TestSnapshot | null;
  /** Why there is no result: the test itself could not be made. */
  problem: Problem | null;
}

/** Tests one side of a form as it stands; a new test ends the one before, and so does leaving. */
export function useConnectionTest(workspaceId: string | null) {
  const { client } = useHost();
  const [test, setTest] = useState<ConnectionTest | null>(null);
  const running = useRef<AbortController | null>(null);
  const stop = useCallback(() => running.current?.abort(), []);
  useEffect(() => stop, [stop]);

  const start = async (side: Side, form: DraftForm) => {
    stop();
    const leaving = new AbortController();
    running.current = leaving;
    const { signal } = leaving;
    const show = (change: Partial<ConnectionTest>) => {
      if (!signal.aborted) setTest((before) => ({ side, running: true, snapshot: null, problem: null, ...before, ...change }));
    };
    setTest({ side, running: true, snapshot: null, problem: null });
    try {
      // A test needs no name; the host asks for one.
      const draft = draftOfForm({ ...form, name: form.name.trim() || 'test' });
      const stream = await client.connections.test(
        { ...(workspaceId === null ? {} : { workspaceId }), draft, secrets: secretsOfForm(form), side },
        { signal },
      );
      let step = await stream.next();
      while (step.done !== true) {
        show({ snapshot: step.value });
        step = await stream.next();
      }
      show(step.value === undefined ? { running: false } : { running: false, snapshot: step.value });
    } catch (error) {
      show({ running: false, problem: toProblem(error) });
    }
  };
  const clear = () => {
    stop();
    setTest(null);
  };
  return { test, start, clear };
}
