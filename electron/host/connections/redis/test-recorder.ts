import { testStepIds, type TestSnapshot, type TestStep, type TlsFacts } from '../../../../shared/contract/connections.ts';
import type { LookasideError } from '../../../../shared/contract/errors.ts';
import type { SnapshotListener } from '../../snapshots.ts';

export type StepId = TestStep['id'];

/** What a step found. `warning` means it works but something should be known. */
export interface Finding {
  detail: string;
  warning?: LookasideError | null;
  tls?: TlsFacts | null;
}

/** Keeps the steps of a connection test and tells of each change. */
export interface TestRecorder {
  snapshot(): TestSnapshot;
  subscribe(listener: SnapshotListener): () => void;
  begin(id: StepId): void;
  pass(id: StepId, finding: Finding): void;
  skip(id: StepId, detail: string): void;
  fail(id: StepId, problem: LookasideError): void;
  deny(lines: string[]): void;
  /** Steps that were not reached are skipped. */
  end(): void;
}

export function createRecorder(side: TestSnapshot['side']): TestRecorder {
  const steps = new Map<StepId, TestStep>(
    testStepIds.map((id) => [id, { id, state: 'waiting', durationMs: null, detail: '', problem: null, tls: null }]),
  );
  const started = new Map<StepId, number>();
  const listeners = new Set<SnapshotListener>();
  let denied: string[] = [];
  let done = false;

  function set(id: StepId, change: Partial<TestStep>): void {
    const step = steps.get(id);
    if (step === undefined || done) return;
    const from = started.get(id);
    const durationMs = change.state === 'running' || from === undefined ? null : performance.now() - from;
    steps.set(id, { ...step, durationMs, ...change });
    for (const listener of listeners) listener('changed');
  }

  return {
    snapshot: () => {
      const all = [...steps.values()];
      return { side, steps: all, denied, done, ok: done && all.every((step) => step.state !== 'failed') };
    },
    subscribe: (listener) => {
      listeners.add(listener);
      if (done) listener('ended');
      return () => listeners.delete(listener);
    },
    begin: (id) => {
      started.set(id, performance.now());
      set(id, { state: 'running' });
    },
    pass: (id, { detail, warning = null, tls = null }) =>
      set(id, { state: warning === null ? 'passed' : 'warned', detail, problem: warning?.toProblem() ?? null, tls }),
    skip: (id, detail) => set(id, { state: 'skipped', detail, durationMs: null }),
    fail: (id, problem) => set(id, { state: 'failed', detail: problem.message, problem: problem.toProblem() }),
    deny: (lines) => {
      denied = lines;
    },
    end: () => {
      for (const step of steps.values()) {
        if (step.state === 'waiting' || step.state === 'running') set(step.id, { state: 'skipped', detail: 'Not reached', durationMs: null });
      }
      done = true;
      for (const listener of listeners) listener('ended');
    },
  };
}
