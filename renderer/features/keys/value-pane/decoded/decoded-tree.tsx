import { useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import type { DecodedValue, TreeRow } from '../../../../../shared/contract/decode.ts';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { copyText } from '../../../../lib/copy.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import type { VirtualRowsHandle } from '../../../../ui/virtual-rows.tsx';
import { TreeCopy } from '../tree-copy.tsx';
import { TreeSearch } from '../tree-search.tsx';
import { TreeView } from '../tree-view.tsx';
import { useScrollGoal } from '../use-scroll-goal.ts';
import { addRows, firstRows, missingPages, pathOf, slotsOf, type RowsByParent, type Slot } from './decoded-rows.ts';
import { DecodedRow } from './decoded-row.tsx';

interface DecodedTreeProps {
  decodeId: string;
  label: string;
  view: Extract<DecodedValue['view'], { kind: 'tree' }>;
  /** The decoded value is not kept any more. */
  onStale: () => void;
  /** Before and after the search, on its line. */
  before: ReactNode;
  after: ReactNode;
}

type Place = readonly { parent: number; index: number }[];

/** A decoded value as a tree; rows come in pages as they scroll into view. */
export function DecodedTree({ decodeId, label, view, onStale, before, after }: DecodedTreeProps) {
  const { client } = useHost();
  const [state, setState] = useState(() => firstRows(view));
  const [active, setActive] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = useRef(new Set<string>());
  const list = useRef<VirtualRowsHandle>(null);
  const scrollTo = useScrollGoal(list);
  const { known, open } = state;
  const slots = useMemo(() => slotsOf(view.root, known, open), [view, known, open]);

  const failed = useCallback(
    (error: unknown) => {
      const said = toProblem(error);
      if (said.code === 'NOT_FOUND') onStale();
      else setProblem(said);
    },
    [onStale],
  );
  const load = useCallback(
    async (parent: number, from: number, count: number) => (await client.decode.rows({ decodeId, parent, from, count })).rows,
    [client, decodeId],
  );
  const fill = useCallback(
    (from: number, to: number) => {
      for (const page of missingPages(slots, from, to)) {
        const key = `${page.parent} ${page.from}`;
        if (asked.current.has(key)) continue;
        asked.current.add(key);
        const children = slots.find(({ row }) => row?.id === page.parent)?.row?.children ?? 0;
        load(page.parent, page.from, page.count).then(
          (rows) => setState((before) => ({ ...before, known: addRows(before.known, page.parent, children, page.from, rows) })),
          (error: unknown) => {
            asked.current.delete(key);
            failed(error);
          },
        );
      }
    },
    [slots, load, failed],
  );
  const setOpen = (at: number, wanted: boolean) => {
    const id = slots[at]?.row?.id;
    if (id === undefined) return;
    setState((before) => {
      const next = new Set(before.open);
      if (wanted) next.add(id);
      else next.delete(id);
      return { ...before, open: next };
    });
  };

  /** Opens everything on the way to a row, loading what is missing, and goes there. */
  const reveal = async (place: Place) => {
    try {
      let rows: RowsByParent = known;
      const opened = new Set(open);
      let row: TreeRow | undefined = view.root;
      for (const { parent, index } of place) {
        if (rows.get(parent)?.[index] === undefined) {
          const from = Math.max(0, index - 50);
          rows = addRows(rows, parent, row?.children ?? 0, from, await load(parent, from, 100));
        }
        opened.add(parent);
        row = rows.get(parent)?.[index];
      }
      const reached = row?.id;
      setState((before) => ({ known: merge(before.known, rows), open: opened }));
      const at = slotsOf(view.root, rows, opened).findIndex((slot) => slot.row?.id === reached);
      setActive(at);
      scrollTo(at);
    } catch (error) {
      failed(error);
    }
  };
  const textOf = async (at: number, form: 'json' | 'value') => (await client.decode.text({ decodeId, id: slots[at]?.row?.id ?? view.root.id, form })).text;
  const follow = (at: number) => {
    const target = slots[at]?.row?.target;
    if (target === null || target === undefined) return;
    client.decode.place({ decodeId, id: target }).then(({ place }) => reveal(place), failed);
  };
  return (
    <>
      <TreeSearch
        before={before}
        after={after}
        search={async (text) => client.decode.search({ decodeId, text })}
        onHit={({ place }) => void reveal(place)}
      />
      {problem && <ProblemView problem={problem} onRetry={() => setProblem(null)} />}
      <TreeView
        ref={list}
        label={label}
        count={slots.length}
        active={active}
        onActive={setActive}
        onOpen={setOpen}
        onFollow={follow}
        onCopy={(at) => void textOf(at, 'value').then(copyText, failed)}
        onRange={fill}
        path={pathOf(slots, active)}
        actions={<TreeCopy path={() => pathOf(slots, active)} value={() => textOf(active, 'value')} json={() => textOf(active, 'json')} />}
        line={(at) => {
          const slot = slots[at] as Slot;
          return {
            depth: slot.depth,
            open: slot.row !== null && slot.row.children > 0 ? open.has(slot.row.id) : null,
            parentAt: slot.parentAt,
            content: <DecodedRow slot={slot} onFollow={() => follow(at)} />,
          };
        }}
      />
    </>
  );
}

/** Both: what came meanwhile, and what was loaded for a way. */
function merge(a: RowsByParent, b: RowsByParent): RowsByParent {
  const next = new Map(a);
  for (const [parent, rows] of b) {
    const own = next.get(parent);
    next.set(parent, own === undefined ? rows : rows.map((row, at) => row ?? own[at]));
  }
  return next;
}
