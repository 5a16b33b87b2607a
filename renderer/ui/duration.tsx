import type { Exactness } from '../../shared/contract/keys.ts';
import { formatDuration, formatDurationExact } from '../lib/format.ts';
import { Figure } from './figure.tsx';

/** A length of time in milliseconds: `2 h 05 min`, whole milliseconds on hover. */
export function Duration({ ms, exactness = 'exact' }: { ms: number; exactness?: Exactness }) {
  return <Figure shown={formatDuration(ms)} exact={formatDurationExact(ms)} exactness={exactness} />;
}
