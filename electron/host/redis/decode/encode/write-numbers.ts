import type { TreeNode } from '../../../../../shared/decode/tree.ts';
import { DecodeFault } from '../fault.ts';

/** The float of a node; refuses what is beyond 64 bits rather than storing infinity. */
export function floatOf({ text }: TreeNode): number {
  const value = Number(text);
  if (!Number.isFinite(value) && !/^(?:NaN|-?Infinity)$/.test(text)) throw new DecodeFault(`${text} is larger than a 64-bit float can be`);
  return value;
}

/** Four bytes where the float before had as many and nothing is lost, else eight. `heads` are the bytes before them. */
export function floatBytes(value: number, like: TreeNode | null, heads: readonly [number, number]): Uint8Array {
  const short = like?.note === 'float32' && (Number.isNaN(value) || Math.fround(value) === value);
  const out = Buffer.alloc(short ? 5 : 9);
  out[0] = heads[short ? 0 : 1];
  if (short) out.writeFloatBE(value, 1);
  else out.writeDoubleBE(value, 1);
  return out;
}

/** A byte, then `size` bytes of a number, big-endian; the number may be negative. */
export function headed(head: number, value: bigint, size: number): Uint8Array {
  const out = Buffer.alloc(1 + size);
  out[0] = head;
  let rest = BigInt.asUintN(size * 8, value);
  for (let at = size; at > 0; at -= 1, rest >>= 8n) out[at] = Number(rest & 0xffn);
  return out;
}
