/** One series of a stacked chart. */
export interface ChartSeries {
  id: string;
  /** As text, for legend, tooltip and export. */
  name: string;
  colour: string;
}

export interface ChartBar {
  /** On the axis. */
  label: string;
  /** In full, for the tooltip and the keyboard cursor: `1 h to 2 h left`. */
  title: string;
  /** One for each series. */
  values: readonly number[];
  /** Said in the tooltip as well. */
  note?: string;
  /** There are no figures for it: drawn as a gap. */
  gap?: boolean;
}

/** Colours for namespaces, most keys first; the last is for the rest. */
export const seriesColours: readonly string[] = [1, 2, 3, 4, 5, 6, 7, 8].map((at) => `var(--la-series-${at})`);
export const restColour = 'var(--la-series-rest)';

/** The same type the same colour everywhere. */
export const typeColours: ReadonlyMap<string, string> = new Map([
  ['string', 'var(--la-series-1)'],
  ['hash', 'var(--la-series-2)'],
  ['list', 'var(--la-series-3)'],
  ['set', 'var(--la-series-4)'],
  ['zset', 'var(--la-series-5)'],
  ['stream', 'var(--la-series-6)'],
]);

export const typeNames: ReadonlyMap<string, string> = new Map([['zset', 'sorted set']]);

function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180. */
export function toCsv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}
