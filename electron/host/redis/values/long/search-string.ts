import type { SearchSnapshot } from '../../../../../shared/contract/value-work.ts';
import { addSample, rateOf, type ProgressSample } from '../../../../../shared/progress.ts';
import type { KeyAt } from '../key-read.ts';
import { bytesOf, replyOf } from '../replies.ts';
import { createFinder } from './find-bytes.ts';
import { progressStream } from './progress-stream.ts';
import type { ResultShelf } from './result-shelf.ts';
import { walkWindows } from './window-walk.ts';

/** Places kept of one search, 8 bytes each. */
const maxKept = 100_000;

export interface FoundPlaces {
  offsets: number[];
}

/** Progress of a walk over a string, for its snapshots. */
export class WalkProgress {
  scanned = 0;
  total = 0;
  changed = false;
  done = false;
  #samples: ProgressSample[] = [{ at: performance.now(), done: 0 }];

  step(scanned: number, total: number): void {
    if (this.total !== 0 && this.total !== total) this.changed = true;
    this.scanned = scanned;
    this.total = total;
    this.#samples = addSample(this.#samples, { at: performance.now(), done: scanned });
  }

  read() {
    const { done, scanned, total, changed } = this;
    return { done, scanned, total, changed, rate: done ? 0 : rateOf(this.#samples, performance.now()) };
  }
}

export interface SearchRequest {
  needle: Buffer;
  ignoreCase: boolean;
  from: number;
}

/** Searches a string window by window; the places go to the shelf as they are found. */
export function searchString(key: KeyAt, request: SearchRequest, shelf: ResultShelf<FoundPlaces>, signal: AbortSignal): AsyncGenerator<SearchSnapshot, void, void> {
  const places: FoundPlaces = { offsets: [] };
  const searchId = shelf.put(places);
  const progress = new WalkProgress();
  let matches = 0;
  return progressStream(
    signal,
    () => ({ searchId, ...progress.read(), matches, kept: places.offsets.length }),
    async (walking, changed) => {
      const finder = createFinder(request.needle, request.ignoreCase);
      const read = (from: number, last: number) => ['GETRANGE', key.name, from, last] as const;
      for await (const { from, total, outcome } of walkWindows(key, { from: request.from, to: null, signal: walking, read })) {
        const bytes = bytesOf(replyOf(outcome));
        for (const offset of finder.next(bytes)) {
          matches += 1;
          if (places.offsets.length < maxKept) places.offsets.push(request.from + offset);
        }
        progress.step(from + bytes.length, total);
        changed();
      }
      progress.done = true;
    },
  );
}
