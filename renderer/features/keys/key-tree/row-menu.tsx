import { Menu } from '@mantine/core';
import { IconCamera, IconChevronsDown, IconChevronsUp, IconClockEdit, IconCopy, IconCopyPlus, IconCursorText, IconDownload, IconEraser, IconFilter, IconHourglass, IconLayoutDashboard, IconListDetails, IconTable, IconTerminal2, IconTrash } from '@tabler/icons-react';
import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { Row } from '../../../../shared/contract/keys.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { copyText } from '../../../lib/copy.ts';
import { useHost } from '../../../lib/host.ts';
import { openInvalidate, openInvalidateNames } from '../../../lib/open-invalidate.ts';
import { tellProblem } from '../../../ui/tell-problem.ts';
import { fieldTtlsAddress, ttlChangeAddress, ttlNamesAddress } from '../../../lib/ttl-link.ts';
import { prefixPattern, readCommand, scanCommand } from '../cli-commands.ts';
import type { ExportTarget } from '../export-dialog.tsx';
import { groupFilter, ofType } from '../group-filter.ts';
import { isFiltered } from '../key-filter.ts';
import { useKeysPlace } from '../keys-context.ts';
import type { KeyView } from '../use-key-view.ts';
import { useEdits } from '../value-pane/edit/edits-context.ts';

export interface MenuAt {
  readonly row: Row;
  readonly at: number;
  readonly x: number;
  readonly y: number;
}

/** What the pane around the rows can do with a folder. */
export interface RowMenuActions {
  onExport: (what: ExportTarget) => void;
  onNamespaces: (prefix: WireBytes) => void;
  onTreemap: (prefix: WireBytes) => void;
  onSnapshot: (prefix: WireBytes) => void;
}

interface RowMenuProps {
  menu: MenuAt | null;
  view: KeyView;
  onClose: () => void;
  actions: RowMenuActions;
  onFilterFolder: (prefix: WireBytes) => void;
  onToggle: (folderId: number, open: boolean, deep: boolean) => void;
}

const icon = { size: 14 };

/** What can be done with one row, at the pointer. */
export function RowMenu({ menu, view, actions, onClose, onFilterFolder, onToggle }: RowMenuProps) {
  if (menu === null) return null;
  return (
    <Menu opened onClose={onClose} position="bottom-start" offset={0} width={250} trapFocus returnFocus={false}>
      <Menu.Target>
        <span style={{ position: 'fixed', left: menu.x, top: menu.y, width: 1, height: 1 }} aria-hidden />
      </Menu.Target>
      <Menu.Dropdown>
        {menu.row.kind === 'key' ? (
          <KeyItems row={menu.row} />
        ) : (
          <FolderItems row={menu.row} view={view} actions={actions} onFilterFolder={onFilterFolder} onToggle={onToggle} />
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function KeyItems({ row }: { row: Extract<Row, { kind: 'key' }> }) {
  const { client } = useHost();
  const { meta, workspaceId, db } = useKeysPlace();
  const edits = useEdits();
  const type = row.facts?.type ?? meta.get(row.name)?.type ?? null;
  const ask = (kind: 'rename' | 'copy' | 'expiry') => () => edits.ask({ kind, name: row.name, facts: null });
  const copyCommand = async () => {
    const known = meta.get(row.name)?.type ?? (await client.keys.meta({ workspaceId, db, names: [row.name] }).catch(() => []))[0]?.type ?? '';
    await copyText(readCommand(row.name, known));
  };
  return (
    <>
      <Menu.Item leftSection={<IconCopy {...icon} />} onClick={() => void copyText(nameLine(fromWire(row.name)))}>
        Copy name
      </Menu.Item>
      <Menu.Item leftSection={<IconTerminal2 {...icon} />} onClick={() => void copyCommand()}>
        Copy as redis-cli command
      </Menu.Item>
      <Menu.Divider />
      {edits.blocked !== '' && <Menu.Label>{edits.blocked}</Menu.Label>}
      <Menu.Item leftSection={<IconCursorText {...icon} />} disabled={edits.blocked !== ''} onClick={ask('rename')}>
        Rename
      </Menu.Item>
      <Menu.Item leftSection={<IconCopyPlus {...icon} />} disabled={edits.blocked !== ''} onClick={ask('copy')}>
        Copy to another name
      </Menu.Item>
      <Menu.Item leftSection={<IconClockEdit {...icon} />} disabled={edits.blocked !== ''} onClick={ask('expiry')}>
        Set the expiry
      </Menu.Item>
      <Menu.Item leftSection={<IconHourglass {...icon} />} onClick={() => window.location.assign(ttlNamesAddress(workspaceId, [row.name]))}>
        Change its expiry with preview…
      </Menu.Item>
      {type === 'hash' && (
        <Menu.Item leftSection={<IconListDetails {...icon} />} onClick={() => window.location.assign(fieldTtlsAddress(workspaceId, row.name))}>
          Expiry of its fields
        </Menu.Item>
      )}
      <Menu.Item color="red" leftSection={<IconTrash {...icon} />} disabled={edits.blocked !== ''} onClick={() => edits.remove(row.name, null)}>
        Delete
      </Menu.Item>
      <Menu.Item leftSection={<IconEraser {...icon} />} onClick={() => openInvalidateNames(client, { workspaceId, db }, 'one key', (from) => Promise.resolve(from === 0 ? [row.name] : [])).catch(tellProblem)}>
        Invalidate…
      </Menu.Item>
    </>
  );
}

type FolderItemsProps = Omit<RowMenuProps, 'menu' | 'onClose'> & { row: Extract<Row, { kind: 'folder' }> };

function FolderItems({ row, view, actions, onFilterFolder, onToggle }: FolderItemsProps) {
  const { workspaceId, db, index } = useKeysPlace();
  const expiryOf = ofType(groupFilter({ kind: 'folder', prefix: row.prefix }), index.where.type);
  return (
    <>
      <Menu.Item leftSection={<IconCopy {...icon} />} onClick={() => void copyText(nameLine(fromWire(row.prefix)))}>
        Copy prefix
      </Menu.Item>
      <Menu.Item leftSection={<IconCopy {...icon} />} onClick={() => void copyText(nameLine(fromWire(prefixPattern(row.prefix))))}>
        Copy pattern (glob-escaped)
      </Menu.Item>
      <Menu.Item leftSection={<IconTerminal2 {...icon} />} onClick={() => void copyText(scanCommand(row.prefix))}>
        Copy as redis-cli SCAN
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<IconFilter {...icon} />} onClick={() => onFilterFolder(row.prefix)}>
        Filter to this folder
      </Menu.Item>
      <Menu.Item leftSection={<IconChevronsDown {...icon} />} onClick={() => onToggle(row.id, true, true)}>
        Expand all below
      </Menu.Item>
      <Menu.Item leftSection={<IconChevronsUp {...icon} />} onClick={() => onToggle(row.id, false, true)}>
        Collapse all below
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<IconTable {...icon} />} onClick={() => actions.onNamespaces(row.prefix)}>
        Show its namespaces
      </Menu.Item>
      <Menu.Item leftSection={<IconLayoutDashboard {...icon} />} onClick={() => actions.onTreemap(row.prefix)}>
        Show as treemap
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<IconHourglass {...icon} />} onClick={() => window.location.assign(ttlChangeAddress(workspaceId, expiryOf))}>
        {isFiltered(view.filter) ? 'Change the expiry of all keys in it…' : 'Change the expiry of its keys…'}
      </Menu.Item>
      <Menu.Item leftSection={<IconDownload {...icon} />} onClick={() => setTimeout(() => actions.onExport({ viewId: view.viewId, folderId: row.id, prefix: row.prefix }), 0)}>
        Export the folder…
      </Menu.Item>
      <Menu.Item leftSection={<IconCamera {...icon} />} onClick={() => setTimeout(() => actions.onSnapshot(row.prefix), 0)}>
        Snapshots…
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<IconEraser {...icon} />} onClick={() => openInvalidate(workspaceId, { kind: 'filter', db, filter: { pattern: row.prefix, mode: 'prefix' } })}>
        Invalidate all below…
      </Menu.Item>
    </>
  );
}
