import { Menu, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconPlugConnected } from '@tabler/icons-react';
import { useState } from 'react';
import type { Workspace } from '../../shared/contract/workspaces.ts';
import { useCommands } from '../lib/commands.ts';
import { navigate } from '../lib/navigation.ts';
import { useWorkspaces } from '../lib/workspaces.ts';
import { EnvironmentBadge, WorkspaceDot } from '../ui/environment.tsx';
import { Keys } from '../ui/kbd.tsx';
import classes from './workspace-switcher.module.css';

const shortcut = 'mod+o';
const shownAtOnce = 20;

/** Which workspace this window shows, and the way to another. */
export function WorkspaceSwitcher({ current }: { current: Workspace | null }) {
  const { data: workspaces } = useWorkspaces();
  const [opened, setOpened] = useState(false);
  useCommands([{ id: 'app.switch-workspace', title: 'Switch workspace', group: 'Go to', shortcut, run: () => setOpened(true) }]);
  return (
    <Menu opened={opened} onChange={setOpened} position="bottom-start" width={320}>
      <Menu.Target>
        <UnstyledButton className={classes['switcher'] ?? ''} aria-label={current === null ? 'Switch workspace: none is open' : `Switch workspace: ${current.name}, ${current.environment}`}>
          {current === null ? (
            <span className={classes['none']}>No workspace open</span>
          ) : (
            <>
              <WorkspaceDot colour={current.colour} />
              <span className={`${classes['name']} la-cut`}>{current.name}</span>
              <EnvironmentBadge environment={current.environment} />
            </>
          )}
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {workspaces !== undefined && workspaces.length > 0 && <Menu.Label>Workspaces</Menu.Label>}
        {workspaces?.slice(0, shownAtOnce).map((workspace) => (
          <Menu.Item
            key={workspace.id}
            leftSection={<WorkspaceDot colour={workspace.colour} />}
            rightSection={<EnvironmentBadge environment={workspace.environment} />}
            aria-current={workspace.id === current?.id || undefined}
            onClick={() => navigate({ screen: 'keys', workspaceId: workspace.id })}
          >
            <span className={`${classes['item']} la-cut`}>{workspace.name}</span>
          </Menu.Item>
        ))}
        {workspaces !== undefined && workspaces.length > 0 && <Menu.Divider />}
        <Menu.Item leftSection={<IconPlugConnected size={14} />} rightSection={<Keys shortcut="mod+shift+c" />} onClick={() => navigate({ screen: 'connections', workspaceId: null })}>
          All connections
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
