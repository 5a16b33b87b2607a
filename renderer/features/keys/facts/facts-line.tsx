import type { IndexSnapshot } from '../../../../shared/contract/keys.ts';
import { formatDateTime, formatExact, formatShare } from '../../../lib/format.ts';
import { fieldList, wayWords } from './fact-words.ts';
import classes from './facts.module.css';

/** How far the reading of facts is, what that is worth, and which way it goes. */
export function FactsLine({ snapshot }: { snapshot: IndexSnapshot }) {
  const { facts, keys, state } = snapshot;
  if (facts === null) return null;
  const way = wayWords(facts);
  const done = facts.completedAt !== null;
  const stands = state === 'paused' ? 'paused' : state === 'waiting-for-server' ? 'waiting for the server' : 'reading';
  const of = facts.known === keys ? `all ${formatExact(keys)} keys` : `${formatExact(facts.known)} of ${formatExact(keys)} keys`;
  const fields = fieldList(facts.fields, facts.recency);
  return (
    <div className={classes['line']} role="group" aria-label="Facts" title={`${fields}${way === '' ? '' : `; read by ${way}`}`}>
      <span className={classes['lineTitle']}>Facts</span>
      <span className="la-number" data-state={done ? 'done' : stands}>
        {done ? `${of}, read ${formatDateTime(facts.completedAt ?? 0).slice(11)}` : `${stands}, ${formatShare(facts.coverage)}, ${of}`}
      </span>
      <span className={`${classes['lineFields']} la-cut`}>{fields}</span>
      {!done && facts.disturbsIdle && <span className={classes['warning']}>resets idle times</span>}
    </div>
  );
}
