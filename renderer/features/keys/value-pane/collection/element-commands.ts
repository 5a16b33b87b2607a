import { fromWire, toWire, type WireBytes } from '../../../../../shared/bytes.ts';
import { redisCliCommand } from '../../../../../shared/redis/cli-quote.ts';

export type CollectionType = 'hash' | 'list' | 'set' | 'zset';

/** One element, whole. */
export interface WholeElement {
  readonly type: CollectionType;
  /** Index of a list, score of a sorted set as the server prints it; empty for the others. */
  readonly place: string;
  /** Field of a hash; `null` for the others. */
  readonly field: WireBytes | null;
  /** Value of a field or list element, member of the others. */
  readonly value: WireBytes;
}

const encoder = new TextEncoder();
const line = (parts: readonly (string | WireBytes)[]) => redisCliCommand(parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : fromWire(part))));

/** The line for redis-cli's prompt that reads this element. */
export function readElementCommand(name: WireBytes, { type, place, field, value }: WholeElement): string {
  switch (type) {
    case 'hash':
      return line(['HGET', name, field ?? '']);
    case 'list':
      return line(['LINDEX', name, place]);
    case 'set':
      return line(['SISMEMBER', name, value]);
    case 'zset':
      return line(['ZSCORE', name, value]);
  }
}

/** The line for redis-cli's prompt that writes this element as it is. */
export function writeElementCommand(name: WireBytes, { type, place, field, value }: WholeElement): string {
  switch (type) {
    case 'hash':
      return line(['HSET', name, field ?? '', value]);
    case 'list':
      return line(['LSET', name, place, value]);
    case 'set':
      return line(['SADD', name, value]);
    case 'zset':
      return line(['ZADD', name, place, value]);
  }
}

/** The element as one JSON object; bytes that are no text as `{"b64": …}`. Scores stay text: JSON numbers lose digits and have no infinity. */
export function elementJson({ type, place, field, value }: WholeElement): string {
  const plain = (wire: WireBytes) => toWire(fromWire(wire));
  switch (type) {
    case 'hash':
      return JSON.stringify({ field: plain(field ?? ''), value: plain(value) });
    case 'list':
      return JSON.stringify({ index: Number(place), value: plain(value) });
    case 'set':
      return JSON.stringify({ member: plain(value) });
    case 'zset':
      return JSON.stringify({ score: place, member: plain(value) });
  }
}
