import { createContext, createElement, useCallback, useContext, useEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react';
import type { HostClient } from '../../shared/contract/contract.ts';
import { toProblem } from './to-problem.ts';
import type { Problem } from '../../shared/contract/errors.ts';

const saveDelayMs = 400;
const longestValue = 200_000;

/** Preferences of the page, held by the host. Reads are immediate, writes are collected and sent a moment later. */
export interface SettingsStore {
  read(key: string): string | undefined;
  write(key: string, text: string | null): void;
  subscribe(listener: () => void): () => void;
  /** Sends what has not been sent. */
  flush(): Promise<void>;
}

/**
 * @param initial what `app.settings` gave
 * @param onFailure told once per failed save; the values stay, and go with the next save
 */
export function createSettingsStore(
  client: Pick<HostClient, 'app'>,
  initial: Readonly<Record<string, string>>,
  onFailure: (problem: Problem) => void,
): SettingsStore {
  const values = new Map(Object.entries(initial));
  const listeners = new Set<() => void>();
  let unsent = new Map<string, string | null>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (unsent.size === 0) return;
    const sending = unsent;
    unsent = new Map();
    try {
      await client.app.saveSettings({ changes: Object.fromEntries(sending) });
    } catch (error) {
      unsent = new Map([...sending, ...unsent]);
      onFailure(toProblem(error));
    }
  };

  return {
    read: (key) => values.get(key),
    write: (key, text) => {
      if (text !== null && text.length > longestValue) return;
      if ((values.get(key) ?? null) === text) return;
      if (text === null) values.delete(key);
      else values.set(key, text);
      unsent.set(key, text);
      clearTimeout(timer);
      timer = setTimeout(() => void flush(), saveDelayMs);
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    flush,
  };
}

const SettingsContext = createContext<SettingsStore | null>(null);

export function SettingsProvider({ store, children }: { store: SettingsStore; children: ReactNode }) {
  useEffect(() => {
    const leave = () => void store.flush();
    window.addEventListener('pagehide', leave);
    return () => window.removeEventListener('pagehide', leave);
  }, [store]);
  return createElement(SettingsContext.Provider, { value: store }, children);
}

function parse<T>(text: string | undefined, fallback: T, isValid: ((value: unknown) => value is T) | undefined): T {
  if (text === undefined) return fallback;
  try {
    const value: unknown = JSON.parse(text);
    if (isValid) return isValid(value) ? value : fallback;
    return typeof value === typeof fallback ? (value as T) : fallback;
  } catch {
    // A value that an older version wrote in another form counts as not set.
    return fallback;
  }
}

/**
 * A remembered preference, like `useState`. Equal keys share one value over the whole page.
 *
 * @param key dotted, begins with the feature's name: `keys.expanded.<workspaceId>`
 * @param isValid refuses stored values of a form that is no longer understood; without it only `typeof` is compared
 */
export function useSetting<T>(
  key: string,
  fallback: T,
  isValid?: (value: unknown) => value is T,
): readonly [T, (next: T | ((before: T) => T)) => void] {
  const store = useContext(SettingsContext);
  if (store === null) throw new Error('useSetting is used outside of SettingsProvider');
  const text = useSyncExternalStore(store.subscribe, () => store.read(key));
  // The caller's literal fallback is a new object on each render; only the stored text decides.
  // oxlint-disable-next-line react/exhaustive-deps
  const value = useMemo(() => parse(text, fallback, isValid), [text, key]);
  const set = useCallback(
    (next: T | ((before: T) => T)) => {
      const before = parse(store.read(key), fallback, isValid);
      store.write(key, JSON.stringify(typeof next === 'function' ? (next as (before: T) => T)(before) : next));
    },
    // oxlint-disable-next-line react/exhaustive-deps
    [store, key],
  );
  return [value, set];
}
