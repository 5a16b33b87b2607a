import { Menu } from '@mantine/core';
import { IconArrowDownRight, IconCamera, IconCopy, IconHourglass, IconList } from '@tabler/icons-react';
import { fromWire } from '../../../../shared/bytes.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { copyText } from '../../../lib/copy.ts';
import { ttlChangeAddress } from '../../../lib/ttl-link.ts';
import { groupFilter, groupName, ofType } from '../group-filter.ts';
import { useKeysPlace, type Opened } from '../keys-context.ts';

export interface GroupMenuAt {
  readonly group: Exclude<Opened, { kind: 'key' }>;
  /** Namespaces directly inside. */
  readonly folders: number;
  readonly x: number;
  readonly y: number;
}

interface GroupMenuProps {
  menu: GroupMenuAt | null;
  /** The figures are of the keys that pass a filter; what is done here is done to all of the namespace. */
  filtered: boolean;
  onClose: () => void;
  onInto: (menu: GroupMenuAt) => void;
  onShowKeys: (filter: KeyFilter) => void;
  onSnapshot: (filter: KeyFilter) => void;
}

const icon = { size: 14 };

/** What can be done with a namespace or a template, at the pointer. */
export function GroupMenu({ menu, filtered, onClose, onInto, onShowKeys, onSnapshot }: GroupMenuProps) {
  const { workspaceId, index } = useKeysPlace();
  if (menu === null) return null;
  const { group } = menu;
  const filter = groupFilter(group);
  return (
    <Menu opened onClose={onClose} position="bottom-start" offset={0} width={250} trapFocus returnFocus={false}>
      <Menu.Target>
        <span style={{ position: 'fixed', left: menu.x, top: menu.y, width: 1, height: 1 }} aria-hidden />
      </Menu.Target>
      <Menu.Dropdown>
        {group.kind === 'folder' && (
          <Menu.Item leftSection={<IconArrowDownRight {...icon} />} disabled={menu.folders === 0} onClick={() => onInto(menu)}>
            Look inside
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconList {...icon} />} onClick={() => onShowKeys(filter)}>
          Show its keys
        </Menu.Item>
        <Menu.Item leftSection={<IconCopy {...icon} />} onClick={() => void copyText(nameLine(fromWire(groupName(group))))}>
          {group.kind === 'folder' ? 'Copy prefix' : 'Copy template'}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconHourglass {...icon} />} onClick={() => window.location.assign(ttlChangeAddress(workspaceId, ofType(filter, index.where.type)))}>
          {filtered ? 'Change the expiry of all keys in it…' : 'Change the expiry of its keys…'}
        </Menu.Item>
        <Menu.Item leftSection={<IconCamera {...icon} />} onClick={() => setTimeout(() => onSnapshot(filter), 0)}>
          Snapshots…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
