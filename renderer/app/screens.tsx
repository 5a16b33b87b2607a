import { IconBinaryTree2, IconEraser, IconHourglass, IconPlugConnected, type Icon } from '@tabler/icons-react';
import { lazy, type ComponentType } from 'react';
import type { MenuCommand } from '../../shared/menu-commands.ts';
import { ConnectionsScreen } from '../features/connections/connections-screen.tsx';

interface ScreenBase {
  /** Part of the address. */
  id: string;
  title: string;
  icon: Icon;
  shortcut: string;
  menu?: MenuCommand;
}

export interface HomeScreen extends ScreenBase {
  needsWorkspace: false;
  Content: ComponentType;
}

export interface WorkspaceScreen extends ScreenBase {
  needsWorkspace: true;
  Content: ComponentType<{ workspaceId: string }>;
}

export type Screen = HomeScreen | WorkspaceScreen;

const KeysScreen = lazy(async () => ({ default: (await import('../features/keys/keys-screen.tsx')).KeysScreen }));

const TtlScreen = lazy(async () => ({ default: (await import('../features/ttl/ttl-screen.tsx')).TtlScreen }));

const InvalidateScreen = lazy(async () => ({ default: (await import('../features/invalidate/invalidate-screen.tsx')).InvalidateScreen }));

/** Every screen, in the order of the rail. A new one is added here and nowhere else. */
export const screens: readonly Screen[] = [
  {
    id: 'connections',
    title: 'Connections',
    icon: IconPlugConnected,
    shortcut: 'mod+shift+c',
    menu: 'go-connections',
    needsWorkspace: false,
    Content: ConnectionsScreen,
  },
  { id: 'keys', title: 'Keys', icon: IconBinaryTree2, shortcut: 'alt+1', menu: 'go-keys', needsWorkspace: true, Content: KeysScreen },
  { id: 'ttl', title: 'TTL', icon: IconHourglass, shortcut: 'alt+2', menu: 'go-ttl', needsWorkspace: true, Content: TtlScreen },
  { id: 'invalidate', title: 'Invalidate', icon: IconEraser, shortcut: 'alt+3', menu: 'go-invalidate', needsWorkspace: true, Content: InvalidateScreen },
];

export function screenOf(id: string): Screen | null {
  return screens.find((screen) => screen.id === id) ?? null;
}
