import type * as v from 'valibot';
import { LookasideError } from '../../../../../shared/contract/errors.ts';
import type { StreamAction, trimTo } from '../../../../../shared/contract/value-work.ts';
import { fromWire, type WireBytes } from '../../../../../shared/bytes.ts';
import type { Command } from '../../session.ts';
import { gone, readTyped, type KeyAt } from '../key-read.ts';
import { listOf, numberOf, replyOf, saysError, textOf } from '../replies.ts';

/** Entries that one XTRIM may remove and one XAUTOCLAIM may look at. */
const trimStep = 10_000;
const claimStep = 500;
const previewPages = 10;
const previewPage = 1000;

type TrimTo = v.InferOutput<typeof trimTo>;

export interface Acted {
  affected: number;
  unit: string;
  left: string | null;
}

const bytes = (wire: WireBytes) => Buffer.from(fromWire(wire));

async function send(key: KeyAt, command: Command) {
  const [outcome] = await readTyped(key, 'stream', [command]);
  if (saysError(outcome, 'NOGROUP')) throw new LookasideError('NOT_FOUND', 'The consumer group does not exist any more');
  if (saysError(outcome, 'BUSYGROUP')) throw new LookasideError('CONFLICT', 'A consumer group of this name exists already', { hint: 'Choose another name, or set the id of that group.' });
  return replyOf(outcome);
}

/**
 * `~ … LIMIT` removes whole blocks, a bounded number at a time; the last XTRIM with `=` takes what remains of one block.
 * Several commands, so entries that come meanwhile are judged by the same rule.
 */
async function trim(key: KeyAt, to: TrimTo): Promise<number> {
  const [by, threshold] = to.by === 'length' ? ['MAXLEN', to.keep] : ['MINID', to.from];
  let removed = 0;
  for (;;) {
    const step = numberOf(await send(key, ['XTRIM', key.name, by, '~', threshold, 'LIMIT', trimStep]));
    removed += step;
    if (step === 0) return removed + numberOf(await send(key, ['XTRIM', key.name, by, '=', threshold]));
  }
}

async function autoclaim(key: KeyAt, action: Extract<StreamAction, { do: 'autoclaim' }>): Promise<Acted> {
  const reply = listOf(await send(key, ['XAUTOCLAIM', key.name, bytes(action.group), bytes(action.consumer), action.minIdleMs, '0-0', 'COUNT', claimStep, 'JUSTID']));
  const next = textOf(reply[0]);
  return { affected: listOf(reply[1]).length, unit: 'entry', left: next === '0-0' ? null : next };
}

/**
 * One change of a stream. The key has to exist and be a stream: no group makes a stream of its own.
 * @throws READ_ONLY, OUTCOME_UNKNOWN, NOT_FOUND for a group that is gone, CONFLICT for one that exists, KEY_GONE, REDIS_WRONG_TYPE
 */
export async function actOnStream(key: KeyAt, action: StreamAction): Promise<Acted> {
  const { name } = key;
  const one = async (command: Command, unit: string): Promise<Acted> => ({ affected: numberOf(await send(key, command)), unit, left: null });
  switch (action.do) {
    case 'ack':
      return one(['XACK', name, bytes(action.group), ...action.ids], 'entry');
    case 'claim': {
      const claimed = listOf(await send(key, ['XCLAIM', name, bytes(action.group), bytes(action.consumer), action.minIdleMs, ...action.ids, 'JUSTID']));
      return { affected: claimed.length, unit: 'entry', left: null };
    }
    case 'autoclaim':
      return autoclaim(key, action);
    case 'groupCreate':
      await send(key, ['XGROUP', 'CREATE', name, bytes(action.group), action.id]);
      return { affected: 1, unit: 'group', left: null };
    case 'groupSetId':
      await send(key, ['XGROUP', 'SETID', name, bytes(action.group), action.id]);
      return { affected: 1, unit: 'group', left: null };
    case 'groupDestroy':
      return one(['XGROUP', 'DESTROY', name, bytes(action.group)], 'group');
    case 'consumerDelete':
      return one(['XGROUP', 'DELCONSUMER', name, bytes(action.group), bytes(action.consumer)], 'pending entry');
    case 'trim':
      return { affected: await trim(key, action.to), unit: 'entry', left: null };
  }
}

/** Group, consumer and ids of an action in words, for the journal. */
export function actionWords(action: StreamAction): string {
  const text = (wire: WireBytes) => JSON.stringify(wire).slice(0, 200);
  switch (action.do) {
    case 'ack':
      return `XACK ${text(action.group)} of ${action.ids.length} ids, first ${action.ids[0] ?? ''}`;
    case 'claim':
      return `XCLAIM ${text(action.group)} to ${text(action.consumer)} of ${action.ids.length} ids, first ${action.ids[0] ?? ''}, idle at least ${action.minIdleMs} ms`;
    case 'autoclaim':
      return `XAUTOCLAIM ${text(action.group)} to ${text(action.consumer)}, idle at least ${action.minIdleMs} ms`;
    case 'groupCreate':
      return `XGROUP CREATE ${text(action.group)} at ${action.id}`;
    case 'groupSetId':
      return `XGROUP SETID ${text(action.group)} to ${action.id}`;
    case 'groupDestroy':
      return `XGROUP DESTROY ${text(action.group)}`;
    case 'consumerDelete':
      return `XGROUP DELCONSUMER ${text(action.group)} ${text(action.consumer)}`;
    case 'trim':
      return action.to.by === 'length' ? `XTRIM MAXLEN ${action.to.keep}` : `XTRIM MINID ${action.to.from}`;
  }
}

/** Counts what a trim would remove: from the length, or by walking the ids below `from`, 10,000 at most. */
export async function trimPreview(key: KeyAt, to: TrimTo): Promise<{ total: number; removed: number; exactness: 'exact' | 'atLeast' }> {
  const [exists, length] = await readTyped(key, 'stream', [['EXISTS', key.name], ['XLEN', key.name]]);
  if (numberOf(replyOf(exists)) === 0) throw gone();
  const total = numberOf(replyOf(length));
  if (to.by === 'length') return { total, removed: Math.max(0, total - to.keep), exactness: 'exact' };
  let removed = 0;
  let at = '-';
  for (let page = 0; page < previewPages; page += 1) {
    // The end is exclusive: MINID keeps what has this id.
    const [outcome] = await readTyped(key, 'stream', [['XRANGE', key.name, at, `(${to.from}`, 'COUNT', previewPage]]);
    const entries = listOf(replyOf(outcome));
    removed += entries.length;
    const last = listOf(entries.at(-1) ?? [])[0];
    if (entries.length < previewPage || last === undefined) return { total, removed, exactness: 'exact' };
    at = `(${textOf(last)}`;
  }
  return { total, removed, exactness: removed >= total ? 'exact' : 'atLeast' };
}
