import { useCommands } from '../../lib/commands.ts';
import { surfaces, type Surface } from './use-key-settings.ts';
import type { KeyIndex } from './use-key-index.ts';

interface Wanted {
  surface: Surface;
  onSurface: (surface: Surface) => void;
  index: KeyIndex;
  viewReady: boolean;
  filtered: boolean;
  onExport: () => void;
  onSnapshots: () => void;
  onClearFilter: () => void;
}

const titles: Record<Surface, { title: string; keywords: string }> = {
  tree: { title: 'Show keys as a tree', keywords: 'folders' },
  list: { title: 'Show keys as a list', keywords: 'flat sort' },
  namespaces: { title: 'Show namespaces', keywords: 'table folders biggest templates' },
  treemap: { title: 'Show the treemap', keywords: 'memory map biggest' },
  top: { title: 'Show the top keys', keywords: 'biggest largest idle hot' },
};

/** Actions of the left pane for the palette. */
export function useKeyCommands({ surface, onSurface, index, viewReady, filtered, onExport, onSnapshots, onClearFilter }: Wanted): void {
  useCommands([
    { id: 'keys.tree-list', title: surface === 'tree' ? titles.list.title : titles.tree.title, group: 'Keys', shortcut: 'shift+l', run: () => onSurface(surface === 'tree' ? 'list' : 'tree') },
    ...surfaces
      .filter((one) => one !== surface && one !== (surface === 'tree' ? 'list' : 'tree'))
      .map((one) => ({ id: `keys.show.${one}`, title: titles[one].title, keywords: titles[one].keywords, group: 'Keys', run: () => onSurface(one) })),
    { id: 'keys.rescan', title: 'Scan the keyspace again', group: 'Keys', keywords: 'reload refresh restart index', run: index.restart },
    { id: 'keys.pause', title: 'Pause the scan', group: 'Keys', run: index.pause },
    { id: 'keys.resume', title: 'Resume the scan', group: 'Keys', run: index.resume },
    { id: 'keys.export', title: 'Export the keys in view', group: 'Keys', keywords: 'names csv json lines text file', enabled: viewReady, run: onExport },
    { id: 'keys.snapshots', title: 'Keyspace snapshots', group: 'Keys', keywords: 'save compare grew vanished sketch', run: onSnapshots },
    { id: 'keys.filter.clear', title: 'Clear the filter', group: 'Keys', enabled: filtered, run: onClearFilter },
  ]);
}
