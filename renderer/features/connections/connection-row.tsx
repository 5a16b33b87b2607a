import { Button, Menu } from '@mantine/core';
import { IconCopy, IconDots, IconEdit, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Workspace } from '../../../shared/contract/workspaces.ts';
import { formatAgo, formatDateTime } from '../../lib/format.ts';
import { EnvironmentBadge, WorkspaceDot } from '../../ui/environment.tsx';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Keys } from '../../ui/kbd.tsx';
import { postgresTarget, redisTarget } from './target-words.ts';
import classes from './connection-list.module.css';

interface ConnectionRowProps {
  id: string;
  workspace: Workspace;
  now: number;
  selected: boolean;
  opening: boolean;
  onSelect: () => void;
  onOpen: () => void;
  onEdit: () => void;
  onDuplicate: () => void;
  onRemove: () => void;
}

function Target({ text }: { text: string | null }) {
  if (text === null) return <span className={classes['target']}>–</span>;
  return (
    <span className={`${classes['target']} la-mono la-cut`} title={text}>
      {text}
    </span>
  );
}

/** One workspace of the list. */
export function ConnectionRow({ id, workspace, now, selected, opening, onSelect, onOpen, onEdit, onDuplicate, onRemove }: ConnectionRowProps) {
  const [menu, setMenu] = useState(false);
  const { name, redis, postgres, lastOpenedAt, demo } = workspace;
  return (
    <div
      id={id}
      role="row"
      aria-selected={selected}
      className={classes['row']}
      onMouseDown={onSelect}
      onDoubleClick={onOpen}
      onContextMenu={(event) => {
        event.preventDefault();
        onSelect();
        setMenu(true);
      }}
    >
      <span role="gridcell" className={classes['name']}>
        <WorkspaceDot colour={workspace.colour} />
        <span className="la-cut" title={name}>
          {name}
        </span>
        {demo && <Badge tone="accent">demo</Badge>}
      </span>
      <span role="gridcell">
        <EnvironmentBadge environment={workspace.environment} />
      </span>
      <span role="gridcell" className="la-cut">
        <Target text={redis === null ? null : redisTarget(redis)} />
      </span>
      <span role="gridcell" className="la-cut">
        <Target text={postgres === null ? null : postgresTarget(postgres)} />
      </span>
      <span role="gridcell" className={`${classes['last']} la-number`} title={lastOpenedAt === null ? undefined : formatDateTime(lastOpenedAt)}>
        {lastOpenedAt === null ? 'never' : formatAgo(lastOpenedAt, now)}
      </span>
      <span role="gridcell" className={classes['actions']} onDoubleClick={(event) => event.stopPropagation()}>
        {!demo && <IconButton label={`Edit ${name}`} icon={<IconEdit size={15} />} onClick={onEdit} />}
        <Menu opened={menu} onChange={setMenu} position="bottom-end">
          <Menu.Target>
            <IconButton label={`More for ${name}`} icon={<IconDots size={15} />} />
          </Menu.Target>
          <Menu.Dropdown>
            {!demo && (
              <Menu.Item leftSection={<IconEdit size={14} />} rightSection={<Keys shortcut="e" />} onClick={onEdit}>
                Edit
              </Menu.Item>
            )}
            <Menu.Item leftSection={<IconCopy size={14} />} rightSection={<Keys shortcut="d" />} onClick={onDuplicate}>
              Duplicate
            </Menu.Item>
            {!demo && (
              <Menu.Item leftSection={<IconTrash size={14} />} rightSection={<Keys shortcut="delete" />} onClick={onRemove}>
                Remove
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
        <Button variant={selected ? 'filled' : 'default'} loading={opening} onClick={onOpen} aria-label={`Open ${name}`}>
          Open
        </Button>
      </span>
    </div>
  );
}
