import type { RedisStatus } from '../../../../shared/contract/connections.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { CommandTable } from '../../../../shared/redis/command-table.ts';
import { decideReadOnly } from '../../../../shared/redis/read-only-gate.ts';
import type { Command } from '../../redis/session.ts';
import type { AuditJournal } from '../audit-journal.ts';

export interface ReadOnlyGate {
  /** Throws READ_ONLY when the connection is locked and the command may change something. */
  check(table: CommandTable, command: Command): void;
  state(): RedisStatus['readOnly'];
  /** Allows writes for a time, once the reason is in the audit journal. Another unlock replaces the time. */
  unlock(minutes: number, reason: string): Promise<void>;
  lock(): Promise<void>;
  /** Forgets the unlock and its timer. */
  close(): void;
}

export interface GateOptions {
  workspaceId: string;
  workspaceName: string;
  /** False means permanently writable. */
  readOnly: boolean;
  journal: AuditJournal;
  onChange: () => void;
  /** Gets a failure to record an automatic lock; the lock itself has taken place. */
  report: (error: unknown) => void;
}

export function createReadOnlyGate(options: GateOptions): ReadOnlyGate {
  let unlockedUntil: number | null = null;
  let unlockReason = '';
  let timer: NodeJS.Timeout | undefined;
  const about = { workspaceId: options.workspaceId, workspaceName: options.workspaceName };

  // the clock decides as well as the timer: a machine that slept must not stay unlocked
  const locked = (): boolean => options.readOnly && (unlockedUntil === null || Date.now() >= unlockedUntil);

  function end(): void {
    clearTimeout(timer);
    unlockedUntil = null;
    unlockReason = '';
  }

  return {
    check: (table, command) => {
      if (!locked()) return;
      const decision = decideReadOnly(table, command);
      if (decision.allowed) return;
      const name = decision.name.replace('|', ' ').toUpperCase().slice(0, 80);
      throw new LookasideError('READ_ONLY', `${name} is refused: this connection is read-only and ${decision.reason}`, {
        hint: 'Unlock the workspace for a time, with a reason, to allow it.',
        details: { command: name, reason: decision.reason },
      });
    },
    state: () => {
      const active = locked();
      return { active, unlockedUntil: active ? null : unlockedUntil, unlockReason: active ? '' : unlockReason };
    },
    unlock: async (minutes, reason) => {
      if (!options.readOnly) {
        throw new LookasideError('CONFLICT', 'This workspace is not read-only', { hint: 'Nothing needs to be unlocked.' });
      }
      const until = Date.now() + minutes * 60_000;
      await options.journal.write({ event: 'unlock', ...about, reason, until });
      clearTimeout(timer);
      unlockedUntil = until;
      unlockReason = reason;
      timer = setTimeout(() => {
        end();
        options.onChange();
        options.journal.write({ event: 'auto-lock', ...about, reason, until: null }).catch(options.report);
      }, until - Date.now());
      timer.unref();
      options.onChange();
    },
    lock: async () => {
      if (locked() || !options.readOnly) return;
      const reason = unlockReason;
      end();
      options.onChange();
      await options.journal.write({ event: 'lock', ...about, reason, until: null });
    },
    close: end,
  };
}
