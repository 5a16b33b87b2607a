import { IconChevronRight, IconFolder } from '@tabler/icons-react';
import { memo, useCallback, useSyncExternalStore, type CSSProperties, type MouseEvent, type ReactNode } from 'react';
import type { WireBytes } from '../../../../shared/bytes.ts';
import type { StoredFacts } from '../../../../shared/contract/key-facts.ts';
import type { Row } from '../../../../shared/contract/keys.ts';
import { formatDateTime, formatDuration, formatShare } from '../../../lib/format.ts';
import { Bytes } from '../../../ui/bytes.tsx';
import { Count } from '../../../ui/count.tsx';
import { TypeBadge } from '../../../ui/badge.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import type { KeyColumn } from '../columns/columns.ts';
import { GroupBytes, TtlSplit, TypeMix } from '../facts/group-cells.tsx';
import type { KnownMeta, MetaCache } from '../meta-cache.ts';
import { useNow } from '../use-now.ts';
import columnClasses from '../columns/columns.module.css';
import classes from './key-tree.module.css';

type FolderRowData = Extract<Row, { kind: 'folder' }>;
type KeyRowData = Extract<Row, { kind: 'key' }>;

/** Characters of a name drawn in a row; what is longer is cut by the column anyway. */
const shownName = 160;

function depthStyle(depth: number): CSSProperties {
  // Beyond this depth the indentation stops so that names stay readable.
  return { '--depth': Math.min(depth, 24) } as CSSProperties;
}

function Cell({ column, right = false, title, children }: { column: KeyColumn; right?: boolean; title?: string | undefined; children?: ReactNode }) {
  return (
    <span className={columnClasses['cell']} data-align={right ? 'right' : 'left'} style={{ width: `var(--w-${column})` }} title={title}>
      {children}
    </span>
  );
}

interface FolderRowProps {
  row: FolderRowData;
  columns: readonly KeyColumn[];
  /** All keys of the view, for the bar. */
  total: number;
  onToggle: (row: FolderRowData) => void;
}

export const FolderRow = memo(function FolderRow({ row, columns, total, onToggle }: FolderRowProps) {
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
      {columns.map((column) => (
        <FolderCell key={column} column={column} row={row} total={total} />
      ))}
    </div>
  );
}, sameFolder);

function FolderCell({ column, row, total }: { column: KeyColumn; row: FolderRowData; total: number }) {
  if (column === 'keys') return <Share row={row} total={total} />;
  const { facts } = row;
  return (
    <Cell column={column} right={column === 'bytes'}>
      {facts !== null && column === 'type' && <TypeMix types={facts.types} />}
      {facts !== null && column === 'ttl' && <TtlSplit split={facts.ttl} />}
      {facts !== null && column === 'bytes' && <GroupBytes estimate={facts.bytes} />}
    </Cell>
  );
}

function Share({ row, total }: { row: FolderRowData; total: number }) {
  const share = total > 0 ? Math.min(1, row.keys / total) : 0;
  return (
    <span className={classes['share']} style={{ width: 'var(--w-keys)' }} title={`${formatShare(share)} of the keys in view`}>
      <span className={classes['bar']} style={{ width: `${share * 100}%` }} />
      <span className={classes['shareCount']}>
        <Count value={row.keys} exactness={row.exactness} />
      </span>
    </span>
  );
}

function sameFolder(before: FolderRowProps, after: FolderRowProps): boolean {
  const a = before.row;
  const b = after.row;
  return (
    before.onToggle === after.onToggle &&
    before.total === after.total &&
    before.columns === after.columns &&
    (a === b || (a.id === b.id && a.keys === b.keys && a.exactness === b.exactness && a.open === b.open && a.depth === b.depth && JSON.stringify(a.facts) === JSON.stringify(b.facts)))
  );
}

interface KeyRowProps {
  row: KeyRowData;
  columns: readonly KeyColumn[];
  mode: 'tree' | 'list';
  meta: MetaCache;
}

export const KeyRow = memo(
  function KeyRow({ row, columns, mode, meta }: KeyRowProps) {
    const known = useMeta(meta, row.name);
    return (
      <div className={classes['cells']} style={depthStyle(mode === 'tree' ? row.depth : 0)} data-gone={known?.type === 'none' || undefined}>
        <span className={classes['name']} data-guides={mode === 'tree' || undefined} data-leaf={mode === 'tree' || undefined}>
          <span className="la-cut">
            <WireText value={mode === 'tree' ? row.label : row.name} limit={shownName} empty={mode === 'tree' && row.name !== '' ? '(empty segment)' : '(empty name)'} />
          </span>
        </span>
        {columns.map((column) => (
          <KeyCell key={column} column={column} facts={row.facts} known={known} mode={mode} />
        ))}
      </div>
    );
  },
  (before, after) =>
    before.mode === after.mode &&
    before.meta === after.meta &&
    before.columns === after.columns &&
    before.row.id === after.row.id &&
    before.row.depth === after.row.depth &&
    (before.row.facts === after.row.facts || JSON.stringify(before.row.facts) === JSON.stringify(after.row.facts)),
);

/** Type and TTL are read from the server for the keys in view; the rest is what the pass over all keys has read. */
function KeyCell({ column, facts, known, mode }: { column: KeyColumn; facts: StoredFacts | null; known: KnownMeta | undefined; mode: 'tree' | 'list' }) {
  if (column === 'type') {
    const type = known?.type ?? facts?.type ?? null;
    return <Cell column="type">{type === null ? <span className={classes['pending']} aria-hidden /> : <TypeBadge type={type} />}</Cell>;
  }
  if (column === 'ttl') {
    return (
      <Cell column="ttl" right={mode === 'list'}>
        {known !== undefined && known.type !== 'none' && <RowTtl expiresAt={known.expiresAt} />}
        {known === undefined && facts !== null && facts.expiresAt !== null && <RowTtl expiresAt={facts.expiresAt === 'none' ? null : facts.expiresAt} />}
      </Cell>
    );
  }
  if (column === 'keys') return <Cell column="keys" />;
  if (facts === null || known?.type === 'none') return <Cell column={column} />;
  return (
    <Cell column={column} right={column !== 'encoding'} title={`read ${formatDateTime(facts.at)}`}>
      {column === 'bytes' && facts.bytes !== null && <Bytes value={facts.bytes} />}
      {column === 'elements' && facts.elements !== null && <Count value={facts.elements} compact />}
      {column === 'recency' && <Recency facts={facts} />}
      {column === 'encoding' && facts.encoding}
    </Cell>
  );
}

function Recency({ facts }: { facts: StoredFacts }) {
  if (facts.idleSeconds !== null) return <span className="la-number">{formatDuration(facts.idleSeconds * 1000)}</span>;
  return facts.frequency === null ? null : <Count value={facts.frequency} />;
}

function useMeta(meta: MetaCache, name: WireBytes): KnownMeta | undefined {
  const subscribe = useCallback((listener: () => void) => meta.subscribe(name, listener), [meta, name]);
  return useSyncExternalStore(subscribe, () => meta.get(name));
}

function RowTtl({ expiresAt }: { expiresAt: number | null }) {
  if (expiresAt === null) return <span className={classes['noExpiry']}>no expiry</span>;
  return <Countdown expiresAt={expiresAt} />;
}

function Countdown({ expiresAt }: { expiresAt: number }) {
  const left = expiresAt - useNow();
  if (left <= 0) return <span className={classes['noExpiry']}>expired</span>;
  return <span className="la-number">{formatDuration(left < 60_000 ? Math.ceil(left / 1000) * 1000 : left)}</span>;
}
