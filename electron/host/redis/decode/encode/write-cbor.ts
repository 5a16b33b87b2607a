import { DecodeFault } from '../fault.ts';
import type { TreeWriter } from './splice-tree.ts';
import { floatBytes, floatOf, headed } from './write-numbers.ts';

const nothing = new Uint8Array();

/** Major type and argument, in the fewest bytes. */
function head(major: number, argument: bigint): Uint8Array {
  const type = major << 5;
  if (argument < 24n) return Uint8Array.of(type | Number(argument));
  if (argument < 0x100n) return headed(type | 24, argument, 1);
  if (argument < 0x1_0000n) return headed(type | 25, argument, 2);
  return argument < 0x1_0000_0000n ? headed(type | 26, argument, 4) : headed(type | 27, argument, 8);
}

function int(value: bigint): Uint8Array {
  const [major, argument] = value < 0n ? [1, -1n - value] : [0, value];
  if (argument < 2n ** 64n) return head(major, argument);
  const hex = argument.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([head(6, BigInt(2 + major)), head(2, BigInt(bytes.length)), bytes]);
}

export const writeCbor: TreeWriter = {
  scalar: (node, like) => {
    switch (node.kind) {
      case 'null':
        return Uint8Array.of(0xf6);
      case 'bool':
        return Uint8Array.of(node.text === 'true' ? 0xf5 : 0xf4);
      case 'int':
        return int(BigInt(node.text));
      case 'float':
        return floatBytes(floatOf(node), like, [0xfa, 0xfb]);
      case 'text': {
        const bytes = Buffer.from(node.text);
        return Buffer.concat([head(3, BigInt(bytes.length)), bytes]);
      }
      case 'bytes': {
        const bytes = node.bytes ?? nothing;
        if (like?.note === 'text that is not UTF-8') throw new DecodeFault('a text that is not UTF-8 can be kept, not changed');
        return Buffer.concat([head(2, BigInt(bytes.length)), bytes]);
      }
      case 'list':
      case 'map':
      case 'tagged':
      case 'call':
      case 'ref':
        throw new DecodeFault(`CBOR has no ${node.kind}`);
    }
  },
  container: (kind, entries, like) => {
    const major = kind === 'list' ? 4 : 5;
    return like?.note === 'indefinite length' ? { head: Uint8Array.of((major << 5) | 31), foot: Uint8Array.of(0xff) } : { head: head(major, BigInt(entries)), foot: nothing };
  },
  tagged: ({ text }, _, inside) => {
    const number = /^tag (\d{1,20})$/.exec(text)?.[1];
    const tag = BigInt(number ?? -1);
    if (tag < 0n || tag >= 2n ** 64n) throw new DecodeFault(`CBOR has no ${text === '' ? 'tag without a number' : text}`);
    return Buffer.concat([head(6, tag), inside()]);
  },
};
