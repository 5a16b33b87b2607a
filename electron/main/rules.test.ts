import { describe, expect, it, vi } from 'vitest';
import { menuCommands } from '../../shared/menu-commands.ts';
import { isAppUrl } from './app-origin.ts';
import { isSafeExternal } from './external-links.ts';
import { menuTemplate } from './menu.ts';

vi.mock('electron', () => ({ app: { isPackaged: true }, Menu: {}, shell: {} }));

describe('isAppUrl', () => {
  it.each(['app://lookaside/', 'app://lookaside', 'app://lookaside/assets/a.js?x#y'])('accepts %s', (url) => {
    expect(isAppUrl(url)).toBe(true);
  });
  it.each(['', 'app:', 'app://', 'app://lookaside.evil/', 'app://lookaside:80/', 'app://u@lookaside/', 'https://lookaside/', 'file:///app://lookaside/', 'app://evil/app://lookaside/', 'application://lookaside/'])(
    'refuses %j',
    (url) => {
      expect(isAppUrl(url)).toBe(false);
    },
  );
});

describe('isSafeExternal', () => {
  it('lets the documentation through, over https', () => {
    expect(['https://redis.io/docs/', 'https://www.postgresql.org/docs/', 'https://valkey.io/commands/'].map(isSafeExternal)).toEqual([true, true, true]);
  });
  it.each(['http://redis.io/', 'https://redis.io.evil.example/', 'https://redis.io@evil.example/', 'https://u:p@redis.io/', 'https://redis.io:8443/', 'file:///etc/passwd', 'javascript:alert(1)', 'smb://host/share', 'ms-msdt:x', ''])(
    'refuses %j',
    (url) => {
      expect(isSafeExternal(url)).toBe(false);
    },
  );
});

describe('menu', () => {
  const flatten = (items: ReturnType<typeof menuTemplate>): ReturnType<typeof menuTemplate> =>
    items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flatten(item.submenu) : [])]);

  it.each(['linux', 'darwin', 'win32'] as const)('reaches every command of the page on %s, each shortcut once', (platform) => {
    const sent: string[] = [];
    const items = flatten(menuTemplate((command) => sent.push(command), platform, false));
    for (const item of items) if (item.click && item.id) Reflect.apply(item.click, undefined, []);
    expect(sent.toSorted()).toEqual([...menuCommands].toSorted());
    const shortcuts = items.flatMap(({ accelerator }) => accelerator ?? []);
    expect(new Set(shortcuts).size).toBe(shortcuts.length);
  });

  it('has developer tools only while developing', () => {
    const roles = (developing: boolean) => flatten(menuTemplate(() => undefined, 'linux', developing)).flatMap(({ role }) => role ?? []);
    expect(roles(false)).not.toContain('toggleDevTools');
    expect(roles(false)).not.toContain('reload');
    expect(roles(true)).toContain('toggleDevTools');
  });
});
