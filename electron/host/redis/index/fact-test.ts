import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { fieldsOf } from '../../../../shared/redis/key-predicate.ts';
import type { FactColumns } from './fact-columns.ts';
import { neverExpires, notTold } from './page-facts.ts';

/** What a filter's questions about facts come to: the same as `factsHold`, without an object for each key. */
export const fails = 0;
export const holds = 1;
export const undecided = 2;
export type Judgement = typeof fails | typeof holds | typeof undecided;

export interface FactTest {
  /** `now` is Unix ms by the server's clock. */
  judge(key: number, now: number): Judgement;
  /** The answer changes with time alone. */
  readonly timed: boolean;
}

type Range = { min?: number | undefined; max?: number | undefined };
type Part = (key: number, now: number) => Judgement;

function inRange(value: number, { min = 0, max = Infinity }: Range): Judgement {
  return value >= min && value <= max ? holds : fails;
}

/** `null` when the filter asks about names alone. Without columns nothing is known of any key. */
export function compileFactTest(filter: KeyFilter, columns: FactColumns | null): FactTest | null {
  if (fieldsOf(filter).length === 0) return null;
  if (columns === null) return { judge: () => undecided, timed: false };
  const parts: Part[] = [];
  const amount = (range: Range | undefined, read: (key: number) => number): void => {
    if (range === undefined) return;
    parts.push((key) => {
      const value = read(key);
      return value === notTold ? undecided : inRange(value, range);
    });
  };
  const among = (allowed: readonly string[] | undefined, read: (key: number) => number, codeOf: (name: string) => number): void => {
    if (allowed === undefined) return;
    parts.push((key) => {
      const code = read(key);
      if (code === 0) return undecided;
      // a name gets its code when the first key has it
      return allowed.some((name) => codeOf(name) === code) ? holds : fails;
    });
  };
  among(filter.types, (key) => columns.type(key), (name) => columns.typeCode(name));
  among(filter.encodings, (key) => columns.encoding(key), (name) => columns.encodingCode(name));
  amount(filter.bytes, (key) => columns.bytesOf(key));
  amount(filter.elements, (key) => columns.elements(key));
  amount(filter.idleSeconds, (key) => (columns.recencyKind === 'idle' ? columns.recency(key) : notTold));
  amount(filter.frequency, (key) => (columns.recencyKind === 'frequency' ? columns.recency(key) : notTold));
  const { ttlMs } = filter;
  if (ttlMs !== undefined) {
    parts.push((key, now) => {
      const expires = columns.expires(key);
      if (expires === 0) return undecided;
      if (ttlMs === 'none') return expires === neverExpires ? holds : fails;
      return expires === neverExpires ? fails : inRange(expires - now, ttlMs);
    });
  }
  return {
    timed: ttlMs !== undefined && ttlMs !== 'none',
    judge(key, now) {
      let result: Judgement = holds;
      for (const part of parts) {
        const each = part(key, now);
        if (each === fails) return fails;
        if (each === undecided) result = undecided;
      }
      return result;
    },
  };
}
