import { useDebouncedValue } from '@mantine/hooks';
import { useCallback, useMemo, useState } from 'react';
import { wireKey, type WireBytes } from '../../../../shared/bytes.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import type { KeySettings } from '../use-key-settings.ts';
import { conditionsOf, noConditions, type Conditions } from './conditions.ts';

const filterDelayMs = 180;

/** The filter as it is edited, and as it holds a moment after the last key stroke. Equal filters are one object. */
export function useFilter({ filterMode, setFilterMode }: Pick<KeySettings, 'filterMode' | 'setFilterMode'>) {
  const [pattern, setPattern] = useState<WireBytes>('');
  const [conditions, setConditions] = useState<Conditions>(noConditions);
  const [settled] = useDebouncedValue(pattern, filterDelayMs);
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
    [setFilterMode],
  );
  return { filter, pattern, setPattern, conditions, setConditions, setMode: setFilterMode, setFilter };
}
