/** One line of the table and of the JSON file. */
export interface BenchResult {
  row: number;
  name: string;
  /** What was measured and its baseline of the same run, in `unit`; `null` = there is no baseline. */
  ours: number;
  baseline: number | null;
  unit: 'ms' | 'MB';
  /** ours / baseline. */
  ratio: number | null;
  target: string;
  /** `null` for lines that are for the record only. */
  holds: boolean | null;
  note: string;
}

export interface BenchOptions {
  /** Keys of the large keyspaces; rows that fix their own number ignore it. */
  keys: number;
  /** Measured runs after one that warms up. */
  runs: number;
  say(text: string): void;
}

/** Rows of performance that are measured together. To add one: write such a group and put it in `main.ts`. */
export interface BenchGroup {
  rows: readonly number[];
  run(wanted: ReadonlySet<number>, options: BenchOptions): Promise<BenchResult[]>;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export function maximum(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
