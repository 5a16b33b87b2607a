import type { WireBytes } from '../../../shared/bytes.ts';
import { useSetting } from '../../lib/settings.ts';
import type { FilterMode } from './key-filter.ts';
import type { ViewMode } from './use-key-view.ts';

function isList(value: unknown): value is WireBytes[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string' || (typeof one === 'object' && one !== null && typeof (one as { b64?: unknown }).b64 === 'string'));
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one !== '');
}

const modes = new Set<unknown>(['tree', 'list']);
const filterModes = new Set<unknown>(['glob', 'literal', 'prefix']);

/** What the screen remembers of one database of one workspace. */
export function useKeySettings(workspaceId: string, db: number) {
  const place = `${workspaceId}.${db}`;
  const [mode, setMode] = useSetting<ViewMode>(`keys.mode.${place}`, 'tree', (value): value is ViewMode => modes.has(value));
  const [filterMode, setFilterMode] = useSetting<FilterMode>(`keys.filter-mode.${place}`, 'literal', (value): value is FilterMode => filterModes.has(value));
  const [expanded, setExpanded] = useSetting<readonly WireBytes[]>(`keys.expanded.${place}`, [], isList);
  const [delimiters, setDelimiters] = useSetting<readonly string[]>(`keys.delimiters.${place}`, [':'], isTexts);
  const [budget, setBudget] = useSetting<string>(`keys.budget.${workspaceId}`, '');
  return { mode, setMode, filterMode, setFilterMode, expanded, setExpanded, delimiters, setDelimiters, budget, setBudget };
}
