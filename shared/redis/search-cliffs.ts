import type { InferContractRouterOutputs } from '@orpc/contract';
import type { WireBytes } from '../bytes.ts';
import type { keyGroupsContract } from '../contract/key-groups.ts';
import { searchEdges } from './ttl-edges.ts';
import { cliffCandidates, findCliffs, fineEdges, type Candidate, type Cliff } from './ttl-cliffs.ts';

type Histogram = InferContractRouterOutputs<typeof keyGroupsContract>['ttlHistogram'];
type HistogramSeries = Histogram['series'][number];

export interface NamedCliff extends Cliff {
  namespace: WireBytes;
  /** Keys of the namespace that expire at all. */
  expiring: number;
}

export interface CliffSearch {
  cliffs: NamedCliff[];
  /** Namespaces looked at, and those with keys that expire and were not. */
  searched: number;
  exactness: Histogram['exactness'];
  /** Unix ms of this machine from which `from` and `to` count. */
  at: number;
}

/** Most of the namespaces that one answer may name. */
const namespacesSearched = 100;
/** Second looks at most; more candidates than these hold are counted less finely. */
const rounds = 3;
const candidatesPerRound = 16;

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/**
 * Looks for cliffs in two steps: coarse counts of all namespaces name the stretches worth a second look, which are then
 * counted finely enough to say when exactly and how many.
 * @param ask one call for a histogram by namespace with these edges
 */
export async function searchCliffs(ask: (edges: number[], limit: number) => Promise<Histogram>): Promise<CliffSearch> {
  const coarse = await ask([...searchEdges], namespacesSearched);
  const at = Date.now();
  const named = coarse.series.slice(1);
  const candidates: Candidate[] = named.flatMap((series) => cliffCandidates(coarse.edges, series.keys, sum(series.keys))).toSorted((a, b) => b.keys - a.keys);
  const cliffs: NamedCliff[] = [];
  let passed = 0;
  for (let round = 0; round < rounds; round += 1) {
    const part = candidates.slice(round * candidatesPerRound, round === rounds - 1 ? undefined : (round + 1) * candidatesPerRound);
    if (part.length === 0) break;
    passed = Date.now() - at;
    // What is counted now is nearer by the time that has passed since.
    const moved = part.map(({ from, to, keys }) => ({ from: Math.max(0, from - passed), to: Math.max(1, to - passed), keys }));
    const fine = await ask(fineEdges(moved), namespacesSearched);
    for (const series of fine.series.slice(1)) cliffs.push(...cliffsOf(series, fine, passed));
  }
  return { cliffs: distinct(cliffs), searched: named.length, exactness: coarse.exactness, at };
}

function cliffsOf(series: HistogramSeries, fine: Histogram, passed: number): NamedCliff[] {
  const expiring = sum(series.keys);
  return findCliffs(fine.edges, series.keys, expiring).map((cliff) => ({ ...cliff, from: cliff.from + passed, to: cliff.to + passed, namespace: series.name, expiring }));
}

/** Two rounds may find the same one: the one with more keys stays. Soonest first. */
function distinct(cliffs: readonly NamedCliff[]): NamedCliff[] {
  const kept: NamedCliff[] = [];
  for (const cliff of cliffs.toSorted((a, b) => b.keys - a.keys)) {
    const known = kept.some((other) => JSON.stringify(other.namespace) === JSON.stringify(cliff.namespace) && other.from < cliff.to + 1000 && cliff.from < other.to + 1000);
    if (!known) kept.push(cliff);
  }
  return kept.toSorted((a, b) => a.from - b.from || b.keys - a.keys);
}
