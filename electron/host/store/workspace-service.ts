import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { secretSlots, workspaceDraft, type SecretChanges, type SecretSlot, type Workspace, type WorkspaceDraft } from '../../../shared/contract/workspaces.ts';
import type { SecretVault, WorkspaceService } from '../services.ts';
import { createJsonFile } from './atomic-file.ts';
import { readEnvironmentHints } from './environment-hints.ts';
import { readImport } from './import/read-import.ts';
import { createSecretStore, type TakenSecrets } from './secret-store.ts';

const savedWorkspace = v.object({ id: v.string(), ...workspaceDraft.entries, lastOpenedAt: v.nullable(v.number()) });
type SavedWorkspace = v.InferOutput<typeof savedWorkspace>;
const workspacesFile = v.object({ version: v.literal(1), workspaces: v.array(savedWorkspace) });

function noSuchWorkspace(workspaceId: string): LookasideError {
  return new LookasideError('NOT_FOUND', 'This workspace does not exist any more', { hint: 'Choose another one.', details: { workspaceId } });
}

/**
 * Saved workspaces (`workspaces.json`), those of this session only (demo, `--url`), and the secrets of both. The
 * file never holds a secret.
 */
export function createWorkspaceService(options: { folder: string; vault: SecretVault; environment: NodeJS.ProcessEnv }): WorkspaceService {
  const file = createJsonFile({
    path: join(options.folder, 'workspaces.json'),
    empty: () => ({ version: 1 as const, workspaces: [] as SavedWorkspace[] }),
    parse: (json) => v.parse(workspacesFile, json),
  });
  const secrets = createSecretStore(options.folder, options.vault);
  const transient = new Map<string, { saved: SavedWorkspace; demo: boolean }>();
  const removed = new Map<string, { saved: SavedWorkspace; secrets: TakenSecrets }>();

  const whole = async (saved: SavedWorkspace): Promise<Workspace> => ({
    ...saved,
    demo: transient.get(saved.id)?.demo ?? false,
    secrets: await secrets.states(saved.id),
  });

  async function find(workspaceId: string): Promise<SavedWorkspace> {
    const passing = transient.get(workspaceId);
    if (passing !== undefined) return passing.saved;
    const saved = (await file.read()).workspaces.find((each) => each.id === workspaceId);
    if (saved === undefined) throw noSuchWorkspace(workspaceId);
    return saved;
  }

  async function put(saved: SavedWorkspace): Promise<void> {
    await file.update((current) => ({
      version: 1,
      workspaces: [...current.workspaces.filter((each) => each.id !== saved.id), saved],
    }));
  }

  async function create(draft: WorkspaceDraft, changes: SecretChanges): Promise<Workspace> {
    const saved = { id: randomUUID(), ...draft, lastOpenedAt: null };
    await put(saved);
    await secrets.change(saved.id, changes);
    return whole(saved);
  }

  return {
    list: async () => {
      const saved = (await file.read()).workspaces;
      const all = [...[...transient.values()].map((each) => each.saved), ...saved];
      const sorted = all.toSorted((a, b) => (b.lastOpenedAt ?? 0) - (a.lastOpenedAt ?? 0) || a.name.localeCompare(b.name, 'en'));
      return Promise.all(sorted.map(whole));
    },
    get: async (workspaceId) => whole(await find(workspaceId)),
    save: async ({ workspaceId, draft, secrets: changes }) => {
      if (workspaceId === undefined) return create(draft, changes);
      if (transient.has(workspaceId)) {
        throw new LookasideError('CONFLICT', 'This workspace lives for this session only and cannot be edited', { hint: 'Duplicate it and edit the copy.' });
      }
      const before = await find(workspaceId);
      const saved = { ...before, ...draft };
      await put(saved);
      await secrets.change(workspaceId, changes);
      return whole(saved);
    },
    remove: async (workspaceId) => {
      if (transient.has(workspaceId)) {
        throw new LookasideError('CONFLICT', 'This workspace lives for this session only and goes by itself', { hint: 'Stop the demo, or end the program.' });
      }
      const saved = await find(workspaceId);
      const taken = await secrets.take(workspaceId);
      try {
        await file.update((current) => ({ version: 1, workspaces: current.workspaces.filter((each) => each.id !== workspaceId) }));
      } catch (error) {
        await secrets.put(workspaceId, taken);
        throw error;
      }
      const restoreToken = randomUUID();
      removed.set(restoreToken, { saved, secrets: taken });
      return { restoreToken };
    },
    restore: async (restoreToken) => {
      const kept = removed.get(restoreToken);
      if (kept === undefined) throw new LookasideError('NOT_FOUND', 'There is nothing to bring back', { hint: 'A removed workspace can be brought back once, in the same session.' });
      await put(kept.saved);
      await secrets.put(kept.saved.id, kept.secrets);
      removed.delete(restoreToken);
      return whole(kept.saved);
    },
    environmentHints: () => readEnvironmentHints(options.environment),
    import: async ({ text, fileName, dryRun }) => {
      const { source, found, skipped } = readImport(text, fileName);
      const saved: Workspace[] = [];
      if (!dryRun) for (const each of found) saved.push(await create(each.draft, each.secrets));
      return {
        source,
        found: found.map((each) => ({ draft: each.draft, secrets: Object.keys(each.secrets) as SecretSlot[], notes: each.notes })),
        skipped,
        saved,
      };
    },
    export: async () => {
      const { workspaces } = await file.read();
      const drafts = workspaces.map(({ id: _id, lastOpenedAt: _lastOpenedAt, ...draft }) => draft);
      const day = new Date().toISOString().slice(0, 10);
      return { fileName: `lookaside-workspaces-${day}.json`, text: `${JSON.stringify({ lookaside: 1, workspaces: drafts }, null, 2)}\n` };
    },
    addTransient: (draft, changes, demo, id = randomUUID()) => {
      const saved = { id, ...draft, lastOpenedAt: Date.now() };
      transient.set(saved.id, { saved, demo });
      secrets.changeForSession(saved.id, changes);
      const states = secretSlots.map((slot) => [slot, typeof changes[slot] === 'string' ? 'session' : 'none']);
      return { ...saved, demo, secrets: Object.fromEntries(states) as Workspace['secrets'] };
    },
    removeTransient: (workspaceId) => {
      transient.delete(workspaceId);
    },
    secretsOf: (workspaceId) => secrets.values(workspaceId),
    touch: async (workspaceId) => {
      const lastOpenedAt = Date.now();
      const passing = transient.get(workspaceId);
      if (passing !== undefined) {
        passing.saved = { ...passing.saved, lastOpenedAt };
        return;
      }
      await file.update((current) => ({
        version: 1,
        workspaces: current.workspaces.map((each) => (each.id === workspaceId ? { ...each, lastOpenedAt } : each)),
      }));
    },
  };
}
