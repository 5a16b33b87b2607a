import * as v from 'valibot';
import { keyFilter, type KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { useSetting } from '../../../lib/settings.ts';

const savedFilter = v.object({ name: v.pipe(v.string(), v.minLength(1), v.maxLength(80)), filter: keyFilter });
export type SavedFilter = v.InferOutput<typeof savedFilter>;
const savedFilters = v.array(savedFilter);

export const mostSaved = 100;

/** Under a name that exists the filter takes the place of the one before; otherwise it comes last. */
export function withSaved(all: readonly SavedFilter[], name: string, filter: KeyFilter): SavedFilter[] {
  const at = all.findIndex((one) => one.name === name);
  return at === -1 ? [...all, { name, filter }] : all.with(at, { name, filter });
}

/** Keeps its place; nothing changes when the new name is empty or taken. */
export function renamed(all: readonly SavedFilter[], from: string, to: string): SavedFilter[] {
  const name = to.trim().slice(0, 80);
  if (name === '' || all.some((one) => one.name === name)) return [...all];
  return all.map((one) => (one.name === from ? { ...one, name } : one));
}

/** Filters kept under a name, for one workspace. */
export function useSavedFilters(workspaceId: string) {
  const [all, setAll] = useSetting<readonly SavedFilter[]>(`keys.saved-filters.${workspaceId}`, [], (value): value is SavedFilter[] => v.is(savedFilters, value));
  return {
    all,
    save: (name: string, filter: KeyFilter) => setAll((before) => withSaved(before, name.trim().slice(0, 80), filter).slice(0, mostSaved)),
    rename: (from: string, to: string) => setAll((before) => renamed(before, from, to)),
    remove: (name: string) => setAll((before) => before.filter((one) => one.name !== name)),
    restore: (list: readonly SavedFilter[]) => setAll([...list]),
  };
}
