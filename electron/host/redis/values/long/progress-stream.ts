import { snapshotStream, type SnapshotListener } from '../../../snapshots.ts';

/**
 * Runs `work` while its stream is read and gives snapshots of what it makes of its state. Leaving the stream aborts
 * the work; what the work fails with ends the stream.
 */
export async function* progressStream<T>(
  signal: AbortSignal,
  read: () => T,
  work: (signal: AbortSignal, changed: () => void) => Promise<void>,
): AsyncGenerator<T, void, void> {
  const leaving = new AbortController();
  const both = AbortSignal.any([signal, leaving.signal]);
  let listener: SnapshotListener = () => undefined;
  let failure: { error: unknown } | null = null;
  let ended = false;
  const end = (): void => {
    ended = true;
    listener('ended');
  };
  const running = work(both, () => listener('changed')).then(end, (error: unknown) => {
    failure = { error };
    end();
  });
  try {
    yield* snapshotStream({
      read: () => {
        if (failure !== null) throw failure.error;
        return read();
      },
      subscribe: (each) => {
        listener = each;
        if (ended) each('ended');
        return () => {
          listener = () => undefined;
        };
      },
      signal,
      minIntervalMs: 200,
    });
  } finally {
    leaving.abort();
    await running;
  }
}
