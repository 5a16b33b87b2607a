import { hostname, userInfo } from 'node:os';
import type { WireBytes } from '../../../shared/bytes.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { translateStoreError } from '../store/atomic-file.ts';
import { ChainWriter } from './audit/chain-writer.ts';

/** Beginning or end of a bulk change or of its undo. */
export interface BulkAuditEntry {
  event: 'bulk-start' | 'bulk-end' | 'bulk-undo-start' | 'bulk-undo-end';
  workspaceId: string;
  workspaceName: string;
  runId: string;
  db: number;
  /** What is done to which keys, in words. */
  title: string;
  /** Keys or fields that it was about, and what became of them. */
  total: number;
  changed: number;
  left: number;
  failed: number;
  /** `null` at the start. */
  durationMs: number | null;
  result: string;
  /** The servers it works on, `host:port` of each. */
  nodes?: string[];
  /** Selection and action as they were planned. */
  plan?: Record<string, unknown>;
  /** Keys or fields a second, over the whole run; `null` at the start. */
  rate?: number | null;
  /** Of an undo: the run that it takes back. */
  undoOf?: string;
  /** The file that its undo reads, where that is not in the data folder. */
  undoFile?: string;
}

interface LockEntry {
  event: 'unlock' | 'lock' | 'auto-lock';
  workspaceId: string;
  workspaceName: string;
  reason: string;
  /** Unix ms when the unlock ends; `null` for a lock. */
  until: number | null;
}

/** One line before a change is sent, one when its outcome is known. Never a value. */
interface EditEntry {
  event: 'edit' | 'stream';
  workspaceId: string;
  workspaceName: string;
  db: number;
  key: WireBytes;
  operation: string;
  /** Of an edit that can be taken back. */
  editId?: string;
  outcome: string;
}

/** Saving or removing a saved invalidation. */
interface RunbookEntry {
  event: 'runbook-saved' | 'runbook-removed';
  name: string;
  /** SHA-256 of its file's text. */
  sha256: string;
}

export type AuditEntry = LockEntry | EditEntry | BulkAuditEntry | RunbookEntry;

/**
 * Append-only record of what was allowed, changed and why: one JSON object a line, with its time in ISO form, the user of the operating system and
 * the machine. Each entry carries the hash of the one before (`audit/chain.ts`).
 */
export interface AuditJournal {
  /** Resolves when the entry is on the disk; rejects with STORE_*. Entries keep the order of the calls. */
  write(entry: AuditEntry): Promise<void>;
}

/** An account without an entry (a container's number) has no name. */
export function operatingUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

function refusal(error: unknown, folder: string): LookasideError {
  const { code, details } = translateStoreError(error, folder, 'write');
  return new LookasideError(code, 'The audit journal cannot be written', {
    hint: 'Without a record nothing is unlocked or changed. Make room, or check the permissions of the data folder.',
    details,
    cause: error,
  });
}

interface Waiting {
  entry: object;
  done: () => void;
  failed: (error: LookasideError) => void;
}

export function createAuditJournal(folder: string, options: { fullBytes?: number } = {}): AuditJournal {
  const writer = new ChainWriter(folder, options);
  const where = { who: operatingUser(), machine: hostname() };
  let waiting: Waiting[] = [];
  let writing = false;

  async function writeAll(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await writer.append(batch.map(({ entry }) => entry));
        for (const { done } of batch) done();
      } catch (error) {
        // a failed batch is its callers' to handle; the next one is tried all the same
        const failure = refusal(error, folder);
        for (const { failed } of batch) failed(failure);
      }
    }
    writing = false;
  }

  return {
    write: (entry) =>
      new Promise((resolve, reject) => {
        waiting.push({ entry: { at: new Date().toISOString(), ...where, ...entry }, done: resolve, failed: reject });
        if (!writing) void writeAll();
      }),
  };
}
