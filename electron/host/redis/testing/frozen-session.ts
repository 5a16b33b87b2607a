import type { RedisSession } from '../session.ts';

export interface FrozenSession {
  session: RedisSession;
  /** Resolves when it stands still. */
  frozen: Promise<void>;
}

/**
 * A session that stands still for ever at its `calls`-th round trip, before or after the server has got it: to whoever uses it the
 * program was killed at that moment.
 */
export function freezing(session: RedisSession, calls: number, when: 'before' | 'after'): FrozenSession {
  let left = calls;
  let stop = (): void => undefined;
  const frozen = new Promise<void>((resolve) => (stop = resolve));
  const never = new Promise<never>(() => undefined);
  const still = async <T>(send: () => Promise<T>): Promise<T> => {
    left -= 1;
    if (left > 0) return send();
    if (left === 0 && when === 'after') await send();
    stop();
    return never;
  };
  return {
    frozen,
    session: {
      ...session,
      batch: (db, commands, options) => still(() => session.batch(db, commands, options)),
      call: (db, command, options) => still(() => session.call(db, command, options)),
      transaction: (db, keys, work) => still(() => session.transaction(db, keys, work)),
    },
  };
}
