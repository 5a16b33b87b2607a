import type { Exactness } from '../../shared/contract/keys.ts';
import { formatBytes, formatBytesExact } from '../lib/format.ts';
import { Figure } from './figure.tsx';

/** A size: `1.5 KiB`, every byte on hover. */
export function Bytes({ value, exactness = 'exact' }: { value: number; exactness?: Exactness }) {
  return <Figure shown={formatBytes(value)} exact={formatBytesExact(value)} exactness={exactness} />;
}
