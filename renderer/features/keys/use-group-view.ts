import { useEffect, useState } from 'react';
import type { Problem } from '../../../shared/contract/errors.ts';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import { useHost } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { useSignal } from './signal.ts';
import type { KeyIndex } from './use-key-index.ts';

/** A view of the host that nobody scrolls: so that questions can be asked about the keys that pass a filter. */
export function useGroupView(index: KeyIndex, filter: KeyFilter): { indexId: string | null; viewId: string | null; problem: Problem | null; retry: () => void } {
  const { client } = useHost();
  const indexId = useSignal(index.feed, (feed) => feed.snapshot?.indexId ?? null);
  const [opened, setOpened] = useState<{ viewId: string; of: string } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const key = `${indexId} ${round} ${JSON.stringify(filter)}`;
  useEffect(() => {
    if (indexId === null) return undefined;
    let left = false;
    let mine: string | null = null;
    // A view that is gone already needs no closing; with the host itself gone there is nobody to tell.
    const close = (viewId: string) => client.keys.closeView({ viewId }).catch(() => undefined);
    client.keys.openView({ index: indexId, mode: 'tree', filter, expanded: [] }).then(
      ({ viewId }) => {
        mine = viewId;
        if (left) void close(viewId);
        else {
          setOpened({ viewId, of: key });
          setProblem(null);
        }
      },
      (error: unknown) => {
        if (!left) setProblem(toProblem(error));
      },
    );
    return () => {
      left = true;
      if (mine !== null) void close(mine);
    };
    // Equal filters have equal keys.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [client, key]);
  return { indexId, viewId: opened !== null && opened.of === key ? opened.viewId : null, problem, retry: () => setRound((before) => before + 1) };
}
