import { join } from 'node:path';
import * as v from 'valibot';
import { settings } from '../../../shared/contract/app.ts';
import type { SettingsService } from '../services.ts';
import { createJsonFile } from './atomic-file.ts';

/** Preferences of this user, one small JSON file. A value is a JSON text of the page's own making. */
export function createSettingsService({ folder }: { folder: string }): SettingsService {
  const file = createJsonFile({
    path: join(folder, 'settings.json'),
    empty: () => ({}),
    parse: (json) => v.parse(settings, json),
  });
  return {
    all: () => file.read(),
    save: async (changes) => {
      await file.update((current) => {
        const next = new Map(Object.entries(current));
        for (const [key, value] of Object.entries(changes)) {
          if (value === null) next.delete(key);
          else next.set(key, value);
        }
        return Object.fromEntries(next);
      });
    },
  };
}
