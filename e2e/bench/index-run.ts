import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { IndexSnapshot } from '../../shared/contract/keys.ts';
import { makeSession } from '../../electron/host/connections/redis/testing/open-session.ts';
import { IndexWatch, openKeys } from '../../electron/host/redis/testing/key-fixture.ts';
import type { KeyService } from '../../electron/host/services.ts';

/** A key service on an open connection, with the thread as it ships. */
export async function openBench(port: number, worker: URL) {
  const opened = await makeSession({ port }, { readOnly: true });
  await opened.session.open();
  const fixture = await openKeys(() => opened.session, [':'], () => new Worker(worker, { execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 3 } }));
  return {
    keys: fixture.keys,
    close: async () => {
      await fixture.close();
      await opened.close();
    },
  };
}

/** As on a connection that was opened a moment ago: the next index's thread stands by. */
export async function standBy(keys: KeyService): Promise<void> {
  keys.prepare();
  await sleep(1000);
}

/** One whole index from nothing: from the call to the snapshot that says `done`. The index is kept for the caller. */
export async function indexOnce(keys: KeyService): Promise<{ ms: number; end: IndexSnapshot; watch: IndexWatch }> {
  await keys.drop('test');
  await standBy(keys);
  const begun = performance.now();
  const watch = new IndexWatch(keys);
  const end = await watch.until(({ state }) => state === 'done' || state === 'failed', 'end of the index', 600_000);
  if (end.state !== 'done') throw new Error(`The index failed: ${JSON.stringify(end.problem)}`);
  return { ms: performance.now() - begun, end, watch };
}
