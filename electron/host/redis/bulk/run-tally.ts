import * as v from 'valibot';
import { leftReasons, type LeftReason, type RunFailure } from '../../../../shared/contract/bulk.ts';
import { errorCodes, type LookasideError } from '../../../../shared/contract/errors.ts';
import { toWire } from '../../../../shared/bytes.ts';

const maxFailures = 500;
/** Different failures that are told apart; further ones are counted under their code alone. */
const maxKinds = 100;

const stored = v.object({
  changed: v.number(),
  left: v.array(v.object({ reason: v.picklist(leftReasons), count: v.number() })),
  failed: v.array(v.object({ code: v.picklist(errorCodes), message: v.string(), count: v.number() })),
});
export type RunCounts = v.InferOutput<typeof stored>;

/** What became of the names of a page, or of a whole run. */
export class RunTally {
  readonly #left = new Map<LeftReason, number>();
  readonly #failed = new Map<string, RunCounts['failed'][number]>();
  readonly failures: RunFailure[] = [];
  changed = 0;

  leave(reason: LeftReason, count = 1): void {
    this.#left.set(reason, (this.#left.get(reason) ?? 0) + count);
  }

  leaveSome(reason: LeftReason, count: number): void {
    if (count > 0) this.leave(reason, count);
  }

  fail(name: Buffer, problem: LookasideError): void {
    const { code, message } = problem;
    this.#countFailure({ code, message, count: 1 });
    if (this.failures.length < maxFailures) this.failures.push({ name: toWire(name), code, message });
  }

  add(counts: RunCounts, failures: readonly RunFailure[] = []): void {
    this.changed += counts.changed;
    for (const { reason, count } of counts.left) this.leave(reason, count);
    for (const each of counts.failed) this.#countFailure(each);
    this.failures.push(...failures.slice(0, maxFailures - this.failures.length));
  }

  get done(): number {
    let done = this.changed;
    for (const count of this.#left.values()) done += count;
    for (const { count } of this.#failed.values()) done += count;
    return done;
  }

  read(): RunCounts {
    return {
      changed: this.changed,
      left: [...this.#left].map(([reason, count]) => ({ reason, count })),
      failed: [...this.#failed.values()].map((each) => ({ ...each })),
    };
  }

  #countFailure({ code, message, count }: RunCounts['failed'][number]): void {
    const whole = `${code} ${message}`;
    const known = this.#failed.has(whole) || this.#failed.size < maxKinds;
    const key = known ? whole : code;
    const kind = this.#failed.get(key) ?? { code, message: known ? message : 'Others', count: 0 };
    kind.count += count;
    this.#failed.set(key, kind);
  }
}

/** Counts that a journal holds. Throws for text that is none. */
export function parseCounts(text: string): RunCounts {
  return v.parse(stored, JSON.parse(text));
}
