import { useCallback, useEffect, useRef, useState } from 'react';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import type { SearchSnapshot } from '../../../../../shared/contract/value-work.ts';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { useHost } from '../../../../lib/host.ts';
import { useSnapshotStream } from '../../../../lib/streams.ts';
import { toProblem } from '../../../../lib/to-problem.ts';

export interface SearchFor {
  readonly needle: WireBytes;
  readonly bytes: number;
  readonly ignoreCase: boolean;
}

export interface StringSearch {
  readonly snapshot: SearchSnapshot | null;
  readonly problem: Problem | null;
  /** Number of the match that is shown, from 0; `null` before the first. */
  readonly at: number | null;
  readonly asked: SearchFor | null;
  readonly stopped: boolean;
  search: (wanted: SearchFor) => void;
  stop: () => void;
  /** Shows the match so many further; goes round at the ends. */
  step: (by: 1 | -1) => void;
  clear: () => void;
}

const perPage = 1000;

/** A search over the whole of one string: it runs in the host, matches are pulled by number as they are shown. */
export function useStringSearch(where: { workspaceId: string; db: number; name: WireBytes }, onMatch: (offset: number, bytes: number) => void): StringSearch {
  const { client } = useHost();
  const [asked, setAsked] = useState<SearchFor | null>(null);
  const [round, setRound] = useState(0);
  const [stopped, setStopped] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  const [failed, setFailed] = useState<Problem | null>(null);
  const pages = useRef(new Map<number, number[]>());
  const last = useRef<SearchSnapshot | null>(null);
  const { snapshot: live, problem } = useSnapshotStream(
    asked === null || stopped ? null : (signal) => client.valueWork.search({ ...where, needle: asked.needle, ignoreCase: asked.ignoreCase }, { signal }),
    [client, where.workspaceId, where.db, where.name, asked, round],
  );
  if (live !== null) last.current = live;
  const snapshot = asked === null ? null : (live ?? (stopped ? last.current : null));

  const show = useCallback(
    async (number: number) => {
      if (snapshot === null || asked === null) return;
      const page = Math.floor(number / perPage);
      try {
        let offsets = pages.current.get(page);
        if (offsets === undefined || offsets[number % perPage] === undefined) {
          ({ offsets } = await client.valueWork.searchMatches({ searchId: snapshot.searchId, from: page * perPage, count: perPage }));
          pages.current.set(page, offsets);
        }
        const offset = offsets[number % perPage];
        if (offset === undefined) return;
        setAt(number);
        onMatch(offset, asked.bytes);
      } catch (error) {
        setFailed(toProblem(error));
      }
    },
    [client, snapshot, asked, onMatch],
  );
  const first = snapshot !== null && snapshot.kept > 0 && at === null;
  useEffect(() => {
    if (first) void show(0);
  }, [first, show]);

  const begin = (wanted: SearchFor | null) => {
    pages.current = new Map();
    last.current = null;
    setAsked(wanted);
    setAt(null);
    setFailed(null);
    setStopped(false);
    setRound((before) => before + 1);
  };
  return {
    snapshot,
    problem: failed ?? problem,
    at,
    asked,
    stopped,
    search: begin,
    stop: () => setStopped(true),
    step: (by) => {
      const kept = snapshot?.kept ?? 0;
      if (kept > 0) void show(((at ?? (by === 1 ? -1 : 0)) + by + kept) % kept);
    },
    clear: () => begin(null),
  };
}
