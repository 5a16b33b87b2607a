import { useEffect, useRef, useSyncExternalStore, type RefObject } from 'react';
import { matchesShortcut } from './shortcut-keys.ts';

export interface Shortcut {
  /** `mod+k`, `/`, `escape`, `alt+up`; `mod` is Cmd on a Mac, else Ctrl. */
  keys: string;
  /** For the list under `?`. */
  label: string;
  group: string;
  run: (event: KeyboardEvent) => void;
  /** Only while the focus is inside; without it anywhere on the page. */
  within?: RefObject<HTMLElement | null>;
  /** Also while a text field has the focus. Shortcuts with Ctrl or Cmd do so anyway. */
  inText?: boolean;
  /** Also while a dialog is open over the page. */
  overDialogs?: boolean;
  enabled?: boolean;
}

interface Registration {
  shortcuts: readonly Shortcut[];
}

let registrations: readonly Registration[] = [];
let listed: readonly Shortcut[] = [];
const listeners = new Set<() => void>();

function update(next: readonly Registration[]): void {
  registrations = next;
  listed = next.flatMap((registration) => registration.shortcuts).filter((shortcut) => shortcut.enabled !== false);
  for (const listener of listeners) listener();
}

function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  // a closed select is an input that takes no text: choosing in it must not take the shortcuts away
  if (target instanceof HTMLInputElement && target.readOnly && target.getAttribute('aria-expanded') !== 'true') return false;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit', 'range', 'file'].includes(target.type);
}

function isDialogOpen(): boolean {
  return document.querySelector('[role="dialog"][aria-modal="true"], [role="alertdialog"][aria-modal="true"]') !== null;
}

/** Escape belongs to the innermost thing: an open menu, list, popover or dialog closes itself. */
function closesItself(event: KeyboardEvent): boolean {
  if (event.key !== 'Escape' || !(event.target instanceof Element)) return false;
  return event.target.closest('[role="menu"], [role="dialog"], [role="listbox"], [data-mantine-stop-propagation="true"], [aria-expanded="true"]') !== null;
}

function applies(shortcut: Shortcut, event: KeyboardEvent, text: boolean, dialog: boolean): boolean {
  if (shortcut.enabled === false || !matchesShortcut(shortcut.keys, event)) return false;
  if (dialog && shortcut.overDialogs !== true) return false;
  if (text && shortcut.inText !== true && !/^(mod|ctrl|meta)\+/.test(shortcut.keys)) return false;
  const scope = shortcut.within?.current;
  return shortcut.within === undefined || (scope?.contains(event.target as Node) ?? false);
}

/** Runs the innermost, most recently mounted shortcut that fits. Handlers of elements come first: what they prevent is theirs. */
function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || closesItself(event)) return;
  const text = isTextField(event.target);
  const dialog = isDialogOpen();
  const fitting = registrations
    .flatMap((registration) => registration.shortcuts)
    .toReversed()
    .filter((shortcut) => applies(shortcut, event, text, dialog));
  const chosen = fitting.find((shortcut) => shortcut.within !== undefined) ?? fitting[0];
  if (chosen === undefined) return;
  event.preventDefault();
  chosen.run(event);
}

/** Listens for the page's shortcuts; once, in the shell. */
export function useShortcutListener(): void {
  useEffect(() => {
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

/** Registers shortcuts while mounted; the newest of equal ones wins. They appear in the list under `?`. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  const shape = shortcuts.map((shortcut) => `${shortcut.keys}|${shortcut.label}|${shortcut.group}|${shortcut.enabled !== false}`).join('\n');
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const registration = {
      shortcuts: latest.current.map((shortcut, at) => ({
        ...shortcut,
        run: (event: KeyboardEvent) => latest.current[at]?.run(event),
      })),
    };
    update([...registrations, registration]);
    return () => update(registrations.filter((other) => other !== registration));
  }, [shape]);
}

/** All shortcuts that work at this moment, in the order of their registration. */
export function useShortcutList(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => listed,
  );
}
