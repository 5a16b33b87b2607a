import { fromWire, type WireBytes } from '../../../shared/bytes.ts';
import type { ConnectionService, ValueService } from '../services.ts';
import { keyAt } from './values/key-read.ts';
import { keyFacts } from './values/key-facts.ts';
import { readElement } from './values/read-element.ts';
import { readPage } from './values/read-page.ts';
import { createSpecialReads } from './values/special/special-reads.ts';
import { streamConsumers, streamGroups, streamPending } from './values/stream-groups.ts';

const bytes = (wire: WireBytes) => Buffer.from(fromWire(wire));

/**
 * Reads values in bounded pieces: never a whole value of unknown size, never a command whose cost grows with the key
 * beyond its page (redis-field B4). Every read is a plain read-only command.
 */
export function createValueService({ connections }: { connections: Pick<ConnectionService, 'redis'> }): ValueService {
  const at = (where: { workspaceId: string; db: number; name: WireBytes }) => keyAt(connections, where);
  return {
    inspect: async (input) => keyFacts(at(input)),
    page: async ({ cursor = null, match = '', reverse = false, from = 0, bytes: window = 65_536, start = '', ...input }) =>
      readPage(at(input), { type: input.type, count: input.count, cursor, match, reverse, from, bytes: window, start }),
    element: async (input) => readElement(at(input), { type: input.type, id: input.id, bytes: input.bytes ?? null }),
    streamGroups: async (input) => streamGroups(at(input)),
    streamConsumers: async (input) => streamConsumers(at(input), bytes(input.group)),
    streamPending: async (input) => streamPending(at(input), bytes(input.group), {
        cursor: input.cursor ?? null,
        count: input.count,
        consumer: input.consumer === undefined || input.consumer === null ? null : bytes(input.consumer),
        minIdleMs: input.minIdleMs ?? 0,
      }),
    ...createSpecialReads(at),
  };
}
