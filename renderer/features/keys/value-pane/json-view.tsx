import { IconChevronRight } from '@tabler/icons-react';
import { useMemo, useState, type CSSProperties } from 'react';
import { copyText } from '../../../lib/copy.ts';
import { formatExact } from '../../../lib/format.ts';
import { VirtualRows } from '../../../ui/virtual-rows.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { jsonPath, openAtFirst, visibleNodes, type JsonNode, type JsonTree } from './json-tree.ts';
import classes from './value.module.css';

/** Characters of a scalar drawn in a row. */
const shownScalar = 400;

/** JSON as a tree; every scalar as it is written in the source. */
export function JsonView({ tree }: { tree: JsonTree }) {
  const [open, setOpen] = useState(() => openAtFirst(tree));
  const [active, setActive] = useState(0);
  const visible = useMemo(() => visibleNodes(tree, (index) => open.has(index)), [tree, open]);
  const nodeAt = (at: number) => tree.nodes[visible[at] ?? 0] as JsonNode;
  const set = (index: number, wanted: boolean) =>
    setOpen((before) => {
      const next = new Set(before);
      if (wanted) next.add(index);
      else next.delete(index);
      return next;
    });
  const toggle = (at: number) => {
    const index = visible[at];
    if (index !== undefined && nodeAt(at).children > 0) set(index, !open.has(index));
  };
  return (
    <div className={classes['json']} data-value-focus>
      <VirtualRows
        label="JSON"
        role="tree"
        rowHeight={22}
        count={visible.length}
        active={Math.min(active, visible.length - 1)}
        onMove={setActive}
        onActivate={toggle}
        rowAria={(at) => {
          const node = nodeAt(at);
          return { 'aria-level': node.depth + 1, ...(node.children > 0 ? { 'aria-expanded': open.has(visible[at] ?? -1) } : {}) };
        }}
        onKey={(event, at) => {
          const index = visible[at];
          if (index === undefined) return false;
          const node = nodeAt(at);
          if (event.key === 'ArrowRight' && node.children > 0) {
            if (open.has(index)) setActive(at + 1);
            else set(index, true);
            return true;
          }
          if (event.key === 'ArrowLeft') {
            if (node.children > 0 && open.has(index)) set(index, false);
            else if (node.parent >= 0) setActive(visible.indexOf(node.parent));
            return true;
          }
          if ((event.ctrlKey || event.metaKey) && event.key === 'c' && window.getSelection()?.isCollapsed !== false) {
            void copyText(tree.source.slice(node.start, node.end));
            return true;
          }
          return false;
        }}
        renderRow={(at) => <JsonRow tree={tree} index={visible[at] ?? 0} open={open.has(visible[at] ?? -1)} onToggle={() => toggle(at)} />}
      />
      <div className={classes['jsonPath']} title="Path of the row">
        <span className="la-mono la-cut">{jsonPath(tree, visible[active] ?? 0)}</span>
      </div>
    </div>
  );
}

function JsonRow({ tree, index, open, onToggle }: { tree: JsonTree; index: number; open: boolean; onToggle: () => void }) {
  const node = tree.nodes[index] as JsonNode;
  const parent = tree.nodes[node.parent];
  const holds = node.kind === 'object' || node.kind === 'array';
  return (
    <div className={`${classes['jsonRow']} la-mono`} style={{ '--depth': Math.min(node.depth, 40) } as CSSProperties}>
      <span className={classes['jsonChevron']} data-open={open || undefined} onClick={onToggle} onDoubleClick={(event) => event.stopPropagation()} aria-hidden>
        {node.children > 0 && <IconChevronRight size={12} />}
      </span>
      {node.name !== null && <span className={classes['jsonName']}>{node.name.slice(1, -1)}</span>}
      {node.name === null && parent?.kind === 'array' && <span className={classes['jsonIndex']}>{node.index}</span>}
      {node.parent >= 0 && <span className={classes['jsonColon']}>:</span>}
      {holds ? (
        <span className={classes['jsonHolds']}>
          {node.kind === 'object' ? `{ ${formatExact(node.children)} }` : `[ ${formatExact(node.children)} ]`}
        </span>
      ) : (
        <span className="la-cut" data-json={node.kind}>
          <WireText value={tree.source.slice(node.start, Math.min(node.end, node.start + shownScalar))} multiline limit={shownScalar} />
        </span>
      )}
    </div>
  );
}
