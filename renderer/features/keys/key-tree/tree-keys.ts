import type { KeyboardEvent } from 'react';
import type { WireBytes } from '../../../../shared/bytes.ts';
import { fromWire, toWire } from '../../../../shared/bytes.ts';
import type { Row } from '../../../../shared/contract/keys.ts';
import type { RowStore } from '../row-store.ts';
import { selectOne, selectedRows, toggleOne, type Selection } from '../selection.ts';
import type { Signal } from '../signal.ts';

type Folder = Extract<Row, { kind: 'folder' }>;

export interface TreeKeys {
  store: RowStore;
  selecting: Signal<Selection>;
  toggleFolder: (row: Folder, open: boolean) => void;
  goTo: (at: number) => void;
  revealFolder: (prefix: WireBytes) => void;
  openMenu: (at: number) => void;
  selectEvery: () => void;
  onType: (character: string) => void;
  /** F2 and Delete on a key's row. */
  onEdit: (key: 'F2' | 'Delete', name: WireBytes) => void;
  onEscape: () => void;
}

/** Characters with a meaning of their own in the tree; all others begin a filter. */
const reserved = new Set([' ', '/', '?', 'g', 'n', 'e', 'E']);

/** Keys of the tree beyond those that every list has: `true` means used. */
export function handleTreeKey(tree: TreeKeys, event: KeyboardEvent, active: number): boolean {
  const control = event.ctrlKey || event.metaKey;
  const row = tree.store.snapshot().rows.get(active);
  if (control && event.key.toLowerCase() === 'a') {
    tree.selectEvery();
    return true;
  }
  if (event.key === ' ') {
    if (active >= 0) tree.selecting.set(toggleOne(tree.selecting.get(), active));
    return true;
  }
  if ((event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) && row) {
    tree.openMenu(active);
    return true;
  }
  if (event.key === 'Escape') {
    const selection = tree.selecting.get();
    if (selectedRows(selection) > 1 && selection.focus !== null) tree.selecting.set(selectOne(selection.focus));
    else tree.onEscape();
    return true;
  }
  if (control || event.altKey) return false;
  if ((event.key === 'F2' || event.key === 'Delete') && row?.kind === 'key') {
    tree.onEdit(event.key, row.name);
    return true;
  }
  if (event.key === 'ArrowRight' && row) return right(tree, row, active);
  if (event.key === 'ArrowLeft' && row) return left(tree, row, active);
  if (event.key.length === 1 && !reserved.has(event.key)) {
    tree.onType(event.key);
    return true;
  }
  return false;
}

function right(tree: TreeKeys, row: Row, active: number): boolean {
  if (row.kind !== 'folder') return false;
  if (row.open) tree.goTo(active + 1);
  else tree.toggleFolder(row, true);
  return true;
}

function left(tree: TreeKeys, row: Row, active: number): boolean {
  if (row.kind === 'folder' && row.open) {
    tree.toggleFolder(row, false);
    return true;
  }
  if (row.depth === 0) return false;
  const { rows } = tree.store.snapshot();
  for (let at = active - 1; at >= 0 && rows.has(at); at -= 1) {
    if ((rows.get(at) as Row).depth < row.depth) {
      tree.goTo(at);
      return true;
    }
  }
  tree.revealFolder(parentPrefix(row));
  return true;
}

/** What is left of a row's own segment: the prefix of the folder that holds it. */
export function parentPrefix(row: Row): WireBytes {
  const whole = fromWire(row.kind === 'folder' ? row.prefix : row.name);
  const own = fromWire(row.label).length;
  if (row.kind === 'key') return toWire(whole.subarray(0, whole.length - own));
  // A folder's prefix ends with its delimiter, one or more bytes after its label; the label itself stands where it
  // last fits before at least one byte of delimiter.
  for (let cut = whole.length - own - 1; cut >= 0; cut -= 1) {
    const label = fromWire(row.label);
    if (label.every((byte, at) => whole[cut + at] === byte)) return toWire(whole.subarray(0, cut));
  }
  return toWire(whole.subarray(0, 0));
}
