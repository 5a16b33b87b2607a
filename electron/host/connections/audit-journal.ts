import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { WireBytes } from '../../../shared/bytes.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { errorCodeOf } from './dial/network-errors.ts';

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
  /** User of the operating system. */
  who: string;
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

export type AuditEntry = LockEntry | EditEntry | BulkAuditEntry;

/** Append-only record of what was allowed and why: one JSON object a line, with its time in ISO form. */
export interface AuditJournal {
  /** Resolves when the line is in the file; rejects with STORE_*. Lines keep the order of the calls. */
  write(entry: AuditEntry): Promise<void>;
}

export function createAuditJournal(folder: string): AuditJournal {
  const file = join(folder, 'audit.jsonl');
  let last: Promise<void> = Promise.resolve();

  async function append(line: string): Promise<void> {
    try {
      await mkdir(folder, { recursive: true });
      await appendFile(file, line, { mode: 0o600, flush: true });
    } catch (error) {
      const system = errorCodeOf(error);
      const code = system === 'ENOSPC' || system === 'EDQUOT' ? 'STORE_DISK_FULL' : system === 'EACCES' || system === 'EPERM' || system === 'EROFS' ? 'STORE_DENIED' : 'STORE_FAILED';
      throw new LookasideError(code, 'The audit journal cannot be written', {
        hint: 'Without a record nothing is unlocked or changed. Make room, or check the permissions of the data folder.',
        details: { file, systemCode: system },
        cause: error,
      });
    }
  }

  return {
    write: (entry) => {
      const line = `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`;
      const done = last.then(() => append(line));
      // a failed line is its caller's to handle; the next one is tried all the same
      last = done.then(
        () => undefined,
        () => undefined,
      );
      return done;
    },
  };
}
