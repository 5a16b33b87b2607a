import { useCallback, useEffect, useRef, useState } from 'react';
import type { KeyFactField } from '../../../shared/contract/key-filter.ts';
import type { IndexSnapshot } from '../../../shared/contract/keys.ts';
import type { Problem } from '../../../shared/contract/errors.ts';
import { useHost } from '../../lib/host.ts';
import { useSetting } from '../../lib/settings.ts';
import { useSnapshotStream } from '../../lib/streams.ts';
import { toProblem } from '../../lib/to-problem.ts';

export interface TtlIndex {
  snapshot: IndexSnapshot | null;
  problem: Problem | null;
  /** Reads these facts of every key; `refresh` reads them anew. */
  read: (fields: readonly KeyFactField[], refresh?: boolean) => void;
  pause: () => void;
  resume: () => void;
  retry: () => void;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one !== '');
}

/** Delimiters and budget as the key browser has them for this database: both screens share one index. */
export function useIndexSettings(workspaceId: string, db: number) {
  const [delimiters] = useSetting<readonly string[]>(`keys.delimiters.${workspaceId}.${db}`, [':'], isTexts);
  const [budget] = useSetting<string>(`keys.budget.${workspaceId}`, '');
  return { delimiters, budget };
}

/** Watches the index of a database, which starts or resumes its scan, and asks it to read facts. */
export function useTtlIndex(workspaceId: string, db: number): TtlIndex {
  const { client } = useHost();
  const { delimiters, budget } = useIndexSettings(workspaceId, db);
  const stream = useSnapshotStream<IndexSnapshot>((signal) => client.keys.index({ workspaceId, db }, { signal }), [client, workspaceId, db]);
  const [failure, setFailure] = useState<Problem | null>(null);
  const indexId = stream.snapshot?.indexId ?? null;

  const change = useCallback((call: Promise<IndexSnapshot>) => {
    call.then(
      () => setFailure(null),
      (error: unknown) => setFailure(toProblem(error)),
    );
  }, []);
  const words = JSON.stringify(delimiters);
  useEffect(() => {
    if (indexId !== null) change(client.keys.configure({ indexId, delimiters: JSON.parse(words) as string[], ...(budget === '' ? {} : { budget: Number(budget) }) }));
  }, [change, client, indexId, words, budget]);

  const withIndex = (call: (indexId: string) => Promise<IndexSnapshot>) => {
    if (indexId !== null) change(call(indexId));
  };
  return {
    snapshot: stream.snapshot,
    problem: stream.snapshot?.problem ?? stream.problem ?? failure,
    read: (fields, refresh = false) => withIndex((id) => client.keys.enrich({ indexId: id, fields: [...fields], refresh })),
    pause: () => withIndex((id) => client.keys.pause({ indexId: id })),
    resume: () => withIndex((id) => client.keys.resume({ indexId: id })),
    retry: () => {
      setFailure(null);
      stream.restart();
    },
  };
}

const stampEveryMs = 2000;

/** A text that changes with what is known of the keys: at most every two seconds, and at once when a pass begins or ends. */
export function useStamp(snapshot: IndexSnapshot | null): string {
  const facts = snapshot?.facts ?? null;
  const passes = snapshot === null ? '' : [snapshot.indexId, facts?.startedAt, facts?.completedAt, facts?.fields.join(), snapshot.state === 'done'].join(' ');
  const fine = snapshot === null ? '' : `${snapshot.version} ${facts?.known ?? 0}`;
  const [shown, setShown] = useState(fine);
  const last = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, last.current + stampEveryMs - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      setShown(fine);
    }, wait);
    return () => clearTimeout(timer);
  }, [fine]);
  return `${passes} ${shown}`;
}
