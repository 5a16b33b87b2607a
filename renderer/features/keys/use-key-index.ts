import { useEffect, useMemo, useRef } from 'react';
import type { FactsState } from '../../../shared/contract/key-facts.ts';
import type { KeyFactField } from '../../../shared/contract/key-filter.ts';
import type { IndexSnapshot } from '../../../shared/contract/keys.ts';
import type { Problem } from '../../../shared/contract/errors.ts';
import { useHost } from '../../lib/host.ts';
import { useSnapshotStream } from '../../lib/streams.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { Signal, useSignal } from './signal.ts';

export interface IndexFeed {
  readonly snapshot: IndexSnapshot | null;
  /** Why the stream ended, or why the last pause, resume or change of budget failed. */
  readonly problem: Problem | null;
}

export interface KeyIndex {
  readonly where: IndexWhere;
  readonly feed: Signal<IndexFeed>;
  /** The state of facts; one object as long as nothing of it that columns show has changed. */
  readonly facts: Signal<FactsState | null>;
  /** How often a new pass was asked for, or a retry after a failure. */
  readonly restarts: Signal<number>;
  pause: () => void;
  resume: () => void;
  /** Walks the keyspace again; rows stay in view meanwhile. */
  restart: () => void;
  configure: (change: { delimiters?: string[]; budget?: number }) => void;
  /** Reads facts of every key; no fields forgets them. `refresh` reads again what is held. */
  enrich: (fields: KeyFactField[], refresh: boolean) => void;
}

export interface IndexWhere {
  workspaceId: string;
  db: number;
  /** SCAN TYPE; `null` = all types. */
  type: string | null;
}

/**
 * Watches the index of a database, which starts or resumes its scan. The snapshots go into a signal: whoever needs a
 * part of one follows that part, and the screen does not draw five times a second. Mount `IndexFollower` once.
 */
export function useKeyIndex({ workspaceId, db, type }: IndexWhere): KeyIndex {
  const { client } = useHost();
  return useMemo<KeyIndex>(() => {
    const feed = new Signal<IndexFeed>({ snapshot: null, problem: null });
    const facts = new Signal<FactsState | null>(null);
    feed.subscribe(() => {
      const now = feed.get().snapshot?.facts ?? null;
      const before = facts.get();
      if (before === null || now === null || before.recency !== now.recency || before.completedAt !== now.completedAt || before.fields.join(' ') !== now.fields.join(' ')) facts.set(now);
    });
    const restarts = new Signal(0);
    const change = (call: (indexId: string) => Promise<IndexSnapshot>) => {
      const indexId = feed.get().snapshot?.indexId;
      if (indexId === undefined) return;
      call(indexId).then(
        (snapshot) => {
          const now = feed.get().snapshot;
          // The answer can come later than a newer snapshot of the stream, perhaps the last one of it.
          const late = now !== null && now.indexId === snapshot.indexId && now.version > snapshot.version;
          feed.set({ snapshot: late ? now : snapshot, problem: null });
        },
        (error: unknown) => feed.set({ ...feed.get(), problem: toProblem(error) }),
      );
    };
    return {
      where: { workspaceId, db, type },
      feed,
      facts,
      restarts,
      pause: () => change((indexId) => client.keys.pause({ indexId })),
      resume: () => change((indexId) => client.keys.resume({ indexId })),
      configure: (wanted) => change((indexId) => client.keys.configure({ indexId, ...wanted })),
      enrich: (fields, refresh) => change((indexId) => client.keys.enrich({ indexId, fields, refresh })),
      restart: () => restarts.set(restarts.get() + 1),
    };
    // A new place is a new feed: the old one's rows and states mean nothing there.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [client, workspaceId, db, type]);
}

/** Keeps the stream open while mounted and feeds the signal; draws nothing. */
export function IndexFollower({ index, where }: { index: KeyIndex; where: IndexWhere }) {
  const { client } = useHost();
  const restarts = useSignal(index.restarts, (round) => round);
  const { workspaceId, db, type } = where;
  const done = useRef(0);
  const stream = useSnapshotStream<IndexSnapshot>(
    (signal) => {
      const restart = restarts > done.current;
      done.current = restarts;
      return client.keys.index({ workspaceId, db, type, restart }, { signal });
    },
    [client, workspaceId, db, type, restarts],
  );
  const { snapshot, problem } = stream;
  useEffect(() => {
    if (snapshot !== null || problem !== null) index.feed.set({ snapshot: snapshot ?? index.feed.get().snapshot, problem });
  }, [index, snapshot, problem]);
  return null;
}
