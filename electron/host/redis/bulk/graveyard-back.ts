import { noExpiry } from '../../../../shared/redis/ttl-change.ts';
import type { RedisSession } from '../session.ts';
import type { ChangeOutcome } from './expiry-target.ts';
import { mayRunScripts } from './key-target.ts';
import { moveKeys, type Move } from './move-keys.ts';
import { serverClock } from './read-keys.ts';
import type { RunTally } from './run-tally.ts';
import { isPassing, rest, untilAnswered, type Waiting } from './server-wait.ts';

export interface BackWork {
  tally: RunTally;
  onRestored: (db: number, names: readonly { name: Buffer; type: string }[]) => void;
  wait: Waiting;
}

/** Renames keys of the graveyard back and gives them their earlier expiries. A key that has its old name by now stays, whatever is asked: it is newer. */
export async function graveyardBack(session: () => RedisSession, db: number, changes: readonly Move[], { tally, onRestored, wait }: BackWork): Promise<void> {
  const now = await untilAnswered(() => serverClock(session(), null, wait.signal), wait);
  let due = changes.filter(({ earlier }) => {
    if (earlier === noExpiry || earlier > now) return true;
    tally.leave('expired');
    return false;
  });
  const restored: { name: Buffer; type: string }[] = [];
  const sent = new Set<Move>();
  while (due.length > 0) {
    const asked = due;
    const back = asked.map((change): Move => ({ name: change.to, to: change.name, db, earlier: change.target, target: change.earlier }));
    const outcomes = await moveKeys(session(), db, back, { force: true, scripts: mayRunScripts(session()) }).catch((error: unknown) => {
      if (!isPassing(error)) throw error;
      return asked.map((): ChangeOutcome => ({ kind: 'unknown', problem: error }));
    });
    due = [];
    outcomes.forEach((outcome, at) => {
      const change = asked[at] as Move;
      switch (outcome.kind) {
        case 'changed':
          tally.changed += 1;
          restored.push({ name: change.name, type: 'unknown' });
          break;
        case 'gone':
          // sent before, and its answer was lost: it is back
          if (sent.has(change)) tally.changed += 1;
          else tally.leave('gone');
          break;
        case 'occupied':
          tally.leave('newer');
          break;
        case 'other':
          tally.leave('changed-since');
          break;
        case 'failed':
          tally.fail(change.name, outcome.problem);
          break;
        case 'unknown':
          sent.add(change);
          due.push(change);
          break;
      }
    });
    if (due.length > 0) await rest(200, wait.signal);
  }
  if (restored.length > 0) onRestored(db, restored);
}
