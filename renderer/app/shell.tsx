import { UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconKeyboard, IconMoon, IconSearch, IconSun } from '@tabler/icons-react';
import { Suspense, useEffect, useState } from 'react';
import { runMenuCommand, useCommands } from '../lib/commands.ts';
import { useHost } from '../lib/host.ts';
import { useShortcutListener } from '../lib/keyboard.ts';
import { navigate, useRoute } from '../lib/navigation.ts';
import { useWorkspace } from '../lib/workspaces.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Keys } from '../ui/kbd.tsx';
import { LoadingRows } from '../ui/loading-rows.tsx';
import { AboutDialog } from './about-dialog.tsx';
import type { AppInfo } from './boot.tsx';
import { CommandPalette } from './command-palette.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { HostBanner } from './host-banner.tsx';
import { Rail } from './rail.tsx';
import { useRestoredRoute } from './restore-route.ts';
import { screenOf, type Screen } from './screens.tsx';
import { ShortcutSheet } from './shortcut-sheet.tsx';
import { StatusBar } from './status-bar.tsx';
import { WorkspaceFrame } from './workspace-frame.tsx';
import { WorkspaceSwitcher } from './workspace-switcher.tsx';
import classes from './shell.module.css';

const schemes = ['auto', 'dark', 'light'] as const;
const schemeWords = { auto: 'System theme', dark: 'Dark theme', light: 'Light theme' };
const schemeIcons = { auto: IconDeviceDesktop, dark: IconMoon, light: IconSun };

function useThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = schemes[(schemes.indexOf(colorScheme) + 1) % schemes.length] ?? 'auto';
  return { colorScheme, next, setColorScheme };
}

function ScreenContent({ screen, workspaceId }: { screen: Screen | null; workspaceId: string | null }) {
  if (screen === null) return null;
  if (!screen.needsWorkspace) return <screen.Content />;
  if (workspaceId === null) return null;
  return (
    <WorkspaceFrame key={workspaceId} workspaceId={workspaceId}>
      <screen.Content workspaceId={workspaceId} />
    </WorkspaceFrame>
  );
}

/** The frame around every screen. */
export function Shell({ info }: { info: AppInfo }) {
  const { connection } = useHost();
  const route = useRoute();
  const workspace = useWorkspace(route.workspaceId);
  const screen = screenOf(route.screen);
  const [open, setOpen] = useState<'palette' | 'shortcuts' | 'about' | null>(null);
  const { colorScheme, next, setColorScheme } = useThemeSwitch();
  const SchemeIcon = schemeIcons[colorScheme];
  const close = () => setOpen(null);

  useRestoredRoute(info);
  useShortcutListener();
  useEffect(() => connection.onMenuCommand(runMenuCommand), [connection]);
  useCommands([
    { id: 'app.palette', title: 'Command palette', group: 'Application', shortcut: 'mod+k', menu: 'open-palette', run: () => setOpen('palette') },
    { id: 'app.shortcuts', title: 'Keyboard shortcuts', group: 'Application', shortcut: '?', menu: 'show-shortcuts', run: () => setOpen('shortcuts') },
    { id: 'app.theme', title: `Theme: change to ${schemeWords[next].toLowerCase()}`, group: 'Application', keywords: 'dark light system colour', menu: 'toggle-theme', run: () => setColorScheme(next) },
    { id: 'app.about', title: 'About Lookaside', group: 'Application', keywords: 'version data folder', menu: 'show-about', run: () => setOpen('about') },
  ]);
  useEffect(() => {
    const place = workspace === null ? '' : `${workspace.name} (${workspace.environment}) – `;
    document.title = `${place}${screen?.title ?? 'Connections'} – Lookaside`;
  }, [workspace, screen]);

  const environment = workspace?.environment ?? 'local';
  return (
    <div className={classes['shell']}>
      {environment !== 'local' && (
        <div className={classes['line']} data-environment={environment} data-testid="environment-line">
          <span className={classes['tab']}>{environment}</span>
        </div>
      )}
      <header className={classes['top']}>
        <WorkspaceSwitcher current={workspace} />
        <div className={classes['spring']} />
        <UnstyledButton className={classes['search'] ?? ''} onClick={() => setOpen('palette')} aria-label="Command palette">
          <IconSearch size={14} aria-hidden />
          <span className={classes['searchText']}>Search actions</span>
          <Keys shortcut="mod+k" />
        </UnstyledButton>
        <IconButton
          label={`${schemeWords[colorScheme]}; change to ${schemeWords[next].toLowerCase()}`}
          icon={<SchemeIcon size={16} />}
          onClick={() => setColorScheme(next)}
        />
        <IconButton label="Keyboard shortcuts" shortcut="?" icon={<IconKeyboard size={16} />} onClick={() => setOpen('shortcuts')} />
      </header>
      <HostBanner />
      <Rail route={route} />
      <main className={classes['main']} aria-label={screen?.title ?? 'Connections'}>
        <ErrorBoundary key={`${route.screen} ${route.workspaceId ?? ''}`}>
          <Suspense fallback={<LoadingRows />}>
            <ScreenContent screen={screen} workspaceId={route.workspaceId} />
          </Suspense>
        </ErrorBoundary>
      </main>
      <StatusBar workspace={workspace} />
      <CommandPalette opened={open === 'palette'} onClose={close} onOpenWorkspace={(workspaceId) => navigate({ screen: 'keys', workspaceId })} />
      <ShortcutSheet opened={open === 'shortcuts'} onClose={close} />
      <AboutDialog opened={open === 'about'} onClose={close} info={info} />
    </div>
  );
}
