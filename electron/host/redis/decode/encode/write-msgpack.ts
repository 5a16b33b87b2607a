import type { TreeNode } from '../../../../../shared/decode/tree.ts';
import { DecodeFault } from '../fault.ts';
import type { TreeWriter } from './splice-tree.ts';
import { floatBytes, floatOf, headed } from './write-numbers.ts';

/** Widths that an integer can have, by the note that the reader gives them: first byte, bytes, signed. */
const widths: ReadonlyMap<string, readonly [number, number, boolean]> = new Map([
  ['uint8', [0xcc, 1, false]],
  ['uint16', [0xcd, 2, false]],
  ['uint32', [0xce, 4, false]],
  ['uint64', [0xcf, 8, false]],
  ['int8', [0xd0, 1, true]],
  ['int16', [0xd1, 2, true]],
  ['int32', [0xd2, 4, true]],
  ['int64', [0xd3, 8, true]],
]);

function fits(value: bigint, bytes: number, signed: boolean): boolean {
  return value === (signed ? BigInt.asIntN(bytes * 8, value) : BigInt.asUintN(bytes * 8, value));
}

function int(value: bigint, like: TreeNode | null): Uint8Array {
  const former = like?.kind === 'int' ? widths.get(like.note) : undefined;
  if (former !== undefined && fits(value, former[1], former[2])) return headed(former[0], value, former[1]);
  if (value >= -32n && value < 128n) return Uint8Array.of(Number(BigInt.asUintN(8, value)));
  for (const [head, bytes, signed] of widths.values()) {
    if (signed === value < 0n && fits(value, bytes, signed)) return headed(head, value, bytes);
  }
  throw new DecodeFault(`${value} does not fit into the 64 bits of a MessagePack integer`);
}

/** The head of something with a length: up to `small` in one byte with `short`, then one, two or four bytes of length. */
function lengthHead(length: number, short: readonly [number, number] | null, one: number | null, two: number, four: number): Uint8Array {
  if (short !== null && length <= short[1]) return Uint8Array.of(short[0] | length);
  if (one !== null && length < 0x100) return headed(one, BigInt(length), 1);
  return length < 0x1_0000 ? headed(two, BigInt(length), 2) : headed(four, BigInt(length), 4);
}

const strHead = (length: number) => lengthHead(length, [0xa0, 31], 0xd9, 0xda, 0xdb);

function extension(type: number, bytes: Uint8Array): Uint8Array {
  const fixed = [1, 2, 4, 8, 16].indexOf(bytes.length);
  const head = fixed >= 0 ? Uint8Array.of(0xd4 + fixed) : lengthHead(bytes.length, null, 0xc7, 0xc8, 0xc9);
  return Buffer.concat([head, Buffer.from([type & 0xff]), bytes]);
}

export const writeMsgpack: TreeWriter = {
  scalar: (node, like) => {
    switch (node.kind) {
      case 'null':
        return Uint8Array.of(0xc0);
      case 'bool':
        return Uint8Array.of(node.text === 'true' ? 0xc3 : 0xc2);
      case 'int':
        return int(BigInt(node.text), like);
      case 'float':
        return floatBytes(floatOf(node), like, [0xca, 0xcb]);
      case 'text': {
        const bytes = Buffer.from(node.text);
        return Buffer.concat([strHead(bytes.length), bytes]);
      }
      case 'bytes': {
        const bytes = node.bytes ?? new Uint8Array();
        // a str of MessagePack may hold bytes that are no UTF-8
        const head = like?.kind === 'bytes' && like.note !== '' ? strHead(bytes.length) : lengthHead(bytes.length, null, 0xc4, 0xc5, 0xc6);
        return Buffer.concat([head, bytes]);
      }
      case 'list':
      case 'map':
      case 'tagged':
      case 'call':
      case 'ref':
        throw new DecodeFault(`MessagePack has no ${node.kind}`);
    }
  },
  container: (kind, entries) => ({
    head: kind === 'list' ? lengthHead(entries, [0x90, 15], null, 0xdc, 0xdd) : lengthHead(entries, [0x80, 15], null, 0xde, 0xdf),
    foot: new Uint8Array(),
  }),
  tagged: ({ text }, value) => {
    const type = Number(/^ext (-?\d{1,3})$/.exec(text)?.[1] ?? NaN);
    if (!(type >= -128 && type <= 127)) throw new DecodeFault(text === 'timestamp' ? 'a timestamp can be kept, not changed' : `MessagePack has no tag ${text}`);
    if (value.kind !== 'bytes' || value.bytes === null) throw new DecodeFault('an extension of MessagePack has to hold $bytes');
    return extension(type, value.bytes);
  },
};
