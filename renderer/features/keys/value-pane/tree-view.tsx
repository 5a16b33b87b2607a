import { IconChevronRight } from '@tabler/icons-react';
import { useRef, type CSSProperties, type ReactNode, type Ref } from 'react';
import { VirtualRows, type VirtualRowsHandle } from '../../../ui/virtual-rows.tsx';
import classes from './value.module.css';

/** One line of a tree, whatever the tree is made of. */
export interface TreeLine {
  readonly depth: number;
  /** `null` when nothing is below it. */
  readonly open: boolean | null;
  /** Line of its parent, -1 at the root. */
  readonly parentAt: number;
  readonly content: ReactNode;
}

interface TreeViewProps {
  label: string;
  count: number;
  line: (at: number) => TreeLine;
  active: number;
  onActive: (at: number) => void;
  onOpen: (at: number, open: boolean) => void;
  /** Ctrl or Cmd with C on a line. */
  onCopy: (at: number) => void;
  /** Enter on a line that has nothing below it, for following a reference. */
  onFollow?: (at: number) => void;
  onRange?: (from: number, to: number) => void;
  /** Path of the active line. */
  path: string;
  /** Beside the path: copying. */
  actions?: ReactNode;
  ref?: Ref<VirtualRowsHandle>;
}

/** A tree to read: arrows open, close and move, and the path of the active line stands below. */
export function TreeView({ label, count, line, active, onActive, onOpen, onCopy, onFollow, onRange, path, actions, ref }: TreeViewProps) {
  const own = useRef<VirtualRowsHandle>(null);
  const toggle = (at: number) => {
    const { open } = line(at);
    if (open !== null) onOpen(at, !open);
    else onFollow?.(at);
  };
  return (
    <div className={classes['json']} data-value-focus>
      <VirtualRows
        ref={ref ?? own}
        label={label}
        role="tree"
        rowHeight={22}
        count={count}
        active={Math.min(active, count - 1)}
        onMove={onActive}
        onActivate={toggle}
        {...(onRange ? { onRange } : {})}
        rowAria={(at) => {
          const { depth, open } = line(at);
          return { 'aria-level': depth + 1, ...(open === null ? {} : { 'aria-expanded': open }) };
        }}
        onKey={(event, at) => {
          if (at < 0 || at >= count) return false;
          const { open, parentAt } = line(at);
          if (event.key === 'ArrowRight' && open !== null) {
            if (open) onActive(Math.min(count - 1, at + 1));
            else onOpen(at, true);
            return true;
          }
          if (event.key === 'ArrowLeft') {
            if (open === true) onOpen(at, false);
            else if (parentAt >= 0) onActive(parentAt);
            return true;
          }
          if ((event.ctrlKey || event.metaKey) && event.key === 'c' && window.getSelection()?.isCollapsed !== false) {
            onCopy(at);
            return true;
          }
          return false;
        }}
        renderRow={(at) => {
          const { depth, open, content } = line(at);
          return (
            <div className={`${classes['jsonRow']} la-mono`} style={{ '--depth': Math.min(depth, 40) } as CSSProperties}>
              <span className={classes['jsonChevron']} data-open={open === true || undefined} onClick={() => toggle(at)} onDoubleClick={(event) => event.stopPropagation()} aria-hidden>
                {open !== null && <IconChevronRight size={12} />}
              </span>
              {content}
            </div>
          );
        }}
      />
      <div className={classes['jsonPath']}>
        <span className="la-mono la-cut" title="Path of the row">
          {path}
        </span>
        {actions}
      </div>
    </div>
  );
}
