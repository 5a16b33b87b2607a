import * as v from 'valibot';
import { wireBytes } from '../../../../shared/bytes.ts';
import type { AuditFilter, AuditRecord } from '../../../../shared/contract/audit.ts';
import type { JournalLine } from './chain.ts';

type Entry = Record<string, unknown>;

const kinds: ReadonlyMap<string, AuditRecord['kind']> = new Map([
  ...['unlock', 'lock', 'auto-lock'].map((event) => [event, 'access'] as const),
  ...['edit', 'stream'].map((event) => [event, 'edit'] as const),
  ...['runbook-saved', 'runbook-removed'].map((event) => [event, 'runbook'] as const),
]);

const text = (entry: Entry, name: string): string => (typeof entry[name] === 'string' ? entry[name] : '');
const textOrNull = (entry: Entry, name: string): string | null => text(entry, name) || null;
const numberOrNull = (entry: Entry, name: string): number | null => (typeof entry[name] === 'number' && Number.isFinite(entry[name]) ? entry[name] : null);

function titleOf(entry: Entry): string {
  const event = text(entry, 'event');
  const reason = text(entry, 'reason');
  switch (event) {
    case 'unlock':
      return `Unlock: ${reason}`;
    case 'lock':
      return 'Lock';
    case 'auto-lock':
      return 'Lock at the end of the time';
    case 'runbook-saved':
      return `Runbook saved: ${text(entry, 'name')}`;
    case 'runbook-removed':
      return `Runbook removed: ${text(entry, 'name')}`;
    default:
      return text(entry, 'title') || text(entry, 'operation') || event;
  }
}

/** What stands in the journal in the form of the contract. Whatever is missing there is empty here. */
export function recordOf(line: Extract<JournalLine, { entry: Entry }>): AuditRecord {
  const { entry } = line;
  const event = text(entry, 'event');
  const count = (name: string): number => numberOrNull(entry, name) ?? 0;
  const key = v.safeParse(wireBytes, entry['key']);
  const plan = entry['plan'];
  return {
    seq: line.kind === 'chained' ? line.seq : null,
    at: Date.parse(text(entry, 'at')) || 0,
    kind: kinds.get(event) ?? (event.startsWith('bulk-') ? 'bulk' : 'other'),
    event,
    who: text(entry, 'who'),
    machine: text(entry, 'machine'),
    workspaceId: text(entry, 'workspaceId'),
    workspaceName: text(entry, 'workspaceName'),
    db: numberOrNull(entry, 'db'),
    nodes: Array.isArray(entry['nodes']) ? entry['nodes'].filter((node) => typeof node === 'string') : [],
    title: titleOf(entry),
    outcome: text(entry, 'result') || text(entry, 'outcome'),
    key: key.success ? key.output : null,
    runId: textOrNull(entry, 'runId'),
    counts: event.startsWith('bulk-') ? { total: count('total'), changed: count('changed'), left: count('left'), failed: count('failed') } : null,
    durationMs: numberOrNull(entry, 'durationMs'),
    rate: numberOrNull(entry, 'rate'),
    undoOf: textOrNull(entry, 'undoOf'),
    undoFile: textOrNull(entry, 'undoFile'),
    plan: typeof plan === 'object' && plan !== null ? JSON.stringify(plan) : null,
    hash: line.kind === 'chained' ? line.hash : null,
  };
}

/** Whether an entry passes; `bytes` are its line. */
export function passes({ text: wanted = '', kinds: asked = [], workspaceId = null, runId = null, from = null, to = null }: AuditFilter, record: AuditRecord, bytes: Buffer): boolean {
  if (asked.length > 0 && !asked.includes(record.kind)) return false;
  if (workspaceId !== null && record.workspaceId !== workspaceId) return false;
  if (runId !== null && record.runId !== runId && record.undoOf !== runId) return false;
  if (from !== null && record.at < from) return false;
  if (to !== null && record.at > to) return false;
  return wanted === '' || bytes.toString('utf8').toLowerCase().includes(wanted.toLowerCase());
}
