import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { compareSketches, samePart } from '../../../shared/redis/compare-sketches.ts';
import { fieldsOf } from '../../../shared/redis/key-predicate.ts';
import type { ConnectionService, JobService, KeyService, WorkspaceService } from '../services.ts';
import { IndexHandle } from './index/index-handle.ts';
import { IndexThreads, startIndexThread } from './index/index-threads.ts';
import { scanNodes } from './index/scan-nodes.ts';
import { exportNames } from './key-export.ts';
import { readMeta } from './key-meta.ts';
import { SketchStore } from './sketch-store.ts';

/** An index that nobody watches is forgotten after this time, ms. */
const keepUnwatchedMs = 10 * 60_000;
/** Unwatched indexes together may hold this much, the longest unwatched goes first. */
const keepUnwatchedBytes = 768 * 1024 * 1024;
const sweepEveryMs = 30_000;
/** After an index of at most so many keys the next one is likely to follow at once: its thread is made ready then, not later. */
const quickIndexKeys = 100_000;
/** A begun index waits this long for its first watcher. */
const keepBegunMs = 5000;
/** How long the first rows of a new index may take before an empty view is given, ms. */
const firstNamesWaitMs = 200;
/** Views that one index may have open. */
const maxViews = 64;

export interface KeyServiceOptions {
  connections: Pick<ConnectionService, 'redis'>;
  workspaces: Pick<WorkspaceService, 'get'>;
  jobs: Pick<JobService, 'start'>;
  /** The data folder; exports go to `exports` in it, sketches to `sketches`. */
  folder: string;
  /** Starts the index thread; for measurements that bring a built one. */
  startIndexWorker?: (() => Worker) | undefined;
}

interface Entry {
  key: string;
  workspaceId: string;
  /** SCAN TYPE; `null` = all types. */
  type: string | null;
  handle: IndexHandle;
  views: Set<string>;
  /** Exports that read from it. */
  exports: number;
}

function closedIndex(): LookasideError {
  return new LookasideError('NOT_FOUND', 'This index is closed', { hint: 'Open the keys again.' });
}

/** Keyspace indexes, one per workspace, database and type, each in a thread of its own; and the views on them. */
export function createKeyService(options: KeyServiceOptions): KeyService {
  const { connections, workspaces, jobs } = options;
  const entries = new Map<string, Entry>();
  const views = new Map<string, Entry>();
  const sketches = new SketchStore(options.folder);
  const threads = new IndexThreads(options.startIndexWorker ?? startIndexThread);
  let closed = false;
  let sweeper: NodeJS.Timeout | null = null;

  async function forget(entry: Entry): Promise<void> {
    if (entries.get(entry.handle.id) === entry) entries.delete(entry.handle.id);
    for (const viewId of entry.views) views.delete(viewId);
    if (entries.size === 0 && sweeper !== null) {
      clearInterval(sweeper);
      sweeper = null;
    }
    await entry.handle.close();
  }

  async function sweep(): Promise<void> {
    const unwatched = [...entries.values()]
      .filter(({ handle, exports }) => !handle.watched && exports === 0)
      .toSorted((a, b) => b.handle.unwatchedSince - a.handle.unwatchedSince);
    let bytes = 0;
    for (const entry of unwatched) {
      bytes += entry.handle.latest.memoryBytes;
      const old = Date.now() - entry.handle.unwatchedSince > keepUnwatchedMs;
      if (old || bytes > keepUnwatchedBytes || !entry.handle.usable) await forget(entry);
    }
  }

  async function openIndex(workspaceId: string, db: number, type: string | null): Promise<Entry> {
    const key = JSON.stringify([workspaceId, db, type]);
    const existing = (): Entry | undefined => [...entries.values()].find((entry) => entry.key === key);
    const stale = existing();
    if (stale !== undefined && !stale.handle.usable) await forget(stale);
    // says at once when nothing is connected
    connections.redis(workspaceId);
    const { delimiters } = await workspaces.get(workspaceId);
    const known = existing();
    if (known !== undefined) return known;
    if (closed) throw new LookasideError('CANCELLED', 'Lookaside is closing');
    const session = () => connections.redis(workspaceId);
    const handle = new IndexHandle({
      data: { indexId: randomUUID(), type, delimiters, budget: null },
      db,
      session,
      topology: async () => scanNodes(session()),
      thread: threads.take(),
      settled: (keys) => {
        if (keys <= quickIndexKeys) threads.refill();
      },
    });
    const entry: Entry = { key, workspaceId, type, handle, views: new Set(), exports: 0 };
    entries.set(handle.id, entry);
    sweeper ??= setInterval(() => void sweep(), sweepEveryMs).unref();
    return entry;
  }

  function byIndex(indexId: string): IndexHandle {
    const entry = entries.get(indexId);
    if (entry === undefined) throw closedIndex();
    return entry.handle;
  }

  function byView(viewId: string): Entry {
    const entry = views.get(viewId);
    if (entry === undefined) throw new LookasideError('NOT_FOUND', 'This view of the keys is closed', { hint: 'Open the keys again.' });
    return entry;
  }

  return {
    async begin({ workspaceId, db }) {
      (await openIndex(workspaceId, db, null)).handle.begin(keepBegunMs);
    },
    async *index({ workspaceId, db, type = null, restart = false }, signal) {
      const { handle } = await openIndex(workspaceId, db, type);
      yield* handle.watch(signal, restart);
    },
    pause: async (indexId) => byIndex(indexId).call('pause', {}),
    resume: async (indexId) => byIndex(indexId).call('resume', {}),
    configure: async ({ indexId, delimiters, budget }) => byIndex(indexId).call('configure', { delimiters, budget }),
    async openView({ index, mode, filter, sort = null, expanded, rows = 0 }) {
      const entry = typeof index === 'string' ? entries.get(index) : await openIndex(index.workspaceId, index.db, index.type);
      if (entry === undefined) throw closedIndex();
      const oldest = entry.views.size >= maxViews ? [...entry.views][0] : undefined;
      const viewId = randomUUID();
      entry.views.add(viewId);
      views.set(viewId, entry);
      if (oldest !== undefined) await this.closeView(oldest);
      const totals = await entry.handle.call('openView', { viewId, options: { mode, filter, sort, expanded }, waitMs: rows > 0 ? firstNamesWaitMs : 0 });
      return { viewId, indexId: entry.handle.id, ...totals, first: rows > 0 ? await entry.handle.call('rows', { viewId, from: 0, count: rows, anchor: null }) : null };
    },
    async closeView(viewId) {
      const entry = views.get(viewId);
      if (entry === undefined) return;
      views.delete(viewId);
      entry.views.delete(viewId);
      await entry.handle.call('closeView', { viewId });
    },
    rows: async ({ viewId, from, count, anchor = null }) => byView(viewId).handle.call('rows', { viewId, from, count, anchor }),
    toggle: async ({ viewId, folderId, open, deep = false }) => byView(viewId).handle.call('toggle', { viewId, folderId, open, deep }),
    reveal: async ({ viewId, name, folder = false }) => byView(viewId).handle.call('reveal', { viewId, name, folder }),
    names: async ({ viewId, ranges, limit }) => byView(viewId).handle.call('names', { viewId, ranges, limit }),
    meta: async ({ workspaceId, db, names }) => readMeta(connections.redis(workspaceId), db, names),
    async exportNames({ viewId, folderId = null, format, facts = false }) {
      if (facts && format === 'lines') throw new LookasideError('INVALID_INPUT', 'A file of plain lines has no room for facts', { hint: 'Choose CSV or JSON Lines.' });
      const entry = byView(viewId);
      const { handle, workspaceId } = entry;
      const { name } = await workspaces.get(workspaceId);
      const folder = join(options.folder, 'exports');
      const jobId = jobs.start(
        { kind: 'export-names', workspaceId, title: `Export ${facts ? 'keys with facts' : 'key names'} of ${name}`, unit: 'names', total: null },
        async (control) => {
          entry.exports += 1;
          try {
            await exportNames({ handle, viewId, folderId, format, facts, folder, workspaceName: name }, control);
          } finally {
            entry.exports -= 1;
          }
        },
      );
      return { jobId };
    },
    async noteChange({ workspaceId, db, keys }) {
      await Promise.all(
        [...entries.values()].map(async (entry) => {
          if (entry.workspaceId !== workspaceId || entry.handle.db !== db || !entry.handle.usable) return;
          const shown = (type: string): boolean => type !== 'none' && (entry.type === null || entry.type === type);
          const added = keys.filter(({ type }) => shown(type)).map(({ name }) => name);
          const removed = keys.filter(({ type }) => !shown(type)).map(({ name }) => name);
          await entry.handle.call('noteChange', { added, removed });
        }),
      );
    },
    enrich: async (input) => byIndex(input.indexId).call('enrich', input),
    namespaces: async (input) => byIndex(input.indexId).call('namespaces', input),
    treemap: async (input) => byIndex(input.indexId).call('treemap', input),
    top: async (input) => byIndex(input.indexId).call('top', input),
    ttlHistogram: async (input) => byIndex(input.indexId).call('ttlHistogram', input),
    async saveSketch({ indexId, viewId = null, templates = false }) {
      const entry = entries.get(indexId);
      if (entry === undefined) throw closedIndex();
      const { handle, workspaceId } = entry;
      const { name } = await workspaces.get(workspaceId);
      if (viewId !== null && byView(viewId) !== entry) throw new LookasideError('INVALID_INPUT', 'The view is one of another index');
      const { sketch, part, keys, exactness } = await handle.call('sketch', { viewId, templates });
      const { whole } = compareSketches(sketch, sketch, 'keys');
      const narrows = part !== null && (part.pattern !== '' || fieldsOf(part).length > 0);
      const about = { workspaceId, workspaceName: name, db: handle.db, at: Date.now(), templates, part: narrows ? part : null, keys, bytes: whole.a?.bytes ?? null, exactness };
      return sketches.save({ ...about, namespaces: sketch.namespaces.length }, sketch);
    },
    sketches: () => sketches.list(),
    async compareSketches({ a, b, by = 'keys', from, count }) {
      const [before, after] = [await sketches.read(a), await sketches.read(b)];
      if (before.info.templates !== after.info.templates) {
        throw new LookasideError('CONFLICT', 'One sketch is by template and the other by prefix', { hint: 'Compare two of the same kind.' });
      }
      if (!samePart(before.info.part, after.info.part)) {
        throw new LookasideError('CONFLICT', 'The two sketches are of different parts of a database', { hint: 'Compare two of the same folder or filter.' });
      }
      const { whole, rows } = compareSketches(before.sketch, after.sketch, by);
      const counts = { grew: 0, shrank: 0, new: 0, vanished: 0, same: 0 };
      for (const { kind } of rows) counts[kind] += 1;
      return { a: before.info, b: after.info, whole, rows: rows.slice(from, from + count), from, total: rows.length, counts };
    },
    removeSketch: (sketchId) => sketches.remove(sketchId),
    prepare: () => threads.prepare(),
    async drop(workspaceId) {
      await Promise.all([...entries.values()].filter((entry) => entry.workspaceId === workspaceId).map(forget));
    },
    async closeAll() {
      closed = true;
      await Promise.all([threads.close(), ...[...entries.values()].map(forget)]);
    },
  };
}
