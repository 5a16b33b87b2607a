import * as v from 'valibot';

/** What the native menu can ask of the page. The page listens with `onMenuCommand` (`renderer/lib/transport/connect-host.ts`). */
export const menuCommands = [
  'open-palette',
  'focus-filter',
  'new-connection',
  'go-connections',
  'go-keys',
  'go-ttl',
  'go-invalidate',
  'jump-to-key',
  'reload-data',
  'toggle-theme',
  'show-shortcuts',
  'show-about',
] as const;

export type MenuCommand = (typeof menuCommands)[number];

/** One message of the menu's port. */
export const menuMessage = v.object({ command: v.picklist(menuCommands) });
