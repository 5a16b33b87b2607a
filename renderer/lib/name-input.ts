import { toWire, type WireBytes } from '../../shared/bytes.ts';
import { nameBytes } from '../../shared/redis/cli-quote.ts';

/** A name as typed: the text itself, or, in double quotes, as redis-cli quotes it, for names that cannot be typed. */
export function nameFromInput(text: string): WireBytes {
  return toWire(nameBytes(text));
}
