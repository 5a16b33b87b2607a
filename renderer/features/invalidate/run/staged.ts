import type { StagedRun } from '../../../../shared/contract/invalidate.ts';
import { parseDuration } from '../../../../shared/redis/ttl-input.ts';

/** A staged run as typed. */
export interface StagedForm {
  on: boolean;
  canary: number;
  wait: string;
  /** Points of the hit rate, percent. */
  drop: number;
  auto: boolean;
}

export const usualStaged: StagedForm = { on: false, canary: 100, wait: '30s', drop: 5, auto: true };

export function isStaged(value: unknown): value is StagedForm {
  return typeof value === 'object' && value !== null && Object.entries(usualStaged).every(([name, usual]) => typeof Reflect.get(value, name) === typeof usual);
}

/** As the host takes it; `null` when the run is not staged, or the wait is no length of time. */
export function stagedOf(form: StagedForm): StagedRun | null {
  const waitMs = parseDuration(form.wait);
  return !form.on || waitMs === null ? null : { canary: Math.max(1, Math.round(form.canary)), waitMs: Math.min(waitMs, 24 * 3_600_000), hitRateDropMax: Math.min(1, Math.max(0, form.drop / 100)), auto: form.auto };
}
