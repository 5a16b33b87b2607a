import type { FactsState } from '../../../../shared/contract/key-facts.ts';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import type { IndexSnapshot } from '../../../../shared/contract/keys.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { etaMs, rateOf, type ProgressSample } from '../../../../shared/progress.ts';
import { scanCoverage } from '../../../../shared/redis/scan-progress.ts';
import type { KeyspaceIndex } from './keyspace-index.ts';
import type { NodeScan } from './node-scan.ts';

/** Where a scan stands, as far as the index and the nodes do not say it themselves. */
export interface ScanStanding {
  indexId: string;
  /** Only keys of one type are scanned. */
  typed: boolean;
  running: boolean;
  paused: boolean;
  /** Why the masters are not known. */
  problem: Problem | null;
  completedAt: number | null;
  samples: readonly ProgressSample[];
  fields: ReadonlySet<KeyFactField>;
  /** When the pass that reads them began, and ended. */
  factsFrom: number;
  factsTo: number | null;
}

/** Marks of the nodes' present passes. */
export function passMarks(nodes: Iterable<NodeScan>): Set<number> {
  const marks = new Set<number>();
  for (const node of nodes) marks.add(node.mark);
  return marks;
}

export function scanState(standing: Pick<ScanStanding, 'running' | 'paused' | 'problem' | 'completedAt'>, nodes: readonly NodeScan[]): IndexSnapshot['state'] {
  if (standing.completedAt !== null) return 'done';
  const states = new Set(nodes.map((node) => node.state));
  const alive = states.has('scanning') || states.has('connecting');
  if (!standing.running) return states.has('failed') && !standing.paused ? 'failed' : 'paused';
  if (alive) return nodes.some((node) => node.state === 'scanning' && node.pace.backingOff) ? 'backing-off' : 'scanning';
  if (states.has('waiting')) return 'waiting-for-server';
  if (states.has('failed')) return 'failed';
  return standing.problem === null ? 'scanning' : 'waiting-for-server';
}

function factsState(standing: ScanStanding, index: KeyspaceIndex, nodes: readonly NodeScan[], coverage: number): FactsState | null {
  const { fields } = standing;
  if (fields.size === 0) return null;
  return {
    fields: [...fields],
    known: index.seenBy(passMarks(nodes)),
    coverage,
    startedAt: standing.factsFrom,
    completedAt: standing.factsTo,
    recency: index.columns?.recencyKind ?? null,
    disturbsIdle: fields.has('elements') && nodes.some((node) => node.disturbsIdle),
    clockSkewMs: index.clockSkew,
    ways: nodes.map((node) => ({ node: node.id, way: node.way, reason: node.wayReason })),
  };
}

/** What the page is told. */
export function scanSnapshot(standing: ScanStanding, index: KeyspaceIndex, nodes: readonly NodeScan[]): IndexSnapshot {
  const { completedAt } = standing;
  const complete = completedAt !== null;
  const totals = nodes.map((node) => node.total);
  const total = nodes.length === 0 || totals.includes(null) ? null : totals.reduce<number>((sum, each) => sum + (each ?? 0), 0);
  const walked = nodes.reduce((sum, node) => sum + Math.min(node.walked, node.total ?? node.walked), 0);
  const coverage = scanCoverage(walked, total, complete);
  const state = scanState(standing, nodes);
  const rate = state === 'scanning' || state === 'backing-off' ? rateOf(standing.samples, performance.now()) : 0;
  return {
    indexId: standing.indexId,
    version: index.version,
    state,
    keys: index.keys,
    folders: index.folders,
    total,
    coverage,
    exactness: index.exactness,
    rate,
    etaMs: complete ? 0 : standing.typed ? null : etaMs(walked, total, rate),
    completedAt,
    nodes: nodes.map((node) => ({
      node: node.id,
      scanned: node.scanned,
      total: node.total,
      done: node.state === 'done',
      problem: node.problem,
    })),
    problem: state === 'failed' || state === 'waiting-for-server' ? (standing.problem ?? nodes.find((node) => node.problem !== null)?.problem ?? null) : null,
    memoryBytes: index.bytes,
    facts: factsState(standing, index, nodes, coverage),
    suggestedDelimiters: index.suggestedDelimiters,
  };
}
