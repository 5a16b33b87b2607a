/**
 * How well a query fits a text: `null` when its letters do not all occur in order, else higher is better. Beginnings
 * of words and runs of letters weigh most, as one types initials or pieces of words.
 */
export function fuzzyScore(query: string, text: string): number | null {
  const wanted = query.toLowerCase().replace(/\s+/g, '');
  const offered = text.toLowerCase();
  if (wanted === '') return 0;
  const whole = ` ${offered}`.indexOf(` ${query.toLowerCase().trim()}`);
  if (whole >= 0) return 1000 - whole - offered.length / 100;
  let score = 0;
  let from = 0;
  let run = 0;
  for (const letter of wanted) {
    const at = offered.indexOf(letter, from);
    if (at < 0) return null;
    const before = at === 0 ? ' ' : (offered[at - 1] ?? ' ');
    run = at === from && from > 0 ? run + 1 : 0;
    score += 1 + run * 3 + (/[\s:/._-]/.test(before) ? 6 : 0) - Math.min(at - from, 10) / 10;
    from = at + letter.length;
  }
  return score - offered.length / 100;
}

/** What fits a query, best first; equal ones stay in their order. */
export function fuzzyFilter<T>(items: readonly T[], query: string, textOf: (item: T) => string): T[] {
  return items
    .map((item, at) => ({ item, at, score: fuzzyScore(query, textOf(item)) }))
    .filter((entry): entry is { item: T; at: number; score: number } => entry.score !== null)
    .toSorted((a, b) => b.score - a.score || a.at - b.at)
    .map((entry) => entry.item);
}
