import { useCallback, useEffect, useMemo } from 'react';
import { wireKey, type WireBytes } from '../../../../shared/bytes.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import type { KeySettings } from '../use-key-settings.ts';
import { conditionsOf, noConditions, type Conditions } from '../../../ui/conditions/conditions.ts';
import { usePlaceState } from '../use-place-state.ts';

const filterDelayMs = 180;

/** The filter as it is edited, and as it holds a moment after the last key stroke. Equal filters are one object. */
export function useFilter(place: string, { filterMode, setFilterMode }: Pick<KeySettings, 'filterMode' | 'setFilterMode'>) {
  const [pattern, setPattern] = usePlaceState<WireBytes>(place, '');
  const [conditions, setConditions] = usePlaceState<Conditions>(place, noConditions);
  const [settled, setSettled] = usePlaceState<WireBytes>(place, '');
  useEffect(() => {
    const timer = setTimeout(() => setSettled(pattern), filterDelayMs);
    return () => clearTimeout(timer);
  }, [pattern, setSettled]);
  const patternKey = wireKey(settled);
  const conditionsKey = JSON.stringify(conditions);
  // Equal filters are one object, or each keystroke of a binary pattern would open another view.
  // oxlint-disable-next-line react/exhaustive-deps
  const filter = useMemo<KeyFilter>(() => ({ pattern: settled, mode: filterMode, ...conditions }), [patternKey, filterMode, conditionsKey]);
  const setFilter = useCallback(
    (next: KeyFilter) => {
      setPattern(next.pattern);
      setFilterMode(next.mode);
      setConditions(conditionsOf(next));
    },
    [setFilterMode, setPattern, setConditions],
  );
  return { filter, pattern, setPattern, conditions, setConditions, setMode: setFilterMode, setFilter };
}
