import type { Codec } from '../codec.ts';
import { evidenceOf } from './evidence.ts';
import { ProtoMessageReader } from './proto-message.ts';
import { WireReader } from './proto-wire.ts';

export const protobuf: Codec = {
  id: 'protobuf',
  proof: 'open',
  mayBe: (bytes, facts) => bytes.length > 1 && !facts.readable,
  decode: (bytes, { schema, forced }) => {
    if (schema !== null && forced) {
      const read = new ProtoMessageReader();
      read.message(bytes, schema.type, 0, 0);
      const unknown = read.unknown === 0 ? 'every field is declared' : `${read.unknown} ${read.unknown === 1 ? 'field is' : 'fields are'} not declared`;
      return { confidence: read.unknown === 0 ? 0.95 : 0.6, reason: `read as ${schema.name}; ${unknown}`, tree: read.tree.tree() };
    }
    const read = new WireReader();
    read.message(bytes, 0, 0);
    const tree = read.tree.tree();
    const { letters } = evidenceOf(tree);
    const root = tree.nodes[0];
    const numbers = (root?.children ?? []).filter((_, at) => at % 2 === 0).map((id) => Number(tree.nodes[id]?.text));
    const low = numbers.every((number) => number <= 100);
    const wording = `all ${bytes.length} bytes are ${numbers.length} fields of the wire format; without a .proto their types are guesses`;
    const likely = low && numbers.length >= 2 && letters >= 8 && letters * 4 >= bytes.length;
    return { confidence: likely ? 0.78 : low && letters >= 4 ? 0.5 : low ? 0.3 : 0.1, reason: wording, tree };
  },
};
