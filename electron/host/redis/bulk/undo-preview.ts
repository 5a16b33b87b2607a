import type { UndoPreview } from '../../../../shared/contract/invalidate.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { toWire } from '../../../../shared/bytes.ts';
import { snapshotStream, type SnapshotListener } from '../../snapshots.ts';
import type { RedisSession } from '../session.ts';
import { isSameExpiry } from './expiry-target.ts';
import { JournalChanges } from './journal/changes.ts';
import type { Intent } from './journal/records.ts';
import type { StoredRun } from './journal/run-store.ts';
import { readKeys, serverClock } from './read-keys.ts';
import { compareValues, type KeptIntent } from './restore-values.ts';
import { serverRunId } from './scan-map.ts';
import { untilAnswered } from './server-wait.ts';
import { lookThrough, refusalOf } from './undo-probe.ts';
import { inPages } from './undo-pages.ts';
import { takenBy } from './undo-work.ts';

const maxNewerNames = 1000;

export interface UndoPreviewing {
  run: StoredRun;
  journal: string;
  session: () => RedisSession;
  filter: KeyFilter | undefined;
}

/** Counts what an undo would do now. */
export async function* previewUndo(preview: UndoPreviewing, signal: AbortSignal): AsyncGenerator<UndoPreview, void, void> {
  const { header } = preview.run;
  const now: UndoPreview = {
    state: 'counting',
    total: preview.run.changed,
    walked: 0,
    restorable: 0,
    newer: 0,
    alreadySo: 0,
    expired: 0,
    filtered: 0,
    bytes: 0,
    newerNames: [],
    refusal: null,
    server: 'unknown',
    ranOn: header.servers.map(({ node }) => node).join(', '),
    cut: preview.run.cut,
    altered: [],
  };
  const listeners = new Set<SnapshotListener>();
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  signal.addEventListener('abort', stop, { once: true });
  let failure: unknown = null;
  let over = false;
  const tell = (event: 'changed' | 'ended'): void => {
    for (const listener of listeners) listener(event);
  };
  const work = (async () => {
    try {
      await count(preview, now, abort.signal, () => tell('changed'));
      now.state = 'ready';
    } catch (error) {
      failure = error;
    }
    over = true;
    tell('ended');
  })();
  try {
    yield* snapshotStream({
      read: () => {
        if (failure !== null) throw failure;
        return { ...now, newerNames: [...now.newerNames], altered: [...now.altered] };
      },
      subscribe: (listener) => {
        listeners.add(listener);
        if (over) listener('ended');
        return () => listeners.delete(listener);
      },
      signal,
      minIntervalMs: 200,
    });
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    await work;
  }
}

async function count({ run, journal, session, filter }: UndoPreviewing, now: UndoPreview, signal: AbortSignal, tell: () => void): Promise<void> {
  const { header } = run;
  const wait = {
    signal,
    onWait: (waiting: boolean) => {
      now.state = waiting ? 'waiting-for-server' : 'counting';
      tell();
    },
  };
  const looked = await lookThrough(journal);
  const { changes } = looked;
  Object.assign(now, { total: looked.total, cut: changes.cut, altered: changes.altered.slice(0, maxNewerNames) });
  const masters = await untilAnswered(() => session().masters(), wait);
  const ids = await Promise.all(masters.map(({ id }) => untilAnswered(() => serverRunId(session(), id), wait)));
  const known = new Set(header.servers.map(({ runId }) => runId).filter((id) => id !== ''));
  now.server = known.size === 0 || ids.includes('') ? 'unknown' : ids.every((id) => known.has(id)) ? 'same' : 'other';
  if (header.kind === 'unlink') {
    // a locked connection cannot be tried; the undo itself tries again
    const refusal = await refusalOf(session(), header.db, looked.samples).catch((error: unknown) => {
      if (error instanceof LookasideError && error.code === 'READ_ONLY') return null;
      throw error;
    });
    if (refusal !== null) now.refusal = { message: refusal.message, hint: refusal.hint };
  }
  const takes = takenBy(filter);
  for await (const page of inPages(new JournalChanges(journal).read())) {
    if (signal.aborted) throw new LookasideError('CANCELLED', 'Cancelled');
    const due = page.names.filter(({ name }) => takes(name));
    now.filtered += page.names.length - due.length;
    await countPage(session, page.db, due, now, wait);
    now.walked += page.names.length;
    tell();
  }
}

async function countPage(session: () => RedisSession, db: number, due: readonly Intent[], now: UndoPreview, wait: { signal: AbortSignal; onWait: (waiting: boolean) => void }): Promise<void> {
  const { signal } = wait;
  const clock = await untilAnswered(() => serverClock(session(), null, signal), wait);
  const isOver = ({ earlier }: Intent): boolean => earlier !== -1 && earlier <= clock;
  const newer = ({ name }: Intent): void => {
    now.newer += 1;
    if (now.newerNames.length < maxNewerNames) now.newerNames.push({ db, name: toWire(name) });
  };
  const values = due.flatMap((intent): KeptIntent[] => (intent.kept === undefined ? [] : [{ ...intent, kept: intent.kept }]));
  const presences = await untilAnswered(() => compareValues(session(), db, values, signal), wait);
  values.forEach((intent, at) => {
    const presence = presences[at];
    if (presence === 'same') now.alreadySo += 1;
    else if (presence === 'other') newer(intent);
    else if (isOver(intent)) now.expired += 1;
    else if (presence === 'absent') {
      now.restorable += 1;
      now.bytes += intent.kept.dump.length;
    }
  });
  const others = due.filter(({ kept }) => kept === undefined);
  if (others.length === 0) return;
  const read = (names: readonly Buffer[]) => untilAnswered(() => readKeys({ session: session(), db, fields: [], exactExpiry: true }, names, null, signal), wait);
  const present = await read(others.map(({ name, to }) => to ?? name));
  const old = others.some(({ to }) => to !== undefined) ? await read(others.map(({ name }) => name)) : null;
  const cluster = session().facts().topology === 'cluster';
  others.forEach((intent, at) => {
    const item = present.items[at];
    if (intent.to !== undefined && old?.items[at]?.present === true) newer(intent);
    else if (item?.present !== true) now.expired += 1;
    else if (intent.to === undefined && item.expiry === intent.earlier) now.alreadySo += 1;
    else if (isOver(intent)) now.expired += 1;
    else if (intent.to === undefined && !isSameExpiry(item.expiry, intent.target, cluster)) newer(intent);
    else now.restorable += 1;
  });
}
