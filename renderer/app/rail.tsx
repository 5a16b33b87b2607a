import { UnstyledButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useCommands } from '../lib/commands.ts';
import { navigate, type Route } from '../lib/navigation.ts';
import { shortcutKeys } from '../lib/shortcut-keys.ts';
import { useWorkspace } from '../lib/workspaces.ts';
import { Tip } from '../ui/tip.tsx';
import { screens, type Screen } from './screens.tsx';
import classes from './shell.module.css';

/** The workspace of the address, or the one that was shown last, as long as it exists. */
function useLastWorkspaceId(route: Route): string | null {
  const [last, setLast] = useState(route.workspaceId);
  const workspace = useWorkspace(last);
  useEffect(() => {
    if (route.workspaceId !== null) setLast(route.workspaceId);
  }, [route.workspaceId]);
  return route.workspaceId ?? workspace?.id ?? null;
}

/** The screens as icons. Those that need a workspace wait until one is open. */
export function Rail({ route }: { route: Route }) {
  const workspaceId = useLastWorkspaceId(route);
  const go = (screen: Screen) => {
    if (!screen.needsWorkspace) navigate({ screen: screen.id, workspaceId: null });
    else if (workspaceId !== null) navigate({ screen: screen.id, workspaceId });
  };
  useCommands(
    screens.map((screen) => ({
      id: `go.${screen.id}`,
      title: `Go to ${screen.title.toLowerCase()}`,
      group: 'Go to',
      shortcut: screen.shortcut,
      ...(screen.menu === undefined ? {} : { menu: screen.menu }),
      enabled: !screen.needsWorkspace || workspaceId !== null,
      run: () => go(screen),
    })),
  );
  return (
    <nav className={classes['rail']} aria-label="Screens">
      {screens.map((screen) => {
        const waits = screen.needsWorkspace && workspaceId === null;
        const keys = shortcutKeys(screen.shortcut).join(' ');
        return (
          <Tip key={screen.id} label={waits ? `${screen.title}: open a workspace first` : `${screen.title} (${keys})`} position="right">
            <UnstyledButton
              className={classes['place'] ?? ''}
              aria-label={screen.title}
              aria-current={route.screen === screen.id ? 'page' : undefined}
              aria-disabled={waits}
              onClick={() => go(screen)}
            >
              <screen.icon size={18} stroke={1.7} aria-hidden />
            </UnstyledButton>
          </Tip>
        );
      })}
    </nav>
  );
}
