import { describe, expect, it } from 'vitest';
import { matchesShortcut, shortcutKeys, type KeyStroke } from './shortcut-keys.ts';

const stroke = (key: string, held: Partial<KeyStroke> = {}): KeyStroke => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe('matchesShortcut', () => {
  it.each([
    ['mod+k', stroke('k', { ctrlKey: true }), false, true],
    ['mod+k', stroke('k', { metaKey: true }), true, true],
    ['mod+k', stroke('k', { ctrlKey: true }), true, false],
    ['mod+k', stroke('k', { metaKey: true }), false, false],
    ['mod+k', stroke('k'), false, false],
    ['mod+k', stroke('K', { ctrlKey: true }), false, true],
    ['mod+k', stroke('K', { ctrlKey: true, shiftKey: true }), false, false],
    ['mod+shift+n', stroke('N', { ctrlKey: true, shiftKey: true }), false, true],
    ['mod+k', stroke('л', { ctrlKey: true, code: 'KeyK' }), false, true],
    ['mod+k', stroke('j', { ctrlKey: true, code: 'KeyK' }), false, false],
    ['/', stroke('/'), false, true],
    ['/', stroke('/', { shiftKey: true }), false, true],
    ['/', stroke('/', { ctrlKey: true }), false, false],
    ['?', stroke('?', { shiftKey: true }), false, true],
    ['escape', stroke('Escape'), false, true],
    ['escape', stroke('Escape', { shiftKey: true }), false, false],
    ['alt+1', stroke('1', { altKey: true }), false, true],
    ['alt+1', stroke('¡', { altKey: true, code: 'Digit1' }), true, true],
    ['alt+up', stroke('ArrowUp', { altKey: true }), false, true],
    ['space', stroke(' '), false, true],
    ['e', stroke('e'), false, true],
    ['e', stroke('e', { ctrlKey: true }), false, false],
    ['mod+enter', stroke('Enter', { ctrlKey: true }), false, true],
  ])('%s with %j on a Mac %s: %s', (shortcut, event, mac, expected) => expect(matchesShortcut(shortcut, event, mac)).toBe(expected));
});

describe('shortcutKeys', () => {
  it.each([
    ['mod+k', false, ['Ctrl', 'K']],
    ['mod+k', true, ['⌘', 'K']],
    ['mod+shift+n', false, ['Ctrl', 'Shift', 'N']],
    ['mod+shift+n', true, ['⇧', '⌘', 'N']],
    ['escape', false, ['Esc']],
    ['/', false, ['/']],
    ['alt+up', false, ['Alt', '↑']],
    ['f2', false, ['F2']],
  ])('prints %s on a Mac %s', (shortcut, mac, expected) => expect(shortcutKeys(shortcut, mac)).toEqual(expected));
});
