import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import type { IndexSnapshot, Row } from '../../../../shared/contract/keys.ts';
import { createJobService } from '../../jobs/job-service.ts';
import type { KeyService, WorkspaceService } from '../../services.ts';
import { createKeyService, type KeyServiceOptions } from '../key-service.ts';
import type { RedisSession } from '../session.ts';

type Workspace = Awaited<ReturnType<WorkspaceService['get']>>;

/** A key service on one session, with its own data folder. */
export async function openKeys(session: () => RedisSession, delimiters: string[] = [':'], startIndexWorker?: KeyServiceOptions['startIndexWorker']) {
  const folder = await mkdtemp(join(tmpdir(), 'lookaside-keys-'));
  const jobs = createJobService({});
  const workspace: Workspace = {
    id: 'test',
    name: 'Test / one',
    environment: 'local',
    colour: 'gray',
    readOnly: true,
    delimiters,
    redis: null,
    postgres: null,
    demo: false,
    secrets: {},
    lastOpenedAt: null,
  };
  const keys = createKeyService({ connections: { redis: session }, workspaces: { get: async () => workspace }, jobs, folder, startIndexWorker });
  return {
    keys,
    jobs,
    folder,
    close: async () => {
      await jobs.closeAll();
      await keys.closeAll();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const everything: KeyFilter = { pattern: '', mode: 'glob' };

/** Every row of the list of all keys, in its order. */
export async function* eachRow(keys: KeyService, indexId: string): AsyncGenerator<Row> {
  const { viewId, total } = await keys.openView({ index: indexId, mode: 'list', filter: everything, expanded: [] });
  for (let from = 0; from < total; from += 500) yield* (await keys.rows({ viewId, from, count: 500 })).rows;
  await keys.closeView(viewId);
}

/** Follows an index as a page does; `leave` closes the stream. */
export class IndexWatch {
  readonly snapshots: IndexSnapshot[] = [];
  readonly times: number[] = [];
  readonly #abort = new AbortController();
  readonly #over: Promise<void>;
  #wake = (): void => undefined;
  #failure: unknown = null;

  constructor(keys: KeyService, input: { db?: number; type?: string | null; restart?: boolean } = {}) {
    const stream = keys.index({ workspaceId: 'test', db: 0, ...input }, this.#abort.signal);
    this.#over = (async () => {
      for await (const snapshot of stream) {
        this.snapshots.push(snapshot);
        this.times.push(performance.now());
        this.#wake();
      }
    })().catch((error: unknown) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /** The first snapshot, from now on or the present one, that the check accepts. */
  async until(check: (snapshot: IndexSnapshot) => boolean, what: string, timeoutMs = 20_000): Promise<IndexSnapshot> {
    const deadline = Date.now() + timeoutMs;
    for (let next = Math.max(0, this.snapshots.length - 1); ; ) {
      if (this.#failure !== null) throw this.#failure;
      for (; next < this.snapshots.length; next += 1) {
        const snapshot = this.snapshots[next] as IndexSnapshot;
        if (check(snapshot)) return snapshot;
      }
      if (Date.now() > deadline) throw new Error(`Not in time: ${what}; last ${JSON.stringify(this.snapshots.at(-1))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  done(): Promise<IndexSnapshot> {
    return this.until(({ state }) => state === 'done', 'end of the scan');
  }

  async leave(): Promise<void> {
    this.#abort.abort();
    await this.#over;
  }
}
