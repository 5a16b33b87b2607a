import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { redisProfile, type RedisProfile, type SecretChanges } from '../../../../../shared/contract/workspaces.ts';
import { createAuditJournal } from '../../audit-journal.ts';
import { createReadOnlyGate, type ReadOnlyGate } from '../../read-only/gate.ts';
import { createRedisSession, type LiveRedisSession } from '../redis-session.ts';

export interface TestProfile extends Partial<v.InferInput<typeof redisProfile>> {
  host?: string;
  port?: number;
}

/** A profile with the contract's own defaults. */
export function profileOf({ host = '127.0.0.1', port, ...rest }: TestProfile): RedisProfile {
  return v.parse(redisProfile, { nodes: port === undefined ? [] : [{ host, port }], ...rest });
}

export interface OpenedSession {
  session: LiveRedisSession;
  gate: ReadOnlyGate;
  folder: string;
  /** Throws when the session reported a fault. */
  close(): Promise<void>;
}

/** A session that is not opened yet, with its own data folder. */
export async function makeSession(
  profile: TestProfile,
  options: { secrets?: SecretChanges; readOnly?: boolean; environment?: NodeJS.ProcessEnv } = {},
): Promise<OpenedSession> {
  const folder = await mkdtemp(join(tmpdir(), 'lookaside-session-'));
  const faults: unknown[] = [];
  const gate = createReadOnlyGate({
    workspaceId: 'test',
    workspaceName: 'Test',
    readOnly: options.readOnly ?? false,
    journal: createAuditJournal(folder),
    onChange: () => undefined,
    report: (error) => faults.push(error),
  });
  const session = createRedisSession({
    workspaceId: 'test',
    profile: profileOf(profile),
    secrets: options.secrets ?? {},
    environment: options.environment ?? {},
    knownHostsFile: join(folder, 'known_hosts'),
    gate,
    report: (error) => faults.push(error),
  });
  return {
    session,
    gate,
    folder,
    close: async () => {
      await session.close();
      await rm(folder, { recursive: true, force: true });
      if (faults.length > 0) throw new AggregateError(faults, 'Faults were reported');
    },
  };
}

/** Waits until `check` gives something else than `null` or `false`. */
export async function until<T>(check: () => T | Promise<T>, what: string, timeoutMs = 15_000): Promise<Exclude<T, null | false | undefined>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== null && value !== false && value !== undefined) return value as Exclude<T, null | false | undefined>;
    if (Date.now() > deadline) throw new Error(`Not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
