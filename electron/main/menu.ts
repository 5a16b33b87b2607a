import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../../shared/menu-commands.ts';

type Item = MenuItemConstructorOptions;
const separator: Item = { type: 'separator' };

/**
 * The native menu. The page knows the same shortcuts and takes a key press first; what it does not take comes here.
 * @param developing adds the developer tools; a packaged app has none
 */
export function menuTemplate(send: (command: MenuCommand) => void, platform: NodeJS.Platform, developing: boolean): Item[] {
  const item = (label: string, command: MenuCommand, accelerator?: string): Item => ({
    label,
    id: command,
    click: () => send(command),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  const about = item('About Lookaside', 'show-about');
  const isMac = platform === 'darwin';
  const appMenu: Item = {
    label: 'Lookaside',
    submenu: [about, separator, { role: 'services' }, separator, { role: 'hide' }, { role: 'hideOthers' }, { role: 'unhide' }, separator, { role: 'quit' }],
  };
  return [
    ...(isMac ? [appMenu] : []),
    {
      label: '&File',
      submenu: [
        item('New connection …', 'new-connection', 'CmdOrCtrl+Shift+N'),
        item('Connections', 'go-connections', 'CmdOrCtrl+Shift+C'),
        separator,
        isMac ? { role: 'close' } : { role: 'quit', label: 'Quit', accelerator: 'Ctrl+Q' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Go',
      submenu: [
        item('Command palette …', 'open-palette', 'CmdOrCtrl+K'),
        separator,
        item('Keys', 'go-keys', 'Alt+1'),
        item('TTL', 'go-ttl', 'Alt+2'),
        item('Invalidate', 'go-invalidate', 'Alt+3'),
        item('Jump to key …', 'jump-to-key', 'CmdOrCtrl+G'),
        item('Filter', 'focus-filter', 'CmdOrCtrl+F'),
      ],
    },
    {
      label: '&View',
      submenu: [
        item('Reload data', 'reload-data', 'CmdOrCtrl+Shift+R'),
        item('Switch theme', 'toggle-theme', 'CmdOrCtrl+Shift+L'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...(developing ? [separator, { role: 'forceReload' } as Item, { role: 'toggleDevTools' } as Item] : []),
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [item('Keyboard shortcuts', 'show-shortcuts', 'CmdOrCtrl+/'), ...(isMac ? [] : [separator, about])] },
  ];
}

export function installMenu(send: (command: MenuCommand) => void): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(send, process.platform, !app.isPackaged)));
}
