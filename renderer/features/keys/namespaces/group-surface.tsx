import type { WireBytes } from '../../../../shared/bytes.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { useKeysPlace, type Opened } from '../keys-context.ts';
import { useSignal } from '../signal.ts';
import { TopKeys } from '../top/top-keys.tsx';
import { NamespacesView } from './namespaces-view.tsx';
import { TreemapView } from './treemap-view.tsx';

export interface GroupSurfaceProps {
  surface: 'namespaces' | 'treemap' | 'top';
  /** The filtered view that is asked about; `null` = every key. */
  viewId: string | null;
  parent: WireBytes | null;
  onParent: (parent: WireBytes | null) => void;
  delimiters: readonly string[];
  onOpen: (opened: Opened) => void;
  onActivateKey: () => void;
  /** Leaves for the table of namespaces. */
  onTable: () => void;
  /** Leaves for the list of the keys that pass a filter. */
  onShowKeys: (filter: KeyFilter) => void;
  onSnapshot: (filter: KeyFilter) => void;
}

/** Questions about many keys at once, in place of the rows. */
export function GroupSurface({ surface, ...props }: GroupSurfaceProps) {
  const { index } = useKeysPlace();
  const indexId = useSignal(index.feed, (feed) => feed.snapshot?.indexId ?? null);
  if (indexId === null) return <LoadingRows rows={14} label="Loading" />;
  if (surface === 'top') return <TopKeys indexId={indexId} viewId={props.viewId} onOpen={props.onOpen} onActivateKey={props.onActivateKey} />;
  // Folders are another thing under other delimiters.
  const key = JSON.stringify(props.delimiters);
  return surface === 'treemap' ? <TreemapView key={key} indexId={indexId} {...props} /> : <NamespacesView key={key} indexId={indexId} {...props} />;
}
