import type { Exactness } from '../../shared/contract/keys.ts';
import { formatCompact, formatExact } from '../lib/format.ts';
import { Figure } from './figure.tsx';

interface CountProps {
  value: number;
  exactness?: Exactness;
  /** `1.23 M` where space is short. */
  compact?: boolean;
  /** Written after the number, and on hover: `keys`. */
  unit?: string;
}

/** A count with its exactness. */
export function Count({ value, exactness = 'exact', compact = false, unit }: CountProps) {
  const exact = formatExact(value);
  const shown = compact ? formatCompact(value) : exact;
  const after = unit === undefined ? '' : `\u00a0${unit}`;
  return <Figure shown={shown + after} exact={exact + after} exactness={exactness} />;
}
