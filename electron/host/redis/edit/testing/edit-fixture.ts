import { Cluster, Redis } from 'ioredis';
import { wireKey, type WireBytes } from '../../../../../shared/bytes.ts';
import type { EditResult } from '../../../../../shared/contract/edit.ts';
import { createAuditJournal } from '../../../connections/audit-journal.ts';
import { makeSession, type OpenedSession, type TestProfile } from '../../../connections/redis/testing/open-session.ts';
import type { EditService } from '../../../services.ts';
import type { RedisSession } from '../../session.ts';
import { createEditJournal, type EditJournal } from '../edit-journal.ts';
import { createEditService } from '../edit-service.ts';

/** An edit service on a real session, and a second client beside it. */
export interface EditFixture {
  edit: EditService;
  journal: EditJournal;
  opened: OpenedSession;
  folder: string;
  /** Runs as the next script is about to be sent, once: a rival who writes between the check and the write. */
  beforeWrite: (rival: () => Promise<unknown>) => void;
  /** Names of the commands that the session was asked for since the last look. */
  sent(): string[];
  /** What the indexes were told last of a key: its type. */
  noted(name: WireBytes, db?: number): string | undefined;
  /** Another service on the same folder, as after a restart. */
  again(): { edit: EditService; journal: EditJournal };
  close(): Promise<void>;
}

export const at = (name: WireBytes, db = 0) => ({ workspaceId: 'test', db, name });

const workspaces = { get: async () => ({ name: 'Test' }) as never };

export async function openEdits(profile: TestProfile, options: { password?: string; readOnly?: boolean } = {}): Promise<EditFixture> {
  const opened = await makeSession(profile, {
    ...(options.password === undefined ? {} : { secrets: { 'redis.password': options.password } }),
    readOnly: options.readOnly ?? false,
  });
  await opened.session.open();
  let rival: (() => Promise<unknown>) | null = null;
  const sent: string[] = [];
  const session: RedisSession = {
    ...opened.session,
    call: async (db, command, more) => {
      sent.push(command[0]);
      if (command[0] === 'EVALSHA' && rival !== null) {
        const run = rival;
        rival = null;
        await run();
      }
      return opened.session.call(db, command, more);
    },
    transaction: async (...parts) => {
      sent.push('MULTI');
      return opened.session.transaction(...parts);
    },
  };
  const faults: unknown[] = [];
  const noted = new Map<string, string>();
  const keys: Parameters<typeof createEditService>[0]['keys'] = {
    noteChange: async ({ db, keys: seen }) => {
      for (const { name, type } of seen) noted.set(`${db} ${wireKey(name)}`, type);
    },
  };
  const build = () => {
    const journal = createEditJournal(opened.folder);
    return { journal, edit: createEditService({ connections: { redis: () => session }, workspaces, keys, journal, audit: createAuditJournal(opened.folder), report: (error) => faults.push(error) }) };
  };
  const first = build();
  return {
    ...first,
    opened,
    folder: opened.folder,
    beforeWrite: (run) => {
      rival = run;
    },
    sent: () => sent.splice(0),
    noted: (name, db = 0) => noted.get(`${db} ${wireKey(name)}`),
    again: build,
    close: async () => {
      await opened.close();
      if (faults.length > 0) throw new AggregateError(faults, 'Faults were reported');
    },
  };
}

/** The id of an applied edit; fails the test on any other outcome. */
export function appliedId(result: EditResult): string {
  if (result.outcome !== 'applied') throw new Error(`Not applied: ${JSON.stringify(result)}`);
  return result.editId;
}

/** The second client, past the app. */
export function rawClient(server: { host: string; port: number; cluster?: boolean; password?: string | null; db?: number }): Redis | Cluster {
  const { host, port, password, db = 0 } = server;
  const login = password === undefined || password === null ? {} : { password };
  return server.cluster === true ? new Cluster([{ host, port }], { redisOptions: { ...login, protocol: 2 } }) : new Redis({ host, port, db, ...login, protocol: 2 });
}
