import { useMemo, useRef, useState, type ReactNode } from 'react';
import { copyText } from '../../../lib/copy.ts';
import { formatExact } from '../../../lib/format.ts';
import type { VirtualRowsHandle } from '../../../ui/virtual-rows.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { jsonPath, openAtFirst, parentsOf, searchNodes, visibleNodes, type JsonNode, type JsonTree } from './json-tree.ts';
import { TreeCopy } from './tree-copy.tsx';
import { TreeSearch } from './tree-search.tsx';
import { TreeView } from './tree-view.tsx';
import { useScrollGoal } from './use-scroll-goal.ts';
import classes from './value.module.css';

/** Characters of a scalar drawn in a row. */
const shownScalar = 400;

/** JSON as a tree; every scalar as it is written in the source. */
export function JsonView({ tree, before, after }: { tree: JsonTree; before?: ReactNode; after?: ReactNode }) {
  const [open, setOpen] = useState(() => openAtFirst(tree));
  const [active, setActive] = useState(0);
  const list = useRef<VirtualRowsHandle>(null);
  const scrollTo = useScrollGoal(list);
  const visible = useMemo(() => visibleNodes(tree, (index) => open.has(index)), [tree, open]);
  const nodeAt = (at: number) => tree.nodes[visible[at] ?? 0] as JsonNode;
  const sourceOf = (at: number) => tree.source.slice(nodeAt(at).start, nodeAt(at).end);
  const set = (at: number, wanted: boolean) =>
    setOpen((before) => {
      const next = new Set(before);
      if (wanted) next.add(visible[at] ?? 0);
      else next.delete(visible[at] ?? 0);
      return next;
    });
  const reveal = (index: number) => {
    const next = new Set([...open, ...parentsOf(tree, index)]);
    setOpen(next);
    const at = visibleNodes(tree, (each) => next.has(each)).indexOf(index);
    setActive(at);
    scrollTo(at);
  };
  return (
    <>
      <TreeSearch before={before} after={after} search={async (text) => searchNodes(tree, text)} onHit={reveal} />
      <TreeView
        ref={list}
        label="JSON"
        count={visible.length}
        active={active}
        onActive={setActive}
        onOpen={set}
        onCopy={(at) => void copyText(sourceOf(at))}
        path={jsonPath(tree, visible[active] ?? 0)}
        actions={<TreeCopy path={() => jsonPath(tree, visible[active] ?? 0)} value={async () => sourceOf(active)} />}
        line={(at) => {
          const index = visible[at] ?? 0;
          const node = nodeAt(at);
          return {
            depth: node.depth,
            open: node.children > 0 ? open.has(index) : null,
            parentAt: node.parent < 0 ? -1 : visible.lastIndexOf(node.parent, at),
            content: <JsonRow tree={tree} node={node} />,
          };
        }}
      />
    </>
  );
}

function JsonRow({ tree, node }: { tree: JsonTree; node: JsonNode }) {
  const parent = tree.nodes[node.parent];
  const holds = node.kind === 'object' || node.kind === 'array';
  return (
    <>
      {node.name !== null && <span className={classes['jsonName']}>{node.name.slice(1, -1)}</span>}
      {node.name === null && parent?.kind === 'array' && <span className={classes['jsonIndex']}>{node.index}</span>}
      {node.parent >= 0 && <span className={classes['jsonColon']}>:</span>}
      {holds ? (
        <span className={classes['jsonHolds']}>{node.kind === 'object' ? `{ ${formatExact(node.children)} }` : `[ ${formatExact(node.children)} ]`}</span>
      ) : (
        <span className="la-cut" data-json={node.kind}>
          <WireText value={tree.source.slice(node.start, Math.min(node.end, node.start + shownScalar))} multiline limit={shownScalar} />
        </span>
      )}
    </>
  );
}
