import { Menu } from '@mantine/core';
import { IconChevronsDown, IconChevronsUp, IconCopy, IconDownload, IconFilter, IconTerminal2, IconTrash, IconClockEdit, IconCopyPlus, IconCursorText } from '@tabler/icons-react';
import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import type { Row } from '../../../../shared/contract/keys.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { copyText } from '../../../lib/copy.ts';
import { useHost } from '../../../lib/host.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { prefixPattern, readCommand, scanCommand } from '../cli-commands.ts';
import { useKeysPlace } from '../keys-context.ts';
import type { KeyView } from '../use-key-view.ts';
import { useEdits } from '../value-pane/edit/edits-context.ts';

export interface MenuAt {
  readonly row: Row;
  readonly at: number;
  readonly x: number;
  readonly y: number;
}

interface RowMenuProps {
  menu: MenuAt | null;
  view: KeyView;
  onClose: () => void;
  onFilterFolder: (prefix: WireBytes) => void;
  onToggle: (folderId: number, open: boolean, deep: boolean) => void;
  onProblem: (problem: Problem) => void;
}

const icon = { size: 14 };

/** What can be done with one row, at the pointer. */
export function RowMenu({ menu, view, onClose, onFilterFolder, onToggle, onProblem }: RowMenuProps) {
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
          <FolderItems row={menu.row} view={view} onFilterFolder={onFilterFolder} onToggle={onToggle} onProblem={onProblem} />
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function KeyItems({ row }: { row: Extract<Row, { kind: 'key' }> }) {
  const { client } = useHost();
  const { meta, workspaceId, db } = useKeysPlace();
  const edits = useEdits();
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
      <Menu.Item color="red" leftSection={<IconTrash {...icon} />} disabled={edits.blocked !== ''} onClick={() => edits.remove(row.name, null)}>
        Delete
      </Menu.Item>
    </>
  );
}

type FolderItemsProps = Omit<RowMenuProps, 'menu' | 'onClose'> & { row: Extract<Row, { kind: 'folder' }> };

function FolderItems({ row, view, onFilterFolder, onToggle, onProblem }: FolderItemsProps) {
  const { client } = useHost();
  const exportNames = (format: 'lines' | 'jsonl') => {
    client.keys.exportNames({ viewId: view.viewId, folderId: row.id, format }).catch((error: unknown) => onProblem(toProblem(error)));
  };
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
      <Menu.Item leftSection={<IconDownload {...icon} />} onClick={() => exportNames('lines')}>
        Export names as text
      </Menu.Item>
      <Menu.Item leftSection={<IconDownload {...icon} />} onClick={() => exportNames('jsonl')}>
        Export names as JSON lines
      </Menu.Item>
    </>
  );
}
