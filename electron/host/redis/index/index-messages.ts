import type { InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract';
import type { keyGroupsContract } from '../../../../shared/contract/key-groups.ts';
import type { StoredFacts } from '../../../../shared/contract/key-facts.ts';
import type { Exactness, IndexSnapshot, RowPage } from '../../../../shared/contract/keys.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import type { WireBytes } from '../../../../shared/bytes.ts';
import type { WorkerEndpoint } from '../session.ts';
import type { TakenSketch } from './key-sketch.ts';
import type { LinkWork } from './node-link.ts';
import type { RowRef, ViewOptions } from './view.ts';

/** What a worker begins with. */
export interface IndexWorkerData {
  indexId: string;
  type: string | null;
  delimiters: readonly string[];
  budget: number | null;
}

/** A master, and the slots it holds and those under way as text (empty outside a cluster): another text means that keys may have moved. */
export interface ScanNode {
  id: string;
  slots: string;
  /** Keys are on their way from or to it. */
  moving: boolean;
}

type GroupsIn = InferContractRouterInputs<typeof keyGroupsContract>;
type GroupsOut = InferContractRouterOutputs<typeof keyGroupsContract>;

type Nothing = Record<string, never>;

/** What the host asks of a worker. */
export interface IndexCalls {
  start: { input: Nothing; output: IndexSnapshot };
  /** No one watches: stops, keeps everything. */
  leave: { input: Nothing; output: IndexSnapshot };
  pause: { input: Nothing; output: IndexSnapshot };
  resume: { input: Nothing; output: IndexSnapshot };
  restart: { input: Nothing; output: IndexSnapshot };
  topologyChanged: { input: Nothing; output: Nothing };
  configure: { input: { delimiters?: readonly string[] | undefined; budget?: number | undefined }; output: IndexSnapshot };
  /** Keys that an edit added or removed. */
  noteChange: { input: { added: readonly WireBytes[]; removed: readonly WireBytes[] }; output: Nothing };
  /** `waitMs`: how long an index that has only just begun may look for its first names. */
  openView: { input: { viewId: string; options: ViewOptions; waitMs: number }; output: { total: number; keys: number; exactness: Exactness } };
  closeView: { input: { viewId: string }; output: Nothing };
  rows: { input: { viewId: string; from: number; count: number; anchor: RowRef | null }; output: RowPage };
  toggle: {
    input: { viewId: string; folderId: number; open: boolean; deep: boolean };
    output: { total: number; expanded: WireBytes[] };
  };
  reveal: {
    input: { viewId: string; name: WireBytes; folder: boolean };
    output: { at: number | null; total: number; expanded: WireBytes[] };
  };
  names: { input: { viewId: string; ranges: readonly { from: number; to: number }[]; limit: number }; output: { names: WireBytes[] } };
  /** Begins a walk over all keys of a view or of one folder. */
  openWalk: { input: { viewId: string; folderId: number | null }; output: { walkId: number; total: number } };
  /** The walk's next names, about `bytes` of them, with what is known of each when `facts`; none left = `done`. */
  walk: { input: { walkId: number; bytes: number; facts: boolean }; output: { names: WireBytes[]; facts: (StoredFacts | null)[]; done: boolean } };
  closeWalk: { input: { walkId: number }; output: Nothing };
  enrich: { input: GroupsIn['enrich']; output: IndexSnapshot };
  namespaces: { input: GroupsIn['namespaces']; output: GroupsOut['namespaces'] };
  treemap: { input: GroupsIn['treemap']; output: GroupsOut['treemap'] };
  top: { input: GroupsIn['top']; output: GroupsOut['top'] };
  sketch: { input: { viewId: string | null; templates: boolean }; output: TakenSketch };
  ttlHistogram: { input: GroupsIn['ttlHistogram']; output: GroupsOut['ttlHistogram'] };
}

export type IndexMethod = keyof IndexCalls;

export type ToWorker =
  | { kind: 'begin'; data: IndexWorkerData }
  | { [M in IndexMethod]: { kind: 'call'; id: number; method: M; input: IndexCalls[M]['input'] } }[IndexMethod]
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'refusal'; id: number; problem: Problem };

/** What a worker asks of the host. */
export interface HostCalls {
  endpoint: { input: { nodeId: string }; output: WorkerEndpoint };
  topology: { input: Nothing; output: ScanNode[] };
}

export type HostMethod = keyof HostCalls;

export type FromWorker =
  | { [M in HostMethod]: { kind: 'call'; id: number; method: M; input: HostCalls[M]['input'] } }[HostMethod]
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'refusal'; id: number; problem: Problem }
  | { kind: 'snapshot'; snapshot: IndexSnapshot }
  | { kind: 'work'; work: LinkWork[] };
