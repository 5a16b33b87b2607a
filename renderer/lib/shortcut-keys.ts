/** What a shortcut looks at in a keyboard event. */
export interface KeyStroke {
  key: string;
  code?: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

const names: Readonly<Record<string, string>> = { esc: 'escape', space: ' ', up: 'arrowup', down: 'arrowdown', left: 'arrowleft', right: 'arrowright', plus: '+' };

function parts(shortcut: string): { key: string; modifiers: ReadonlySet<string> } {
  const all = shortcut.toLowerCase().split('+');
  const key = all.pop() ?? '';
  return { key: names[key] ?? key, modifiers: new Set(all) };
}

/**
 * Whether an event is a shortcut such as `mod+k`, `shift+f`, `/`, `?`, `escape`, `alt+up`. `mod` is Cmd on a Mac and
 * Ctrl elsewhere. Signs like `?` and `/` match by what was typed, wherever the layout has them: Shift is not looked at.
 */
export function matchesShortcut(shortcut: string, event: KeyStroke, mac: boolean = isMac): boolean {
  const { key, modifiers } = parts(shortcut);
  const ctrl = modifiers.has('ctrl') || (modifiers.has('mod') && !mac);
  const meta = modifiers.has('meta') || (modifiers.has('mod') && mac);
  if (event.ctrlKey !== ctrl || event.metaKey !== meta) return false;
  const isSign = key.length === 1 && key !== ' ' && !/[\p{L}\p{N}]/u.test(key);
  if (isSign) {
    // AltGr reaches signs on many layouts; only an unmodified Alt is somebody else's shortcut.
    return event.key === key;
  }
  if (event.altKey !== modifiers.has('alt') || event.shiftKey !== modifiers.has('shift')) return false;
  if (event.key.toLowerCase() === key) return true;
  // Alt turns letters into signs on a Mac, and other scripts have other letters: fall back to the place of the key.
  if (!/^[a-z0-9]$/.test(key) || (!modifiers.has('alt') && /^[\x20-\x7e]$/.test(event.key))) return false;
  return event.code === `Key${key.toUpperCase()}` || event.code === `Digit${key}`;
}

const shown: Readonly<Record<string, string>> = {
  ' ': 'Space',
  escape: 'Esc',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  enter: 'Enter',
  delete: 'Del',
  backspace: 'Backspace',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
};

/** The keys to print, one entry a key: `['Ctrl', 'K']`, on a Mac `['⌘', 'K']`. */
export function shortcutKeys(shortcut: string, mac: boolean = isMac): string[] {
  const { key, modifiers } = parts(shortcut);
  const words = mac
    ? [['ctrl', '⌃'], ['alt', '⌥'], ['shift', '⇧'], ['mod', '⌘'], ['meta', '⌘']]
    : [['mod', 'Ctrl'], ['ctrl', 'Ctrl'], ['meta', 'Meta'], ['alt', 'Alt'], ['shift', 'Shift']];
  const held = words.filter(([name]) => modifiers.has(name ?? '')).map(([, word]) => word ?? '');
  return [...held, shown[key] ?? (key.length === 1 ? key.toUpperCase() : key.charAt(0).toUpperCase() + key.slice(1))];
}
