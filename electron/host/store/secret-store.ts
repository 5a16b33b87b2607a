import { join } from 'node:path';
import * as v from 'valibot';
import { secretSlots, type SecretChanges, type SecretSlot, type Workspace } from '../../../shared/contract/workspaces.ts';
import type { SecretVault } from '../services.ts';
import { createJsonFile } from './atomic-file.ts';

/** Workspace id → slot → ciphertext of the vault. */
const secretsFile = v.record(v.string(), v.record(v.picklist(secretSlots), v.string()));
type SecretsFile = v.InferOutput<typeof secretsFile>;

/** Secrets by workspace: as ciphertext in a file of their own where the vault keeps them, else in memory only. */
export interface SecretStore {
  /** Secrets that the vault does not keep live until this process ends; nothing is ever written in clear text. */
  change(workspaceId: string, changes: SecretChanges): Promise<void>;
  /** In memory only, whatever the vault can do. */
  changeForSession(workspaceId: string, changes: SecretChanges): void;
  values(workspaceId: string): Promise<SecretChanges>;
  states(workspaceId: string): Promise<Workspace['secrets']>;
  /** Takes everything of a workspace away and returns what `put` needs to bring it back. */
  take(workspaceId: string): Promise<TakenSecrets>;
  put(workspaceId: string, taken: TakenSecrets): Promise<void>;
}

export interface TakenSecrets {
  stored: Partial<Record<SecretSlot, string>>;
  session: ReadonlyMap<SecretSlot, string>;
}

export function createSecretStore(folder: string, vault: SecretVault): SecretStore {
  const file = createJsonFile<SecretsFile>({
    path: join(folder, 'secrets.json'),
    empty: () => ({}),
    parse: (json) => v.parse(secretsFile, json),
  });
  const session = new Map<string, Map<SecretSlot, string>>();

  const sessionOf = (workspaceId: string): Map<SecretSlot, string> => {
    const known = session.get(workspaceId) ?? new Map<SecretSlot, string>();
    session.set(workspaceId, known);
    return known;
  };

  const storedOf = async (workspaceId: string): Promise<Partial<Record<SecretSlot, string>>> => {
    if (!vault.persistent) return {};
    return new Map(Object.entries(await file.read())).get(workspaceId) ?? {};
  };

  async function replaceStored(workspaceId: string, change: (slots: Map<SecretSlot, string>) => void): Promise<void> {
    await file.update((all) => {
      const next = new Map(Object.entries(all));
      const slots = new Map(Object.entries(next.get(workspaceId) ?? {}) as [SecretSlot, string][]);
      change(slots);
      if (slots.size === 0) next.delete(workspaceId);
      else next.set(workspaceId, Object.fromEntries(slots));
      return Object.fromEntries(next);
    });
  }

  const changeForSession = (workspaceId: string, changes: SecretChanges): void => {
    const memory = sessionOf(workspaceId);
    for (const [slot, value] of Object.entries(changes) as [SecretSlot, string | null | undefined][]) {
      if (typeof value === 'string' && value !== '') memory.set(slot, value);
      else if (value !== undefined) memory.delete(slot);
    }
  };

  return {
    changeForSession,
    change: async (workspaceId, changes) => {
      const given = Object.entries(changes) as [SecretSlot, string | null | undefined][];
      if (!vault.persistent || given.length === 0) {
        changeForSession(workspaceId, changes);
        return;
      }
      const sealed = await Promise.all(
        given
          .filter((entry): entry is [SecretSlot, string] => typeof entry[1] === 'string' && entry[1] !== '')
          .map(async ([slot, value]) => [slot, await vault.protect(value)] as const),
      );
      await replaceStored(workspaceId, (slots) => {
        for (const [slot, value] of given) if (value === null || value === '') slots.delete(slot);
        for (const [slot, value] of sealed) slots.set(slot, value);
      });
      const memory = sessionOf(workspaceId);
      for (const [slot, value] of given) if (value !== undefined) memory.delete(slot);
    },
    values: async (workspaceId) => {
      const stored = Object.entries(await storedOf(workspaceId)) as [SecretSlot, string][];
      const opened = await Promise.all(stored.map(async ([slot, sealed]) => [slot, await vault.reveal(sealed)] as const));
      return Object.fromEntries([...opened, ...sessionOf(workspaceId)]);
    },
    states: async (workspaceId) => {
      const stored = new Set(Object.keys(await storedOf(workspaceId)));
      const memory = sessionOf(workspaceId);
      const state = (slot: SecretSlot): 'stored' | 'session' | 'none' => {
        if (memory.has(slot)) return 'session';
        return stored.has(slot) ? 'stored' : 'none';
      };
      return Object.fromEntries(secretSlots.map((slot) => [slot, state(slot)])) as Workspace['secrets'];
    },
    take: async (workspaceId) => {
      const stored = await storedOf(workspaceId);
      const memory = new Map(sessionOf(workspaceId));
      if (Object.keys(stored).length > 0) await replaceStored(workspaceId, (slots) => slots.clear());
      session.delete(workspaceId);
      return { stored, session: memory };
    },
    put: async (workspaceId, taken) => {
      const sealed = Object.entries(taken.stored) as [SecretSlot, string][];
      if (sealed.length > 0) {
        await replaceStored(workspaceId, (slots) => {
          for (const [slot, value] of sealed) slots.set(slot, value);
        });
      }
      session.set(workspaceId, new Map(taken.session));
    },
  };
}
