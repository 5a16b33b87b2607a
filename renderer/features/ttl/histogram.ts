import type { InferContractRouterOutputs } from '@orpc/contract';
import { wireKey, type WireBytes } from '../../../shared/bytes.ts';
import type { Contract } from '../../../shared/contract/contract.ts';
import { formatDuration } from '../../lib/format.ts';
import { wireLabel } from '../../lib/wire-text.ts';
import { restColour, seriesColours, typeColours, typeNames, type ChartSeries } from './chart/series.ts';

export type Histogram = InferContractRouterOutputs<Contract['keys']>['ttlHistogram'];
export type HistogramSeries = Histogram['series'][number];
export type Measure = 'keys' | 'bytes';
export type Grouping = 'namespace' | 'type';

/** A series of the chart with its counts. */
export interface Stack extends ChartSeries {
  /** `null` for the rest. */
  wire: WireBytes | null;
  values: readonly number[];
  none: number;
  passed: number;
  unknown: number;
}

/** Series that are drawn apart. */
const drawn = 8;

function sub(all: readonly number[], parts: readonly (readonly number[])[]): number[] {
  return all.map((value, at) => Math.max(0, value - parts.reduce((sum, part) => sum + (part[at] ?? 0), 0)));
}

/** The answer as stacks: the fullest series, and what they leave of all keys. */
export function stacksOf(histogram: Histogram, by: Grouping, measure: Measure): Stack[] {
  const [all, ...others] = histogram.series;
  if (all === undefined) return [];
  const valuesOf = (one: HistogramSeries) => (measure === 'keys' ? one.keys : one.bytes);
  const noneOf = (one: HistogramSeries) => (measure === 'keys' ? one.noneKeys : one.noneBytes);
  const shown = others.slice(0, drawn);
  const stacks = shown.map<Stack>((one, at) => ({
    id: wireKey(one.name),
    name: by === 'type' ? (typeNames.get(wireLabel(one.name)) ?? wireLabel(one.name)) : wireLabel(one.name),
    colour: (by === 'type' ? typeColours.get(wireLabel(one.name)) : undefined) ?? seriesColours[at] ?? restColour,
    wire: one.name,
    values: valuesOf(one),
    none: noneOf(one),
    passed: one.passed,
    unknown: one.unknown,
  }));
  const left = (pick: (one: HistogramSeries) => number) => Math.max(0, pick(all) - shown.reduce((sum, one) => sum + pick(one), 0));
  const rest: Stack = {
    id: 'rest',
    name: shown.length === 0 ? 'All keys' : by === 'type' ? 'Other types' : 'Other keys',
    colour: shown.length === 0 ? (seriesColours[0] ?? restColour) : restColour,
    wire: null,
    values: sub(valuesOf(all), shown.map(valuesOf)),
    none: left(noneOf),
    passed: left((one) => one.passed),
    unknown: left((one) => one.unknown),
  };
  const empty = rest.none === 0 && rest.values.every((value) => value === 0) && rest.passed === 0 && rest.unknown === 0;
  return empty && shown.length > 0 ? stacks : [...stacks, rest];
}

/** `5 min`; whole lengths lose their zero part. */
export function edgeLabel(ms: number): string {
  return ms === 0 ? '0' : formatDuration(ms);
}

/** `5 min to 15 min left`. */
export function bucketTitle(edges: readonly number[], at: number): string {
  const from = edges[at] ?? 0;
  const to = edges[at + 1];
  if (to === undefined) return `${edgeLabel(from)} left or more`;
  return from === 0 ? `Less than ${edgeLabel(to)} left` : `${edgeLabel(from)} to ${edgeLabel(to)} left`;
}

/** The range of time left of a bucket, seen `elapsed` ms after the answer was made. */
export function bucketRange(edges: readonly number[], from: number, to: number, elapsed: number): { min: number; max?: number } {
  const min = Math.max(0, Math.round((edges[from] ?? 0) - elapsed));
  const end = edges[to];
  return end === undefined ? { min } : { min, max: Math.max(min, Math.round(end - elapsed) - 1) };
}
