import type { ViewSort } from '../../../shared/contract/key-facts.ts';
import { useCommands } from '../../lib/commands.ts';
import { surfaces, type Surface } from './use-key-settings.ts';
import type { KeyIndex } from './use-key-index.ts';

interface Wanted {
  surface: Surface;
  onSurface: (surface: Surface) => void;
  onSort: (sort: ViewSort) => void;
  index: KeyIndex;
  viewReady: boolean;
  filtered: boolean;
  onExport: () => void;
  onSnapshots: () => void;
  onClearFilter: () => void;
  onInvalidate: () => void;
}

const titles: Record<Surface, { title: string; keywords: string }> = {
  tree: { title: 'Show keys as a tree', keywords: 'folders' },
  list: { title: 'Show keys as a list', keywords: 'flat sort' },
  namespaces: { title: 'Show namespaces', keywords: 'table folders biggest templates' },
  treemap: { title: 'Show the treemap', keywords: 'memory map biggest' },
  top: { title: 'Show the top keys', keywords: 'biggest largest idle hot' },
};

const sorts: readonly { by: ViewSort['by']; words: string; descending: boolean }[] = [
  { by: 'name', words: 'name', descending: false },
  { by: 'type', words: 'type', descending: false },
  { by: 'ttl', words: 'time left, soonest first', descending: false },
  { by: 'bytes', words: 'size, biggest first', descending: true },
  { by: 'elements', words: 'elements, most first', descending: true },
  { by: 'idle', words: 'idle time, longest first', descending: true },
  { by: 'frequency', words: 'access frequency, highest first', descending: true },
];

/** Actions of the left pane for the palette. */
export function useKeyCommands({ surface, onSurface, onSort, index, viewReady, filtered, onExport, onSnapshots, onClearFilter, onInvalidate }: Wanted): void {
  useCommands([
    { id: 'keys.tree-list', title: surface === 'tree' ? titles.list.title : titles.tree.title, group: 'Keys', shortcut: 'shift+l', run: () => onSurface(surface === 'tree' ? 'list' : 'tree') },
    ...surfaces
      .filter((one) => one !== surface && one !== (surface === 'tree' ? 'list' : 'tree'))
      .map((one) => ({ id: `keys.show.${one}`, title: titles[one].title, keywords: titles[one].keywords, group: 'Keys', run: () => onSurface(one) })),
    ...sorts.map(({ by, words, descending }) => ({
      id: `keys.sort.${by}`,
      title: `Sort keys by ${words}`,
      keywords: 'order list',
      group: 'Keys',
      run: () => {
        onSurface('list');
        onSort({ by, descending });
      },
    })),
    { id: 'keys.rescan', title: 'Scan the keyspace again', group: 'Keys', keywords: 'reload refresh restart index', run: index.restart },
    { id: 'keys.pause', title: 'Pause the scan', group: 'Keys', run: index.pause },
    { id: 'keys.resume', title: 'Resume the scan', group: 'Keys', run: index.resume },
    { id: 'keys.export', title: 'Export the keys in view', group: 'Keys', keywords: 'names csv json lines text file', enabled: viewReady, run: onExport },
    { id: 'keys.snapshots', title: 'Keyspace snapshots', group: 'Keys', keywords: 'save compare grew vanished sketch', run: onSnapshots },
    { id: 'keys.invalidate', title: filtered ? 'Invalidate the keys that the filter takes' : 'Invalidate keys', group: 'Keys', keywords: 'delete unlink flush bulk', run: onInvalidate },
    { id: 'keys.filter.clear', title: 'Clear the filter', group: 'Keys', enabled: filtered, run: onClearFilter },
  ]);
}
