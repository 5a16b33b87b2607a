import type { BitSnapshot } from '../../../../../shared/contract/value-work.ts';
import { lengthCommand, readTyped, type KeyAt } from '../key-read.ts';
import { numberOf, replyOf } from '../replies.ts';
import type { Command } from '../../session.ts';
import { progressStream } from './progress-stream.ts';
import { WalkProgress } from './search-string.ts';
import { createPacer, walkBytes } from './window-walk.ts';
import { LookasideError } from '../../../../../shared/contract/errors.ts';

const maxStretches = 256;
/** BITCOUNTs sent together; each is bounded by its own window. */
const perTrip = 16;

/**
 * Counts set bits stretch by stretch. Small values are cut into 256 stretches too, so that the strip over the grid has
 * a picture of any value.
 */
export function countBits(key: KeyAt, signal: AbortSignal): AsyncGenerator<BitSnapshot, void, void> {
  const progress = new WalkProgress();
  let ones = 0;
  let stretches: (number | null)[] = [];
  let stretchBytes = 1;
  return progressStream(
    signal,
    () => ({ ...progress.read(), ones, stretches: [...stretches], stretchBytes }),
    async (walking, changed) => {
      const rest = createPacer(key, walking);
      const [length] = await readTyped(key, 'string', [lengthCommand('string', key.name) as Command]);
      const total = numberOf(replyOf(length));
      progress.step(0, total);
      stretchBytes = Math.max(1, Math.ceil(total / maxStretches));
      stretches = Array.from({ length: Math.ceil(total / stretchBytes) }, () => null);
      const windows: { from: number; to: number; stretch: number }[] = [];
      for (let stretch = 0; stretch < stretches.length; stretch += 1) {
        const end = Math.min(total, (stretch + 1) * stretchBytes);
        for (let from = stretch * stretchBytes; from < end; from += walkBytes) windows.push({ from, to: Math.min(end, from + walkBytes), stretch });
      }
      const sums = new Map<number, number>();
      const small = stretchBytes * perTrip <= walkBytes;
      const step = small ? perTrip : 1;
      for (let at = 0; at < windows.length; at += step) {
        if (walking.aborted) throw new LookasideError('CANCELLED', 'Cancelled');
        const group = windows.slice(at, at + step);
        const begun = performance.now();
        const counts = await readTyped(key, 'string', [
          ['STRLEN', key.name],
          ...group.map(({ from, to }): Command => ['BITCOUNT', key.name, from, to - 1]),
        ]);
        const took = performance.now() - begun;
        for (const [index, { to, stretch }] of group.entries()) {
          const count = numberOf(replyOf(counts[index + 1]));
          ones += count;
          sums.set(stretch, (sums.get(stretch) ?? 0) + count);
          const begin = stretch * stretchBytes;
          stretches[stretch] = (sums.get(stretch) ?? 0) / ((to - begin) * 8);
          progress.step(to, numberOf(replyOf(counts[0])));
        }
        changed();
        await rest(took);
      }
      progress.done = true;
    },
  );
}
