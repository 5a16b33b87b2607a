import { Button } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useCallback, useEffect, useState, type CSSProperties } from 'react';
import type { JsonChild } from '../../../../../shared/contract/values-special.ts';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { copyText } from '../../../../lib/copy.ts';
import { formatExact, plural } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { VirtualRows } from '../../../../ui/virtual-rows.tsx';
import { WireText } from '../../../../ui/wire-text-view.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import type { ValueProps } from '../value-body.tsx';
import classes from '../value.module.css';

const perPage = 100;

/** What of the document is loaded: the children of each opened path. */
interface Loaded {
  readonly items: readonly JsonChild[];
  readonly length: number;
  readonly kind: string;
}

type Shown = { readonly depth: number; readonly path: string } & ({ readonly child: JsonChild } | { readonly more: number });

/** Rows in their order, from what is loaded and open. */
function rowsOf(loaded: ReadonlyMap<string, Loaded>, open: ReadonlySet<string>, path: string, depth: number): Shown[] {
  const node = loaded.get(path);
  if (node === undefined) return [];
  const rows = node.items.flatMap((child): Shown[] => [{ depth, path: child.path, child }, ...(open.has(child.path) ? rowsOf(loaded, open, child.path, depth + 1) : [])]);
  const left = node.length - node.items.length;
  return left > 0 ? [...rows, { depth, path, more: left }] : rows;
}

function holds(child: JsonChild): boolean {
  return child.kind === 'object' || child.kind === 'array';
}

/** A document of the RedisJSON module, read path by path. */
export function JsonDocument({ facts, round, onGone }: ValueProps) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const { name } = facts;
  const [loaded, setLoaded] = useState<ReadonlyMap<string, Loaded>>(new Map());
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(['$']));
  const [root, setRoot] = useState<JsonChild | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [active, setActive] = useState(0);

  const load = useCallback(
    async (path: string, from: number) => {
      try {
        const node = await client.values.jsonNode({ workspaceId, db, name, path, from, count: perPage });
        if (path === '$') setRoot({ name: null, index: 0, path, kind: node.kind, length: node.length, text: node.text });
        setLoaded((before) => {
          const items = from === 0 ? node.items : [...(before.get(path)?.items ?? []), ...node.items];
          return new Map(before).set(path, { items, length: node.kind === 'object' || node.kind === 'array' ? (node.length ?? items.length) : 0, kind: node.kind });
        });
        setProblem(null);
      } catch (error) {
        const met = toProblem(error);
        if (met.code === 'KEY_GONE' || met.code === 'REDIS_WRONG_TYPE') onGone();
        setProblem(met);
      }
    },
    [client, workspaceId, db, name, onGone],
  );
  useEffect(() => {
    setLoaded(new Map());
    setOpen(new Set(['$']));
    void load('$', 0);
  }, [load, round]);

  if (problem && root === null) return <ProblemView fills problem={problem} onRetry={() => void load('$', 0)} />;
  if (root === null) return <LoadingRows rows={8} label="Reading the document" />;
  const rows: Shown[] = [{ depth: 0, path: '$', child: root }, ...(open.has('$') ? rowsOf(loaded, open, '$', 1) : [])];
  const toggle = (row: Shown | undefined, wanted?: boolean) => {
    if (row === undefined) return;
    if ('more' in row) return void load(row.path, loaded.get(row.path)?.items.length ?? 0);
    if (!holds(row.child)) return;
    const opening = wanted ?? !open.has(row.path);
    setOpen((before) => {
      const next = new Set(before);
      if (opening) next.add(row.path);
      else next.delete(row.path);
      return next;
    });
    if (opening && !loaded.has(row.path)) void load(row.path, 0);
  };
  const chosen = rows[Math.min(active, rows.length - 1)];
  return (
    <div className={classes['json']} data-value-focus>
      {problem && <ProblemView problem={problem} onRetry={() => setProblem(null)} retryLabel="Dismiss" />}
      <VirtualRows
        label="JSON"
        role="tree"
        count={rows.length}
        active={Math.min(active, rows.length - 1)}
        rowKey={(at) => `${rows[at]?.path ?? ''} ${rows[at] !== undefined && 'more' in rows[at] ? 'more' : ''}`}
        rowAria={(at) => {
          const row = rows[at];
          return { 'aria-level': (row?.depth ?? 0) + 1, ...(row !== undefined && 'child' in row && holds(row.child) ? { 'aria-expanded': open.has(row.path) } : {}) };
        }}
        onMove={(at, { by }) => {
          setActive(at);
          if (by === 'pointer') toggle(rows[at]);
        }}
        onActivate={(at) => toggle(rows[at])}
        onKey={(event, at) => {
          if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return false;
          toggle(rows[at], event.key === 'ArrowRight');
          return true;
        }}
        renderRow={(at) => {
          const row = rows[at];
          return row && <Row row={row} open={open.has(row.path)} />;
        }}
      />
      <div className={`${classes['jsonPath']} la-mono`}>
        <span className="la-cut">{chosen?.path}</span>
        <span className={classes['spring']} />
        <Button variant="subtle" color="gray" onClick={() => void copyText(chosen?.path ?? '')}>
          Copy path
        </Button>
      </div>
    </div>
  );
}

function Row({ row, open }: { row: Shown; open: boolean }) {
  if ('more' in row) {
    return (
      <div className={`${classes['jsonRow']} la-mono`} style={{ '--depth': Math.min(row.depth, 40) } as CSSProperties}>
        <span className={classes['link']}>Load the next of {formatExact(row.more)} more</span>
      </div>
    );
  }
  const { child } = row;
  return (
    <div className={`${classes['jsonRow']} la-mono`} style={{ '--depth': Math.min(row.depth, 40) } as CSSProperties}>
      <span className={classes['jsonChevron']} data-open={open || undefined}>
        {holds(child) && <IconChevronRight size={14} />}
      </span>
      {child.name !== null && (
        <>
          <span className={classes['jsonName']}>
            <WireText value={JSON.stringify(child.name)} limit={200} />
          </span>
          <span className={classes['jsonColon']}>:</span>
        </>
      )}
      {child.name === null && row.depth > 0 && <span className={classes['jsonIndex']}>{child.index}:</span>}
      {holds(child) ? (
        <span className={classes['jsonHolds']}>
          {child.kind === 'object' ? '{}' : '[]'} {plural(child.length ?? 0, child.kind === 'object' ? 'member' : 'element')}
        </span>
      ) : child.text === null ? (
        <span className={classes['jsonHolds']}>string of {plural(child.length ?? 0, 'character')}</span>
      ) : (
        <span data-json={child.kind === 'integer' ? 'number' : child.kind} className="la-cut">
          <WireText value={child.text.data} limit={400} />
        </span>
      )}
    </div>
  );
}
