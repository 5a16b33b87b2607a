import { IconArrowUp } from '@tabler/icons-react';
import { fromWire, toWire, type WireBytes } from '../../../../shared/bytes.ts';
import { Delimiters, splitKeyName } from '../../../../shared/redis/key-name.ts';
import { IconButton } from '../../../ui/icon-button.tsx';
import { PathCrumbs } from '../key-tree/breadcrumbs.tsx';
import classes from './namespaces.module.css';

/** The folder that holds a folder; `null` = the root. */
export function parentOf(prefix: WireBytes, delimiters: readonly string[]): WireBytes | null {
  const bytes = fromWire(prefix);
  const segments = splitKeyName(bytes, new Delimiters(delimiters));
  const end = segments.at(-3)?.end;
  return end === undefined ? null : toWire(bytes.subarray(0, end));
}

interface PlacePathProps {
  parent: WireBytes | null;
  onParent: (parent: WireBytes | null) => void;
  delimiters: readonly string[];
}

/** Where the table or the treemap looks, and the ways back up. */
export function PlacePath({ parent, onParent, delimiters }: PlacePathProps) {
  return (
    <nav className={classes['path']} aria-label="Namespace">
      <IconButton label="Up one level" icon={<IconArrowUp size={14} />} disabled={parent === null} onClick={() => parent !== null && onParent(parentOf(parent, delimiters))} />
      <button type="button" className={classes['root']} aria-current={parent === null ? 'true' : undefined} onClick={() => onParent(null)}>
        All keys
      </button>
      {parent !== null && <PathCrumbs name={parent} isKey={false} delimiters={delimiters} onFolder={onParent} />}
    </nav>
  );
}
