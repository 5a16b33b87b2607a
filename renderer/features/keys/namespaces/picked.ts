import { wireKey, type WireBytes } from '../../../../shared/bytes.ts';

/** The row that the keyboard is on: its place, and whose it was. */
export interface Picked {
  readonly at: number;
  /** `null` while its row is not there yet. */
  readonly key: string | null;
}

/** Rows looked at on both sides when the picked one has moved. */
const near = 500;

/** Where the picked row stands now: rows move while the index grows, and the eye stays on the name. -1 = nowhere. */
export function placeOfPicked(picked: Picked | null, total: number, nameAt: (at: number) => WireBytes | null): number {
  if (picked === null || total === 0) return -1;
  const is = (at: number) => {
    const name = nameAt(at);
    return name !== null && wireKey(name) === picked.key;
  };
  const last = Math.min(picked.at, total - 1);
  if (picked.key === null) return last;
  for (let away = 0; away <= near; away += 1) {
    if (is(picked.at - away)) return picked.at - away;
    if (is(picked.at + away)) return picked.at + away;
  }
  return last;
}
