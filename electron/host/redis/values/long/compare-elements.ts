import { createHash } from 'node:crypto';
import type { Command } from '../../session.ts';
import { lengthCommand, readTyped, replySize, type KeyAt } from '../key-read.ts';
import { bytesOf, listOf, replyOf, textOf } from '../replies.ts';
import { maxCompared, rowOf, type Comparison } from './comparison.ts';
import { createPacer } from './window-walk.ts';

interface Element {
  id: Buffer;
  /** Value of a field, score of a member; `null` for sets. */
  value: Buffer | null;
}

const scans: ReadonlyMap<string, string> = new Map([
  ['hash', 'HSCAN'],
  ['set', 'SSCAN'],
  ['zset', 'ZSCAN'],
]);

/** All elements of one side by its cursor, until `maxCompared`; `whole` tells whether that were all. */
async function* walk(key: KeyAt, type: string, count: number): AsyncGenerator<Element[], boolean, void> {
  let at = '0';
  let given = 0;
  do {
    const read: Command = [scans.get(type) as string, key.name, at, 'COUNT', count];
    const [outcome] = await readTyped(key, type, [read]);
    const [next, flat] = listOf(replyOf(outcome));
    const parts = listOf(flat).map((part) => bytesOf(part));
    const elements: Element[] = [];
    if (type === 'set') for (const id of parts) elements.push({ id, value: null });
    else for (let index = 0; index + 1 < parts.length; index += 2) elements.push({ id: parts[index] as Buffer, value: parts[index + 1] as Buffer });
    at = textOf(next);
    given += elements.length;
    yield elements;
  } while (at !== '0' && given < maxCompared);
  return at === '0';
}

/** What the other side holds for these ids, in one command: `null` = nothing. Needs Redis 6.2 for sets and sorted sets. */
async function heldBy(key: KeyAt, type: string, ids: readonly Buffer[]): Promise<(Buffer | null)[]> {
  if (ids.length === 0) return [];
  const command = type === 'hash' ? 'HMGET' : type === 'set' ? 'SMISMEMBER' : 'ZMSCORE';
  const [outcome] = await readTyped(key, type, [[command, key.name, ...ids]]);
  return listOf(replyOf(outcome)).map((reply) => {
    if (reply === null) return null;
    const bytes = bytesOf(reply);
    // SMISMEMBER answers 0 and 1.
    if (type === 'set') return bytes.toString() === '1' ? bytes : null;
    return bytes;
  });
}

function token(id: Buffer): string {
  return id.length <= 40 ? id.toString('latin1') : createHash('sha1').update(id).digest('base64');
}

/** A part of a scan can come twice; what was counted is not counted again. */
function fresh(elements: readonly Element[], seen: Set<string>): Element[] {
  return elements.filter(({ id }) => {
    const mark = token(id);
    if (seen.has(mark)) return false;
    seen.add(mark);
    return true;
  });
}

/**
 * Hashes by field, sets by member, sorted sets by member and score: each side is walked once and the other is asked for
 * what came. Gives whether all of both was looked at.
 */
export async function compareElements(comparison: Comparison): Promise<boolean> {
  const { left, right, type, signal, add, looked } = comparison;
  const rest = createPacer(left, signal);
  const sizes = await Promise.all([left, right].map((key) => replySize(key, type, lengthCommand(type, key.name) as Command)));
  const count = Math.min(500, ...sizes);
  let whole = true;

  const pass = async (mine: KeyAt, theirs: KeyAt, isLeft: boolean): Promise<void> => {
    const seen = new Set<string>();
    const pages = walk(mine, type, count);
    for (;;) {
      const begun = performance.now();
      const page = await pages.next();
      if (page.done === true) {
        whole &&= page.value;
        return;
      }
      const elements = fresh(page.value, seen);
      const held = await heldBy(theirs, type, elements.map(({ id }) => id));
      for (const [index, { id, value }] of elements.entries()) {
        const other = held[index] ?? null;
        if (other === null) add(isLeft ? 'left' : 'right', 1, () => rowOf(isLeft ? 'left' : 'right', id, isLeft ? (value ?? id) : null, isLeft ? null : (value ?? id)));
        else if (!isLeft) continue;
        else if (value === null || value.equals(other) || sameScore(type, value, other)) add('same', 1);
        else add('different', 1, () => rowOf('different', id, value, other));
      }
      looked(elements.length);
      await rest(performance.now() - begun);
    }
  };
  await pass(left, right, true);
  await pass(right, left, false);
  return whole;
}

/** ZSCAN and ZMSCORE of one server may print a score in two ways. */
function sameScore(type: string, a: Buffer, b: Buffer): boolean {
  return type === 'zset' && Number(a.toString('latin1')) === Number(b.toString('latin1'));
}
