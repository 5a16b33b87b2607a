import { Menu } from '@mantine/core';
import { IconBraces, IconCopy, IconTerminal2 } from '@tabler/icons-react';
import { fromWire, type WireBytes } from '../../../../../shared/bytes.ts';
import type { Cut } from '../../../../../shared/contract/values.ts';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { nameLine } from '../../../../../shared/redis/cli-quote.ts';
import { copyText } from '../../../../lib/copy.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { useKeysPlace } from '../../keys-context.ts';
import { elementJson, readElementCommand, writeElementCommand, type CollectionType, type WholeElement } from './element-commands.ts';
import type { Item } from './items.tsx';

export interface ElementMenuAt {
  readonly item: Item;
  readonly x: number;
  readonly y: number;
}

interface ElementMenuProps {
  menu: ElementMenuAt | null;
  name: WireBytes;
  type: CollectionType;
  onClose: () => void;
  onProblem: (problem: Problem) => void;
}

const icon = { size: 14 };

/** What can be copied of one element, at the pointer. What the page has cut is read whole first. */
export function ElementMenu({ menu, name, type, onClose, onProblem }: ElementMenuProps) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  if (menu === null) return null;
  const { item } = menu;
  const whole = async (cut: Cut): Promise<WireBytes> => {
    if (!cut.truncated) return cut.data;
    const bytes = item.id.truncated ? { bytes: item.id.bytes } : {};
    return (await client.values.element({ workspaceId, db, name, type, id: item.id.data, ...bytes })).data;
  };
  const copy = (make: (element: WholeElement) => string) => {
    void (async () => {
      try {
        const value = await whole(item.value);
        const place = type === 'list' ? String(item.place ?? 0) : (item.score ?? '');
        await copyText(make({ type, place, field: item.field?.data ?? null, value }));
      } catch (error) {
        onProblem(toProblem(error));
      }
    })();
  };
  const cutField = item.field?.truncated === true;
  return (
    <Menu opened onClose={onClose} position="bottom-start" offset={0} width={250} trapFocus returnFocus={false}>
      <Menu.Target>
        <span style={{ position: 'fixed', left: menu.x, top: menu.y, width: 1, height: 1 }} aria-hidden />
      </Menu.Target>
      <Menu.Dropdown>
        {item.field !== null && (
          <Menu.Item disabled={cutField} leftSection={<IconCopy {...icon} />} onClick={() => void copyText(nameLine(fromWire(item.field?.data ?? '')))}>
            Copy field
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconCopy {...icon} />} onClick={() => copy(({ value }) => (typeof value === 'string' ? value : nameLine(fromWire(value))))}>
          {type === 'hash' || type === 'list' ? 'Copy value' : 'Copy member'}
        </Menu.Item>
        {type === 'zset' && (
          <Menu.Item leftSection={<IconCopy {...icon} />} onClick={() => void copyText(item.score ?? '')}>
            Copy score
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item disabled={cutField} leftSection={<IconTerminal2 {...icon} />} onClick={() => copy((element) => readElementCommand(name, element))}>
          Copy as redis-cli read
        </Menu.Item>
        <Menu.Item disabled={cutField} leftSection={<IconTerminal2 {...icon} />} onClick={() => copy((element) => writeElementCommand(name, element))}>
          Copy as redis-cli write
        </Menu.Item>
        <Menu.Item disabled={cutField} leftSection={<IconBraces {...icon} />} onClick={() => copy(elementJson)}>
          Copy as JSON
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
