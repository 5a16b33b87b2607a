import type { Command } from '../../session.ts';
import { readTyped, type KeyAt } from '../key-read.ts';
import { bytesOf, replyOf } from '../replies.ts';
import { rowOf, type Comparison } from './comparison.ts';
import { createPacer, walkBytes } from './window-walk.ts';

/** Equal bytes between two differences that still count as one difference, so that rows are stretches and not bytes. */
const joins = 8;

async function windowOf(key: KeyAt, from: number): Promise<Buffer> {
  const read: Command = ['GETRANGE', key.name, from, from + walkBytes - 1];
  const [outcome] = await readTyped(key, 'string', [read]);
  return bytesOf(replyOf(outcome));
}

/** Stretches of differing bytes of two windows, in order; a stretch ends after `joins` equal bytes. */
export function differingStretches(left: Uint8Array, right: Uint8Array): { from: number; to: number }[] {
  const shorter = Math.min(left.length, right.length);
  const longer = Math.max(left.length, right.length);
  const stretches: { from: number; to: number }[] = [];
  const mark = (from: number, to: number) => {
    const last = stretches.at(-1);
    if (last !== undefined && from - last.to <= joins) last.to = to;
    else stretches.push({ from, to });
  };
  for (let at = 0; at < shorter; at += 1) if (left[at] !== right[at]) mark(at, at + 1);
  if (longer > shorter) mark(shorter, longer);
  return stretches;
}

/** Compares two strings of any length by windows. Counts bytes; each row is a stretch, its id the offset. */
export async function compareBytesOf(comparison: Comparison): Promise<boolean> {
  const { left, right, signal, add, looked } = comparison;
  const rest = createPacer(left, signal);
  for (let from = 0; ; from += walkBytes) {
    const begun = performance.now();
    const [a, b] = await Promise.all([windowOf(left, from), windowOf(right, from)]);
    const took = performance.now() - begun;
    const longer = Math.max(a.length, b.length);
    if (longer === 0) return true;
    if (a.equals(b)) add('same', a.length);
    else {
      let covered = 0;
      for (const { from: begin, to } of differingStretches(a, b)) {
        const id = Buffer.from(String(from + begin));
        const [mine, theirs] = [a.subarray(begin, to), b.subarray(begin, to)];
        const side = theirs.length === 0 ? 'left' : mine.length === 0 ? 'right' : 'different';
        add(side, to - begin, () => rowOf(side, id, mine.length === 0 ? null : mine, theirs.length === 0 ? null : theirs));
        covered += to - begin;
      }
      add('same', longer - covered);
    }
    looked(a.length + b.length);
    if (longer < walkBytes) return true;
    await rest(took);
  }
}
