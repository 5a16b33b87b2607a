import type { VectorItem } from '../../../../../shared/contract/values-special.ts';
import type { Cut } from '../../../../../shared/contract/value-base.ts';
import { LookasideError } from '../../../../../shared/contract/errors.ts';
import type { Command, RedisReply } from '../../session.ts';
import { pageCutter, type Cutter } from '../cut-bytes.ts';
import { readTyped, type KeyAt } from '../key-read.ts';
import { bytesOf, fieldsOf, listOf, numberOf, replyOf, replyOrNull, saysError, textOf } from '../replies.ts';

const type = 'vectorset';
/** Values of a vector that are given; some models have more dimensions than anyone reads. */
const maxValues = 8192;

/** VINFO and VCARD. */
export async function vectorInfo(key: KeyAt): Promise<{ total: number; dimensions: number; facts: { name: string; value: string }[] }> {
  const [card, dim, info] = await readTyped(key, type, [['VCARD', key.name], ['VDIM', key.name], ['VINFO', key.name]]);
  const facts = [...fieldsOf(replyOrNull(info))].map(([name, value]) => ({ name, value: Array.isArray(value) ? '' : textOf(value) }));
  return { total: numberOf(replyOf(card)), dimensions: numberOf(replyOf(dim)), facts };
}

async function withAttributes(key: KeyAt, elements: readonly { bytes: Buffer; score: number | null }[]): Promise<VectorItem[]> {
  const reads = elements.map(({ bytes }): Command => ['VGETATTR', key.name, bytes]);
  const outcomes = reads.length === 0 ? [] : await key.session.batch(key.db, reads);
  const cut = pageCutter();
  return elements.map(({ bytes, score }, at) => ({ element: cut(bytes), score, attributes: attributesOf(replyOrNull(outcomes[at]), cut) }));
}

function attributesOf(reply: RedisReply, cut: Cutter): Cut | null {
  return reply === null ? null : cut(bytesOf(reply));
}

/** VRANDMEMBER with a positive count: each element once. */
export async function vectorSample(key: KeyAt, count: number): Promise<{ total: number; items: VectorItem[] }> {
  const [card, sample] = await readTyped(key, type, [['VCARD', key.name], ['VRANDMEMBER', key.name, count]]);
  const items = await withAttributes(key, listOf(replyOf(sample)).map((element) => ({ bytes: bytesOf(element), score: null })));
  return { total: numberOf(replyOf(card)), items };
}

function missing(): LookasideError {
  return new LookasideError('NOT_FOUND', 'The element is not in the vector set any more');
}

/** VSIM … ELE: the nearest first. The search of the graph is bounded by EF, which follows COUNT. */
export async function vectorSimilar(key: KeyAt, element: Buffer, count: number): Promise<{ items: VectorItem[] }> {
  const [outcome] = await readTyped(key, type, [['VSIM', key.name, 'ELE', element, 'WITHSCORES', 'COUNT', count]]);
  if (saysError(outcome, 'not found')) throw missing();
  const flat = listOf(replyOf(outcome));
  const found = [];
  for (let at = 0; at + 1 < flat.length; at += 2) found.push({ bytes: bytesOf(flat[at]), score: numberOf(flat[at + 1]) });
  return { items: await withAttributes(key, found) };
}

/** VEMB, VGETATTR and VLINKS of one element. */
export async function vectorElement(key: KeyAt, element: Buffer) {
  const [vector, attributes, links] = await readTyped(key, type, [
    ['VEMB', key.name, element],
    ['VGETATTR', key.name, element],
    ['VLINKS', key.name, element, 'WITHSCORES'],
  ]);
  const values = replyOf(vector);
  if (values === null) throw missing();
  const cut = pageCutter();
  const layers = listOf(replyOrNull(links)).map((layer) => {
    const flat = listOf(layer);
    const neighbours = [];
    for (let at = 0; at + 1 < flat.length; at += 2) neighbours.push({ element: cut(bytesOf(flat[at])), score: numberOf(flat[at + 1]) });
    return neighbours;
  });
  const all = listOf(values);
  return { values: all.slice(0, maxValues).map((value) => numberOf(value)), dimensions: all.length, attributes: attributesOf(replyOrNull(attributes), cut), layers };
}
