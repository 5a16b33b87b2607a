import { isMantineColorScheme, type MantineColorScheme, type MantineColorSchemeManager } from '@mantine/core';
import type { SettingsStore } from '../lib/settings.ts';

const key = 'app.colourScheme';

function stored(settings: SettingsStore): MantineColorScheme {
  const value = settings.read(key)?.replaceAll('"', '');
  return isMantineColorScheme(value) ? value : 'auto';
}

/** Keeps the choice of theme with the other settings; all windows of one host agree at their next start. */
export function createColourSchemeManager(settings: SettingsStore): MantineColorSchemeManager {
  let stop: (() => void) | undefined;
  return {
    get: () => stored(settings),
    set: (value) => settings.write(key, JSON.stringify(value)),
    subscribe: (onUpdate) => {
      stop = settings.subscribe(() => onUpdate(stored(settings)));
    },
    unsubscribe: () => stop?.(),
    clear: () => settings.write(key, null),
  };
}
