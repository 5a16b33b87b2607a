export interface DiffLine {
  side: 'same' | 'left' | 'right';
  text: string;
  /** Numbers of the line from 1 on each side; `null` where it is not there. */
  left: number | null;
  right: number | null;
}

/** Cells of the table that finds the longest common run of lines; above, a changed stretch is shown as replaced. */
const maxCells = 4_000_000;

/** Lines that both texts have, in order, as pairs of places; found in what is left of common ends. */
function commonLines(a: readonly string[], b: readonly string[]): [number, number][] {
  const [n, m] = [a.length, b.length];
  if (n * m > maxCells || n === 0 || m === 0) return [];
  const width = m + 1;
  const lengths = new Uint32Array((n + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] as number;
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let j = m - 1; j >= 0; j -= 1) lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < n && j < m; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}

/** Two texts line by line: what is gone stands before what came. */
export function diffLines(left: string, right: string): DiffLine[] {
  const [a, b] = [left.split('\n'), right.split('\n')];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  const same = () => lines.push({ side: 'same', text: a[i] as string, left: ++i, right: ++j });
  const upTo = (endA: number, endB: number) => {
    while (i < endA) lines.push({ side: 'left', text: a[i] as string, left: ++i, right: null });
    while (j < endB) lines.push({ side: 'right', text: b[j] as string, left: null, right: ++j });
  };
  while (i < head) same();
  for (const [x, y] of commonLines(a.slice(head, a.length - tail), b.slice(head, b.length - tail))) {
    upTo(head + x, head + y);
    same();
  }
  upTo(a.length - tail, b.length - tail);
  while (i < a.length) same();
  return lines;
}
