/** Called by a source on each change, and once with `ended` after its last one. */
export type SnapshotListener = (event?: 'changed' | 'ended') => void;

export interface SnapshotSource<T> {
  /** The present state, whole. What it throws ends the stream with that error. */
  read: () => T;
  /** Starts telling of changes; returns the unsubscribe. */
  subscribe: (listener: SnapshotListener) => () => void;
  /** Ends the stream at once, also while its reader stalls. */
  signal: AbortSignal;
  /** Least time between two snapshots, ms. */
  minIntervalMs: number;
  /** A snapshot is sent at least this often, ms, even when nothing changes. */
  maxIntervalMs?: number;
}

const nothing = (): void => undefined;

/**
 * Snapshots of a changing state: the first at once, then at most one per `minIntervalMs`, the last one always.
 * Nothing is queued: what changes while the reader is busy or the interval runs is in the next snapshot, read when it
 * is asked for. The source is released when the reader leaves, when `signal` aborts, and after `ended`.
 */
export async function* snapshotStream<T>(source: SnapshotSource<T>): AsyncGenerator<T, void, void> {
  const { read, subscribe, signal, minIntervalMs, maxIntervalMs } = source;
  if (signal.aborted) return;
  let changed = false;
  let ended = false;
  let idle = false;
  let released = false;
  let wake: () => void = nothing;

  const unsubscribe = subscribe((event = 'changed') => {
    changed = true;
    if (event === 'ended') ended = true;
    if (idle || ended) wake();
  });
  // A generator that is suspended at a yield runs no `finally`, so an abort must release the source by itself.
  const release = (): void => {
    if (!released) unsubscribe();
    released = true;
    wake();
  };
  signal.addEventListener('abort', release, { once: true });

  const rest = (ms: number | undefined): Promise<void> =>
    new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, Math.max(0, ms));
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const over = (): boolean => signal.aborted || ended;

  try {
    while (!signal.aborted) {
      const last = ended;
      changed = false;
      const sentAt = performance.now();
      yield read();
      if (last) return;
      const since = (): number => performance.now() - sentAt;
      if (!changed && !over()) {
        idle = true;
        await rest(maxIntervalMs === undefined ? undefined : maxIntervalMs - since());
        idle = false;
      }
      while (!over() && since() < minIntervalMs) await rest(minIntervalMs - since());
    }
  } finally {
    signal.removeEventListener('abort', release);
    release();
  }
}
