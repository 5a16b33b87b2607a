import { fromWire, type WireBytes } from '../../../../../shared/bytes.ts';
import type { SpecialReads } from '../../../services.ts';
import type { KeyAt } from '../key-read.ts';
import { bitNext } from './bit-next.ts';
import { dumpSize } from './dump-size.ts';
import { geoRadius } from './geo-radius.ts';
import { jsonNode } from './json-node.ts';
import { vectorElement, vectorInfo, vectorSample, vectorSimilar } from './vector-set.ts';
import { zsetRange } from './zset-range.ts';

const bytes = (wire: WireBytes) => Buffer.from(fromWire(wire));

/** The reads of special types, over the key that each names. */
export function createSpecialReads(at: (where: { workspaceId: string; db: number; name: WireBytes }) => KeyAt): SpecialReads {
  return {
    zsetRange: async (input) => zsetRange(at(input), { by: input.by, min: bytes(input.min), max: bytes(input.max) }),
    bitNext: async (input) => bitNext(at(input), input.bit, input.from),
    geoRadius: async (input) => geoRadius(at(input), input),
    vectorInfo: async (input) => vectorInfo(at(input)),
    vectorSample: async (input) => vectorSample(at(input), input.count),
    vectorSimilar: async (input) => vectorSimilar(at(input), bytes(input.element), input.count),
    vectorElement: async (input) => vectorElement(at(input), bytes(input.element)),
    jsonNode: async (input) => jsonNode(at(input), input),
    dumpSize: async (input) => dumpSize(at(input)),
  };
}
