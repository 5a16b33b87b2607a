import { Button, Group, Modal } from '@mantine/core';
import { IconEraser } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import type { Row, RowPage } from '../../../shared/contract/keys.ts';
import type { Problem } from '../../../shared/contract/errors.ts';
import { copyText } from '../../lib/copy.ts';
import { formatBytes, formatDuration, formatExact } from '../../lib/format.ts';
import { useHost } from '../../lib/host.ts';
import { useNow } from '../../lib/now.ts';
import { openInvalidateNames } from '../../lib/open-invalidate.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { wireLabel } from '../../lib/wire-text.ts';
import { TypeBadge } from '../../ui/badge.tsx';
import { Count } from '../../ui/count.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadingRows } from '../../ui/loading-rows.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import { tellProblem } from '../../ui/tell-problem.ts';
import { VirtualRows } from '../../ui/virtual-rows.tsx';
import { WireText } from '../../ui/wire-text-view.tsx';
import { listOfView } from './key-list.ts';
import { useTtlPlace, type KeysQuestion } from './ttl-place.ts';
import classes from './keys-dialog.module.css';

const pageRows = 200;

/** A view over the index that lists the keys of one filter by time left, read in pages as they come into view. */
function useKeyRows(indexId: string | null, filter: KeyFilter) {
  const { client } = useHost();
  const { hasTtl } = useTtlPlace();
  const [view, setView] = useState<{ viewId: string; total: number; exactness: RowPage['exactness'] } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [pages, setPages] = useState<ReadonlyMap<number, readonly Row[]>>(new Map());
  const asked = useRef(new Set<number>());
  /** The view has gone to the list that a change gathers, which closes it. */
  const handed = useRef<string | null>(null);

  useEffect(() => {
    if (indexId === null) return undefined;
    let left = false;
    let opened: string | null = null;
    const close = (viewId: string) => client.keys.closeView({ viewId }).catch(() => undefined);
    const open = async () => {
      try {
        const { viewId } = await client.keys.openView({ index: indexId, mode: 'list', filter, sort: hasTtl ? { by: 'ttl', descending: false } : null, expanded: [] });
        opened = viewId;
        let page = await client.keys.rows({ viewId, from: 0, count: pageRows });
        while (page.sorting && !left) page = await client.keys.rows({ viewId, from: 0, count: pageRows });
        if (left) return;
        asked.current = new Set([0]);
        setPages(new Map([[0, page.rows]]));
        setView({ viewId, total: page.total, exactness: page.exactness });
      } catch (error) {
        if (!left) setProblem(toProblem(error));
      }
      if (left && opened !== null) void close(opened);
    };
    void open();
    return () => {
      left = true;
      if (opened !== null && opened !== handed.current) void close(opened);
    };
  }, [client, indexId, filter, hasTtl]);

  const onRange = useCallback(
    (from: number, to: number) => {
      if (view === null) return;
      for (let page = Math.floor(from / pageRows); page * pageRows < Math.min(to, view.total); page += 1) {
        if (asked.current.has(page)) continue;
        asked.current.add(page);
        client.keys.rows({ viewId: view.viewId, from: page * pageRows, count: pageRows }).then(
          (answer) => setPages((before) => new Map(before).set(page, answer.rows)),
          (error: unknown) => {
            asked.current.delete(page);
            setProblem(toProblem(error));
          },
        );
      }
    },
    [client, view],
  );
  const rowAt = (index: number): Row | undefined => pages.get(Math.floor(index / pageRows))?.[index % pageRows];
  const handOver = (label: string) => {
    if (view === null) return null;
    handed.current = view.viewId;
    return listOfView(client, Promise.resolve(view), label, view.total);
  };
  return { view, problem, rowAt, onRange, handOver };
}

function KeyLine({ row, now }: { row: Row | undefined; now: number }) {
  if (row?.kind !== 'key') return <span className={classes['line']}>…</span>;
  const expiresAt = row.facts?.expiresAt ?? null;
  const type = row.facts?.type ?? null;
  const bytes = row.facts?.bytes ?? null;
  const left = expiresAt === null ? '' : expiresAt === 'none' ? 'no expiry' : expiresAt <= now ? 'time is up' : formatDuration(Math.floor((expiresAt - now) / 1000) * 1000);
  return (
    <span className={classes['line']}>
      <span className={`${classes['name']} la-mono la-cut`}>
        <WireText value={row.name} limit={300} />
      </span>
      <span className={classes['type']}>{type !== null && <TypeBadge type={type} />}</span>
      <span className={`${classes['ttl']} la-number`}>{left}</span>
      <span className={`${classes['bytes']} la-number`}>{bytes === null ? '' : formatBytes(bytes)}</span>
    </span>
  );
}

/** The keys behind a figure: a list by time left, from which their expiry can be changed. */
export function KeysDialog({ question, onClose }: { question: KeysQuestion | null; onClose: () => void }) {
  return (
    <Modal opened={question !== null} onClose={onClose} title={question?.title ?? ''} size={860}>
      {question !== null && <KeysBody question={question} onClose={onClose} />}
    </Modal>
  );
}

function KeysBody({ question, onClose }: { question: KeysQuestion; onClose: () => void }) {
  const { client } = useHost();
  const { workspaceId, db, indexId, openChange, clockSkewMs } = useTtlPlace();
  // The range of time left is that of the moment when the list was asked for.
  const filter = useMemo(() => question.filter(), [question]);
  const { view, problem, rowAt, onRange, handOver } = useKeyRows(indexId, filter);
  const [active, setActive] = useState(0);
  const now = useNow(1000) + clockSkewMs;
  const row = rowAt(active);
  const change = () => {
    const list = handOver(question.title);
    if (list !== null) openChange({ list });
  };
  const invalidate = () => {
    const list = handOver(question.title);
    if (list === null) return;
    openInvalidateNames(client, { workspaceId, db }, question.title, list.page).then(onClose, tellProblem).finally(list.close);
  };
  if (problem !== null && view === null) return <ProblemView problem={problem} />;
  return (
    <>
      <div className={classes['list']}>
        {view === null ? (
          <LoadingRows rows={10} label="Listing the keys" />
        ) : view.total === 0 ? (
          <EmptyState title="No such keys any more">They have expired or changed since they were counted. Read again to bring the figures up to date.</EmptyState>
        ) : (
          <VirtualRows
            label="Keys"
            role="listbox"
            count={view.total}
            active={active}
            onMove={setActive}
            onRange={onRange}
            onActivate={() => {
              if (row?.kind === 'key') void copyText(wireLabel(row.name));
            }}
            renderRow={(index) => <KeyLine row={rowAt(index)} now={now} />}
            rowAria={(index) => {
              const at = rowAt(index);
              return { 'aria-label': at?.kind === 'key' ? wireLabel(at.name) : 'Not read yet' };
            }}
          />
        )}
      </div>
      {problem !== null && <ProblemView problem={problem} tone="warning" />}
      <Group gap={8} mt={12}>
        <span className={classes['count']}>{view !== null && <Count value={view.total} exactness={view.exactness} unit={view.total === 1 ? 'key' : 'keys'} />}</span>
        <Button variant="default" disabled={row?.kind !== 'key'} onClick={() => row?.kind === 'key' && void copyText(wireLabel(row.name)).catch(tellProblem)}>
          Copy the name
        </Button>
        <Button variant="default" onClick={onClose} data-autofocus>
          Close
        </Button>
        <Button variant="default" leftSection={<IconEraser size={14} />} disabled={view === null || view.total === 0} onClick={invalidate}>
          Invalidate…
        </Button>
        <Button disabled={view === null || view.total === 0} onClick={change}>
          Change the expiry of {view === null ? 'these' : formatExact(view.total)} keys
        </Button>
      </Group>
    </>
  );
}
