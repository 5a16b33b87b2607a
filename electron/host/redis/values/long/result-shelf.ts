import { randomUUID } from 'node:crypto';
import { LookasideError } from '../../../../../shared/contract/errors.ts';

/** Results that pages pull rows from, by id: the last few of their kind. */
export interface ResultShelf<T> {
  put(result: T): string;
  /** Throws NOT_FOUND once newer ones took its place. */
  get(id: string): T;
}

const maxResults = 8;

export function createResultShelf<T>(what: string): ResultShelf<T> {
  const results = new Map<string, T>();
  return {
    put(result) {
      const id = randomUUID();
      results.set(id, result);
      const [oldest] = results.keys();
      if (results.size > maxResults && oldest !== undefined) results.delete(oldest);
      return id;
    },
    get(id) {
      const result = results.get(id);
      if (result === undefined) throw new LookasideError('NOT_FOUND', `This ${what} is not held any more`, { hint: 'Start it again.' });
      return result;
    },
  };
}
