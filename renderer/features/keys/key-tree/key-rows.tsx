import { IconChevronRight, IconFolder } from '@tabler/icons-react';
import { memo, useCallback, useSyncExternalStore, type CSSProperties, type MouseEvent } from 'react';
import type { WireBytes } from '../../../../shared/bytes.ts';
import type { Row } from '../../../../shared/contract/keys.ts';
import { formatDuration, formatShare } from '../../../lib/format.ts';
import { Count } from '../../../ui/count.tsx';
import { TypeBadge } from '../../../ui/badge.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import type { KnownMeta, MetaCache } from '../meta-cache.ts';
import { useNow } from '../use-now.ts';
import classes from './key-tree.module.css';

type FolderRowData = Extract<Row, { kind: 'folder' }>;
type KeyRowData = Extract<Row, { kind: 'key' }>;

/** Characters of a name drawn in a row; what is longer is cut by the column anyway. */
const shownName = 160;

function depthStyle(depth: number): CSSProperties {
  // Beyond this depth the indentation stops so that names stay readable.
  return { '--depth': Math.min(depth, 24) } as CSSProperties;
}

interface FolderRowProps {
  row: FolderRowData;
  /** All keys of the view, for the bar. */
  total: number;
  onToggle: (row: FolderRowData) => void;
}

export const FolderRow = memo(function FolderRow({ row, total, onToggle }: FolderRowProps) {
  const share = total > 0 ? Math.min(1, row.keys / total) : 0;
  const toggle = (event: MouseEvent) => {
    event.stopPropagation();
    onToggle(row);
  };
  return (
    <div className={classes['cells']} style={depthStyle(row.depth)}>
      <span className={classes['name']} data-guides>
        <span className={classes['chevron']} data-open={row.open || undefined} onClick={toggle} onDoubleClick={(event) => event.stopPropagation()} aria-hidden>
          <IconChevronRight size={14} />
        </span>
        <IconFolder size={14} className={classes['folder'] ?? ''} aria-hidden />
        <span className="la-cut">
          <WireText value={row.label} limit={shownName} empty="(empty segment)" />
        </span>
      </span>
      <span className={classes['share']} title={`${formatShare(share)} of the keys in view`}>
        <span className={classes['bar']} style={{ width: `${share * 56}px` }} />
        <Count value={row.keys} exactness={row.exactness} />
      </span>
    </div>
  );
}, sameRow);

function sameRow(before: FolderRowProps, after: FolderRowProps): boolean {
  const a = before.row;
  const b = after.row;
  return (
    before.onToggle === after.onToggle &&
    before.total === after.total &&
    (a === b || (a.id === b.id && a.keys === b.keys && a.exactness === b.exactness && a.open === b.open && a.depth === b.depth))
  );
}

export const KeyRow = memo(
  function KeyRow({ row, mode, meta }: { row: KeyRowData; mode: 'tree' | 'list'; meta: MetaCache }) {
    const known = useMeta(meta, row.name);
    return (
      <div className={classes['cells']} style={depthStyle(mode === 'tree' ? row.depth : 0)} data-gone={known?.type === 'none' || undefined}>
        <span className={classes['name']} data-guides={mode === 'tree' || undefined} data-leaf={mode === 'tree' || undefined}>
          <span className="la-cut">
            <WireText value={mode === 'tree' ? row.label : row.name} limit={shownName} empty={mode === 'tree' && row.name !== '' ? '(empty segment)' : '(empty name)'} />
          </span>
        </span>
        <span className={classes['type']}>{known ? <TypeBadge type={known.type} /> : <span className={classes['pending']} aria-hidden />}</span>
        <span className={classes['ttl']}>{known && known.type !== 'none' && <RowTtl known={known} />}</span>
      </div>
    );
  },
  (before, after) => before.mode === after.mode && before.meta === after.meta && before.row.id === after.row.id && before.row.depth === after.row.depth,
);

function useMeta(meta: MetaCache, name: WireBytes): KnownMeta | undefined {
  const subscribe = useCallback((listener: () => void) => meta.subscribe(name, listener), [meta, name]);
  return useSyncExternalStore(subscribe, () => meta.get(name));
}

function RowTtl({ known }: { known: KnownMeta }) {
  if (known.expiresAt === null) return <span className={classes['noExpiry']}>no expiry</span>;
  return <Countdown expiresAt={known.expiresAt} />;
}

function Countdown({ expiresAt }: { expiresAt: number }) {
  const left = expiresAt - useNow();
  if (left <= 0) return <span className={classes['noExpiry']}>expired</span>;
  return <span className="la-number">{formatDuration(left < 60_000 ? Math.ceil(left / 1000) * 1000 : left)}</span>;
}
