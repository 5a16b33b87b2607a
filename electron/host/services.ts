import type * as v from 'valibot';
import type { AuditVerification, auditContract } from '../../shared/contract/audit.ts';
import type {
  ConnectionSnapshot,
  TestSnapshot,
} from '../../shared/contract/connections.ts';
import type { DemoSnapshot } from '../../shared/contract/app.ts';
import type { Contract } from '../../shared/contract/contract.ts';
import type { SketchInfo } from '../../shared/contract/key-sketches.ts';
import type { IndexSnapshot, KeyMeta, RowPage } from '../../shared/contract/keys.ts';
import type { FieldTtlSnapshot, JournalQuota, PlanSnapshot, RunFailure, RunSnapshot, RunSummary, bulkContract } from '../../shared/contract/bulk.ts';
import type { InvalidatePlan, PlanRow, UndoPreview, invalidateContract } from '../../shared/contract/invalidate.ts';
import type { LiveCheck, LiveEvent, LiveNode, LiveSnapshot, liveEventsContract } from '../../shared/contract/live-events.ts';
import type { DecodedValue, decodeContract } from '../../shared/contract/decode.ts';
import type { SavedRunbook, runbooksContract } from '../../shared/contract/runbooks.ts';
import type { BlastCheck, BlastSnapshot, blastRadiusContract } from '../../shared/contract/blast-radius.ts';
import type { JobSnapshot } from '../../shared/contract/jobs.ts';
import type { EditResult, RecentEdit, editContract } from '../../shared/contract/edit.ts';
import type { valueWorkContract } from '../../shared/contract/value-work.ts';
import type { Cut, KeyFacts, ValuePage, pendingEntry, streamConsumer, streamGroup, valuesContract } from '../../shared/contract/values.ts';
import type { specialContract } from '../../shared/contract/values-special.ts';
import type { SecretChanges, Workspace, WorkspaceDraft, workspacesContract } from '../../shared/contract/workspaces.ts';
import type { WireBytes } from '../../shared/bytes.ts';
import type { InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract';
import type { PostgresQueries } from './connections/postgres-side.ts';
import type { RedisSession } from './redis/session.ts';

type KeysIn = InferContractRouterInputs<Contract['keys']>;
type KeysOut = InferContractRouterOutputs<Contract['keys']>;
type DecodeIn = InferContractRouterInputs<typeof decodeContract>;
type DecodeOut = InferContractRouterOutputs<typeof decodeContract>;
type ValuesIn = InferContractRouterInputs<typeof valuesContract>;
type EditIn = InferContractRouterInputs<typeof editContract>;
type RunbooksIn = InferContractRouterInputs<typeof runbooksContract>;
type RunbooksOut = InferContractRouterOutputs<typeof runbooksContract>;
type AuditIn = InferContractRouterInputs<typeof auditContract>;
type AuditOut = InferContractRouterOutputs<typeof auditContract>;
type BulkIn = InferContractRouterInputs<typeof bulkContract>;
type InvalidateIn = InferContractRouterInputs<typeof invalidateContract>;
type InvalidateOut = InferContractRouterOutputs<typeof invalidateContract>;
type LiveIn = InferContractRouterInputs<typeof liveEventsContract>;
type ValuesOut = InferContractRouterOutputs<typeof valuesContract>;
type ValueWorkIn = InferContractRouterInputs<typeof valueWorkContract>;
type ValueWorkOut = InferContractRouterOutputs<typeof valueWorkContract>;
type BlastIn = InferContractRouterInputs<typeof blastRadiusContract>;
type SnapshotsOf<T> = T extends AsyncIterator<infer Snapshot> ? AsyncGenerator<Snapshot, void, void> : Promise<T>;
type WorkspacesOut = InferContractRouterOutputs<typeof workspacesContract>;

/** Saved workspaces and their secrets. Rejects with LookasideError. */
export interface WorkspaceService {
  list(): Promise<Workspace[]>;
  get(workspaceId: string): Promise<Workspace>;
  save(input: { workspaceId?: string | undefined; draft: WorkspaceDraft; secrets: SecretChanges }): Promise<Workspace>;
  remove(workspaceId: string): Promise<{ restoreToken: string }>;
  restore(restoreToken: string): Promise<Workspace>;
  environmentHints(): Promise<WorkspacesOut['environmentHints']>;
  import(input: { text: string; fileName: string; dryRun: boolean }): Promise<WorkspacesOut['import']>;
  export(): Promise<WorkspacesOut['export']>;
  /**
   * Adds one for this session only (demo, `--url`): not stored on disk. With an `id` of its own its runs are found again in a later
   * session.
   */
  addTransient(draft: WorkspaceDraft, secrets: SecretChanges, demo: boolean, id?: string): Workspace;
  removeTransient(workspaceId: string): void;
  /** Secret values for opening; host only. */
  secretsOf(workspaceId: string): Promise<SecretChanges>;
  touch(workspaceId: string): Promise<void>;
}

export interface ConnectionService {
  open(workspaceId: string, secrets: SecretChanges): Promise<ConnectionSnapshot>;
  close(workspaceId: string): Promise<void>;
  opened(): string[];
  watch(workspaceId: string, signal: AbortSignal): AsyncGenerator<ConnectionSnapshot, void, void>;
  retry(workspaceId: string): Promise<void>;
  test(
    input: { workspaceId?: string | undefined; draft: WorkspaceDraft; secrets: SecretChanges; side: 'redis' | 'postgres' },
    signal: AbortSignal,
  ): AsyncGenerator<TestSnapshot, TestSnapshot, void>;
  trustHostKey(input: { host: string; port: number; keyType: string; sha256: string }): Promise<void>;
  unlock(workspaceId: string, minutes: number, reason: string): Promise<ConnectionSnapshot>;
  lock(workspaceId: string): Promise<ConnectionSnapshot>;
  /** The open Redis side; throws NOT_CONNECTED. */
  redis(workspaceId: string): RedisSession;
  /** The Postgres side, for statements that read; throws NOT_CONNECTED. */
  postgres(workspaceId: string): PostgresQueries;
  closeAll(): Promise<void>;
}

export interface KeyService {
  index(input: KeysIn['index'], signal: AbortSignal): AsyncGenerator<IndexSnapshot, void, void>;
  pause(indexId: string): Promise<IndexSnapshot>;
  resume(indexId: string): Promise<IndexSnapshot>;
  configure(input: KeysIn['configure']): Promise<IndexSnapshot>;
  begin(input: KeysIn['begin']): Promise<void>;
  openView(input: KeysIn['openView']): Promise<KeysOut['openView']>;
  closeView(viewId: string): Promise<void>;
  rows(input: KeysIn['rows']): Promise<RowPage>;
  toggle(input: KeysIn['toggle']): Promise<KeysOut['toggle']>;
  reveal(input: KeysIn['reveal']): Promise<KeysOut['reveal']>;
  names(input: KeysIn['names']): Promise<{ names: WireBytes[] }>;
  meta(input: KeysIn['meta']): Promise<KeyMeta[]>;
  exportNames(input: KeysIn['exportNames']): Promise<{ jobId: string }>;
  /** Tells the indexes of a database what an edit made of these keys; `none` = gone. */
  noteChange(change: { workspaceId: string; db: number; keys: readonly { name: WireBytes; type: string }[] }): Promise<void>;
  enrich(input: KeysIn['enrich']): Promise<IndexSnapshot>;
  namespaces(input: KeysIn['namespaces']): Promise<KeysOut['namespaces']>;
  treemap(input: KeysIn['treemap']): Promise<KeysOut['treemap']>;
  top(input: KeysIn['top']): Promise<KeysOut['top']>;
  ttlHistogram(input: KeysIn['ttlHistogram']): Promise<KeysOut['ttlHistogram']>;
  saveSketch(input: KeysIn['saveSketch']): Promise<SketchInfo>;
  sketches(): Promise<SketchInfo[]>;
  compareSketches(input: KeysIn['compareSketches']): Promise<KeysOut['compareSketches']>;
  removeSketch(sketchId: string): Promise<void>;
  /** A connection is being opened: makes ready what its first index will need. */
  prepare(): void;
  /** Forgets all indexes of a workspace (it was closed). */
  drop(workspaceId: string): Promise<void>;
  closeAll(): Promise<void>;
}

/** Reads of special types; their contract says what each does. */
export type SpecialReads = { [Method in keyof typeof specialContract]: (input: ValuesIn[Method]) => Promise<ValuesOut[Method]> };

export interface ValueService extends SpecialReads {
  inspect(input: ValuesIn['inspect']): Promise<KeyFacts>;
  page(input: ValuesIn['page']): Promise<ValuePage>;
  element(input: ValuesIn['element']): Promise<Cut>;
  streamGroups(input: ValuesIn['streamGroups']): Promise<v.InferOutput<typeof streamGroup>[]>;
  streamConsumers(input: ValuesIn['streamConsumers']): Promise<v.InferOutput<typeof streamConsumer>[]>;
  streamPending(input: ValuesIn['streamPending']): Promise<{ items: v.InferOutput<typeof pendingEntry>[]; next: string | null }>;
}

/** Edits of keys, each checked against what was read and written in one step. Rejects with LookasideError. */
export interface EditService {
  setString(input: EditIn['setString']): Promise<EditResult>;
  setRange(input: EditIn['setRange']): Promise<EditResult>;
  hashField(input: EditIn['hashField']): Promise<EditResult>;
  listElement(input: EditIn['listElement']): Promise<EditResult>;
  setMember(input: EditIn['setMember']): Promise<EditResult>;
  zsetMember(input: EditIn['zsetMember']): Promise<EditResult>;
  streamEntry(input: EditIn['streamEntry']): Promise<EditResult>;
  expiry(input: EditIn['expiry']): Promise<EditResult>;
  rename(input: EditIn['rename']): Promise<EditResult>;
  copy(input: EditIn['copy']): Promise<EditResult>;
  remove(input: EditIn['remove']): Promise<EditResult>;
  create(input: EditIn['create']): Promise<EditResult>;
  undo(input: EditIn['undo']): Promise<EditResult>;
  recent(input: EditIn['recent']): Promise<RecentEdit[]>;
}
/** Long work on one value, and changes of streams; the contract says what each does. Streams end when their work is done. */
export type ValueWorkService = {
  [Method in keyof typeof valueWorkContract]: (input: ValueWorkIn[Method], signal: AbortSignal) => SnapshotsOf<ValueWorkOut[Method]>;
};

/** Changes of many keys or fields, with preview, journal and undo. Rejects with LookasideError. */
export interface BulkService {
  nameList(input: BulkIn['nameList']): Promise<{ listId: string; names: number }>;
  planTtl(input: BulkIn['planTtl'], signal: AbortSignal): AsyncGenerator<PlanSnapshot, void, void>;
  planNames(input: BulkIn['planNames']): Promise<{ names: WireBytes[]; total: number }>;
  discardPlan(planId: string): Promise<void>;
  runTtl(input: BulkIn['runTtl']): Promise<{ runId: string; jobId: string }>;
  watchRun(runId: string, signal: AbortSignal): AsyncGenerator<RunSnapshot, void, void>;
  failures(runId: string): Promise<RunFailure[]>;
  setRate(runId: string, keysPerSecond: number | null): Promise<RunSnapshot>;
  runs(): Promise<RunSummary[]>;
  unfinished(): Promise<RunSummary[]>;
  resumeRun(input: BulkIn['resumeRun']): Promise<{ runId: string; jobId: string }>;
  undoTtl(input: BulkIn['undoTtl']): Promise<{ runId: string; jobId: string }>;
  forgetRun(runId: string): Promise<void>;
  journalQuota(): Promise<{ quota: JournalQuota; usedBytes: number }>;
  setJournalQuota(quota: JournalQuota): Promise<{ quota: JournalQuota; usedBytes: number }>;
  fieldTtls(input: BulkIn['fieldTtls'], signal: AbortSignal): AsyncGenerator<FieldTtlSnapshot, void, void>;
  planFieldTtl(input: BulkIn['planFieldTtl'], signal: AbortSignal): AsyncGenerator<PlanSnapshot, void, void>;
  runFieldTtl(input: BulkIn['runFieldTtl']): Promise<{ runId: string; jobId: string }>;
  /** From now on jobs that end are interrupted, not cancelled. Call it before the jobs are closed. */
  closing(): void;
  closeAll(): Promise<void>;
}

/** Invalidation of many keys, with preview, journal and undo, on the engine of `BulkService`. Rejects with LookasideError. */
export interface InvalidateService {
  plan(input: InvalidateIn['plan'], signal: AbortSignal): AsyncGenerator<InvalidatePlan, void, void>;
  planRows(input: InvalidateIn['planRows']): Promise<{ rows: PlanRow[]; total: number }>;
  exportPlan(input: InvalidateIn['exportPlan']): Promise<{ jobId: string }>;
  discardPlan(planId: string): Promise<void>;
  /**
   * `undoFile`: an absolute path where the journal is written (host only, for the command line); it must not exist. The run's folder
   * keeps a link to it.
   */
  run(input: InvalidateIn['run'], options?: { undoFile?: string }): Promise<{ runId: string; jobId: string }>;
  setPace(input: InvalidateIn['setPace']): Promise<RunSnapshot>;
  stage(input: InvalidateIn['stage']): Promise<RunSnapshot>;
  undoPreview(input: InvalidateIn['undoPreview'], signal: AbortSignal): AsyncGenerator<UndoPreview, void, void>;
  undo(input: InvalidateIn['undo']): Promise<{ runId: string; jobId: string }>;
  /**
   * Takes a journal file into this session, to be undone against the open Redis of a workspace; host only. The id serves `undoPreview`, `undo` and
   * `bulk.watchRun`. The file is only read. Rejects with STORE_* when its beginning cannot be read.
   */
  openUndoFile(input: { path: string; workspaceId: string }): Promise<RunSummary>;
  planFile(planId: string): Promise<InvalidateOut['planFile']>;
  approve(input: InvalidateIn['approve']): Promise<InvalidateOut['approve']>;
  approvalRule(workspaceId: string): Promise<InvalidateOut['approvalRule']>;
  setApprovalRule(input: InvalidateIn['setApprovalRule']): Promise<InvalidateOut['setApprovalRule']>;
}

/** Saved invalidations; their contract says what each method does. Rejects with LookasideError. */
export interface RunbookService {
  list(): Promise<SavedRunbook[]>;
  save(input: RunbooksIn['save']): Promise<SavedRunbook>;
  remove(name: string): Promise<void>;
  importFile(input: RunbooksIn['importFile']): Promise<SavedRunbook>;
  exportFile(name: string): Promise<{ fileName: string; text: string }>;
  resolve(input: RunbooksIn['resolve']): Promise<RunbooksOut['resolve']>;
}

/** Reads and checks the audit journal. Rejects with STORE_*. */
export interface AuditService {
  entries(input: AuditIn['entries']): Promise<AuditOut['entries']>;
  verify(hash: string | null): Promise<AuditVerification>;
  export(input: AuditIn['export']): Promise<{ jobId: string }>;
}

/** Keyspace notifications of open workspaces, and the setting of the servers that they need. */
export interface LiveEventsService {
  check(input: LiveIn['check']): Promise<LiveCheck>;
  enable(input: LiveIn['enable']): Promise<LiveCheck>;
  restore(workspaceId: string): Promise<{ nodes: LiveNode[] }>;
  watch(input: LiveIn['watch'], signal: AbortSignal): AsyncGenerator<LiveSnapshot, void, void>;
  recent(input: LiveIn['recent']): Promise<LiveEvent[]>;
  /** After opening: gives back what a run of the app that died had changed. Never rejects: what cannot be done is reported. */
  repair(workspaceId: string): Promise<void>;
  /** Gives back what was changed, before the workspace closes. */
  drop(workspaceId: string): Promise<void>;
  closeAll(): Promise<void>;
}

/** Reads that would miss if keys were gone. Rejects with LookasideError. */
export interface BlastRadiusService {
  check(workspaceId: string): Promise<BlastCheck>;
  sample(input: BlastIn['sample'], signal: AbortSignal): AsyncGenerator<BlastSnapshot, void, void>;
}

/** Reads values through their layers in a worker thread. Rejects with LookasideError. */
export interface DecodeService {
  value(input: DecodeIn['value']): Promise<DecodedValue>;
  rows(input: DecodeIn['rows']): Promise<DecodeOut['rows']>;
  search(input: DecodeIn['search']): Promise<DecodeOut['search']>;
  place(input: DecodeIn['place']): Promise<DecodeOut['place']>;
  text(input: DecodeIn['text']): Promise<DecodeOut['text']>;
  bytes(input: DecodeIn['bytes']): Promise<DecodeOut['bytes']>;
  previews(input: DecodeIn['previews']): Promise<DecodeOut['previews']>;
  unpack(input: DecodeIn['unpack']): Promise<DecodeOut['unpack']>;
  repack(input: DecodeIn['repack']): Promise<DecodeOut['repack']>;
  protoMessages(input: DecodeIn['protoMessages']): Promise<DecodeOut['protoMessages']>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** What a job's body sees: says where it is, learns of pause and cancel at its own batch boundaries. */
export interface JobControl {
  readonly signal: AbortSignal;
  /** Waits while paused; throws CANCELLED when cancelled. Call it between batches. */
  checkpoint: () => Promise<void>;
  report: (progress: { done: number; total?: number | null; file?: string | null }) => void;
}

export interface JobService {
  start(
    job: { kind: JobSnapshot['kind']; workspaceId: string; title: string; unit: string; total: number | null },
    body: (control: JobControl) => Promise<void>,
  ): string;
  watch(signal: AbortSignal): AsyncGenerator<JobSnapshot[], void, void>;
  pause(jobId: string): JobSnapshot;
  resume(jobId: string): JobSnapshot;
  cancel(jobId: string): JobSnapshot;
  clear(): void;
  /** Cancels all and waits for their bodies to end. */
  closeAll(): Promise<void>;
}

export interface SettingsService {
  all(): Promise<Record<string, string>>;
  save(changes: Record<string, string | null>): Promise<void>;
}

export interface DemoService {
  watch(signal: AbortSignal): AsyncGenerator<DemoSnapshot, void, void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Where secrets go. The Electron face gives one over safeStorage; elsewhere they live in memory for the session. */
export interface SecretVault {
  readonly persistent: boolean;
  readonly reason: string;
  /** Only called when `persistent`. */
  protect(plain: string): Promise<string>;
  reveal(stored: string): Promise<string>;
}

export interface HostServices {
  workspaces: WorkspaceService;
  connections: ConnectionService;
  keys: KeyService;
  values: ValueService;
  edit: EditService;
  bulk: BulkService;
  invalidate: InvalidateService;
  liveEvents: LiveEventsService;
  decode: DecodeService;
  valueWork: ValueWorkService;
  runbooks: RunbookService;
  audit: AuditService;
  blastRadius: BlastRadiusService;
  jobs: JobService;
  settings: SettingsService;
  demo: DemoService;
  info: {
    version: string;
    face: 'electron' | 'browser';
    dataFolder: string;
    secrets: { persistent: boolean; reason: string };
    startWorkspaceId: string | null;
    openDemo: boolean;
  };
}
