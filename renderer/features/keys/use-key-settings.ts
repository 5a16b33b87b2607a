import { useMemo } from 'react';
import type { WireBytes } from '../../../shared/bytes.ts';
import type { ViewSort } from '../../../shared/contract/key-facts.ts';
import { useSetting } from '../../lib/settings.ts';
import { keyColumns, type KeyColumn } from './columns/columns.ts';
import type { FilterMode } from './key-filter.ts';
import type { ViewMode } from './use-key-view.ts';

/** What the left pane shows the keys as. */
export const surfaces = ['tree', 'list', 'namespaces', 'treemap', 'top'] as const;
export type Surface = (typeof surfaces)[number];

function isList(value: unknown): value is WireBytes[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string' || (typeof one === 'object' && one !== null && typeof (one as { b64?: unknown }).b64 === 'string'));
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one !== '');
}

const filterModes = new Set<unknown>(['glob', 'literal', 'prefix', 'regex']);
const sorts = new Set<unknown>(['name', 'ttl', 'bytes', 'elements', 'idle', 'frequency', 'type']);

function isSort(value: unknown): value is ViewSort | null {
  if (value === null) return true;
  const { by, descending } = value as Partial<Record<keyof ViewSort, unknown>>;
  return typeof value === 'object' && sorts.has(by) && typeof descending === 'boolean';
}

function isColumns(value: unknown): value is KeyColumn[] {
  return Array.isArray(value) && value.every((one) => (keyColumns as readonly unknown[]).includes(one));
}

function isWidths(value: unknown): value is Partial<Record<KeyColumn, number>> {
  return typeof value === 'object' && value !== null && Object.values(value).every((width) => typeof width === 'number' && Number.isFinite(width));
}

/** The way of looking that the host gives rows for; the other surfaces ask questions about its keys. */
export function viewModeOf(surface: Surface): ViewMode {
  return surface === 'list' ? 'list' : 'tree';
}

/** What the screen remembers of one database of one workspace. */
export function useKeySettings(workspaceId: string, db: number) {
  const place = `${workspaceId}.${db}`;
  const [surface, setSurface] = useSetting<Surface>(`keys.mode.${place}`, 'tree', (value): value is Surface => (surfaces as readonly unknown[]).includes(value));
  const [filterMode, setFilterMode] = useSetting<FilterMode>(`keys.filter-mode.${place}`, 'literal', (value): value is FilterMode => filterModes.has(value));
  const [expanded, setExpanded] = useSetting<readonly WireBytes[]>(`keys.expanded.${place}`, [], isList);
  const [delimiters, setDelimiters] = useSetting<readonly string[]>(`keys.delimiters.${place}`, [':'], isTexts);
  const [budget, setBudget] = useSetting<string>(`keys.budget.${workspaceId}`, '');
  const [sort, setSort] = useSetting<ViewSort | null>(`keys.sort.${place}`, null, isSort);
  const [hidden, setHidden] = useSetting<readonly KeyColumn[]>('keys.columns.hidden', [], isColumns);
  const [widths, setWidths] = useSetting<Partial<Record<KeyColumn, number>>>('keys.columns.widths', {}, isWidths);
  return useMemo(
    () => ({ surface, setSurface, filterMode, setFilterMode, expanded, setExpanded, delimiters, setDelimiters, budget, setBudget, sort, setSort, hidden, setHidden, widths, setWidths }),
    [surface, setSurface, filterMode, setFilterMode, expanded, setExpanded, delimiters, setDelimiters, budget, setBudget, sort, setSort, hidden, setHidden, widths, setWidths],
  );
}
export type KeySettings = ReturnType<typeof useKeySettings>;
