import { wireKey, type WireBytes } from '../../../../shared/bytes.ts';

/** A cliff that was found before, in Unix ms. */
export interface KnownCliff {
  id: string;
  namespace: string;
  from: number;
  to: number;
}

/** Two searches find the edges of one cliff at slightly different times, ms. */
const slackMs = 1000;

/**
 * Gives each cliff of a search (`from` and `to` count from `at`) the id of the one that was known before: of the same namespace, at a time
 * that overlaps; each is given once. Others get an id of their own.
 */
export function sameCliffs(known: readonly KnownCliff[], cliffs: readonly { namespace: WireBytes; from: number; to: number }[], at: number): KnownCliff[] {
  const free = new Set(known);
  const used = new Set(known.map(({ id }) => id));
  return cliffs.map((cliff) => {
    const [namespace, from, to] = [wireKey(cliff.namespace), at + cliff.from, at + cliff.to];
    const before = [...free].find((each) => each.namespace === namespace && each.from <= to + slackMs && from <= each.to + slackMs);
    if (before !== undefined) {
      free.delete(before);
      return { id: before.id, namespace, from, to };
    }
    let id = `${namespace} ${Math.round(from)}`;
    while (used.has(id)) id = `${id}'`;
    used.add(id);
    return { id, namespace, from, to };
  });
}
