import { holds, type DecodedTree } from '../../../../../shared/decode/tree.ts';

function sameNumber(kind: 'int' | 'float', a: string, b: string): boolean {
  if (a === b) return true;
  if (kind === 'float') return Object.is(Number(a), Number(b));
  return /^-?\d+$/.test(a) && /^-?\d+$/.test(b) && BigInt(a) === BigInt(b);
}

/** Whether two nodes say the same: kinds, numbers by their value, texts, bytes, and all inside in its order. */
export function sameValue(a: DecodedTree, idA: number, b: DecodedTree, idB: number): boolean {
  const [one, other] = [a.nodes[idA], b.nodes[idB]];
  if (one === undefined || other === undefined || one.kind !== other.kind) return false;
  if (one.kind === 'null') return true;
  if (one.kind === 'int' || one.kind === 'float') return sameNumber(one.kind, one.text, other.text);
  if (one.kind === 'bytes') return Buffer.compare(one.bytes ?? new Uint8Array(), other.bytes ?? new Uint8Array()) === 0;
  if (one.text !== other.text) return false;
  if (!holds(one.kind)) return true;
  return one.held === other.held && one.children.length === other.children.length && one.children.every((child, at) => sameValue(a, child, b, other.children[at] ?? -1));
}
