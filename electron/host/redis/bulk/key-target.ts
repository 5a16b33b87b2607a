import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { RedisSession } from '../session.ts';
import { changeByScript, changeInTwoSteps } from './change-keys.ts';
import type { ExpiryTarget } from './expiry-target.ts';
import { askOutcome, lacksCommand, readKeys } from './read-keys.ts';

/** Whether the server can tell an expiry as a time (Redis 7.0): without it nothing can be undone exactly. */
async function tellsExpiryTime(session: RedisSession, db: number): Promise<boolean> {
  return !lacksCommand(await askOutcome(session, db, ['PEXPIRETIME', 'lookaside']));
}

/** Whether the probe of the connection found that this user may not run scripts. */
export function mayRunScripts(session: RedisSession): boolean {
  return !session.facts().missing.some(({ reason }) => /may not run EVAL/.test(reason));
}

/** The keys of one database. */
export function keyTarget(options: { session: () => RedisSession; db: number; fields: readonly KeyFactField[] }): ExpiryTarget {
  const { session, db, fields } = options;
  let scripts: boolean | null = null;
  return {
    read: (names, node, signal) => readKeys({ session: session(), db, fields, exactExpiry: true }, names, node, signal),
    change: async (intents, _node, given) => {
      const present = session();
      scripts ??= mayRunScripts(present);
      if (scripts) {
        const changed = await changeByScript(present, db, intents, given);
        if (changed !== null) return changed;
        scripts = false;
      }
      return changeInTwoSteps(present, db, intents, given);
    },
  };
}

/** Throws UNSUPPORTED with the reason where a change could not be undone exactly. */
export async function requireExpiryTimes(session: RedisSession, db: number): Promise<void> {
  if (await tellsExpiryTime(session, db)) return;
  const { flavour, version } = session.facts();
  throw new LookasideError('UNSUPPORTED', `${flavour === 'unknown' ? 'This server' : `${flavour} ${version}`} cannot tell an expiry as a time`, {
    hint: 'PEXPIRETIME came with Redis 7.0. Without it earlier expiries could not be given back exactly, so nothing is changed.',
  });
}
