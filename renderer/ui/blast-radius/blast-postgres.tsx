import { useId, useState } from 'react';
import type { BlastPostgres, BlastRate, BlastStatement } from '../../../shared/contract/blast-radius.ts';
import { timesRate } from '../../../shared/redis/rate-interval.ts';
import { exactnessMark, formatDuration, formatRate } from '../../lib/format.ts';
import { ProblemView } from '../problem-view.tsx';
import { intervalWords, loadWords } from './blast-words.ts';
import classes from './blast-radius.module.css';

interface BlastPostgresProps {
  postgres: BlastPostgres;
  misses: BlastRate;
  unit: 'reads' | 'accesses';
}

/** What the misses would mean for the Postgres behind the keys, once someone says which statement a miss calls. */
export function BlastPostgresView({ postgres, misses, unit }: BlastPostgresProps) {
  if (postgres.state === 'none' || postgres.state === 'measuring') return null;
  return (
    <section className={`${classes['part']} ${classes['wide']}`}>
      <h4 className={classes['heading']}>Postgres behind them</h4>
      {postgres.state === 'unknown' ? <ProblemView problem={postgres.problem} tone="warning" /> : <Statements known={postgres} misses={misses} unit={unit} />}
    </section>
  );
}

interface StatementsProps {
  known: Extract<BlastPostgres, { state: 'known' }>;
  misses: BlastRate;
  unit: 'reads' | 'accesses';
}

function Statements({ known, misses, unit }: StatementsProps) {
  const [chosenId, setChosen] = useState<string | null>(known.load?.statementId ?? null);
  const group = useId();
  const { statements, total, hiddenCallsPerSecond } = known;
  const chosen = statements.find(({ id }) => id === chosenId) ?? null;
  const hidden = hiddenCallsPerSecond === 0 ? '' : ` ${formatRate(hiddenCallsPerSecond, 'calls')} are of statements that this role may not see.`;
  return (
    <>
      <p className={`${classes['words']} la-number`}>
        In that time {formatRate(total.callsPerSecond, 'calls')}, {formatDuration(total.msPerSecond)} of execution a second in this database.{hidden}
      </p>
      {statements.length === 0 ? (
        <p className={classes['words']}>pg_stat_statements knows no statement that reads.</p>
      ) : (
        <>
          <Load chosen={chosen} misses={misses} unit={unit} />
          <div className={classes['statements']} role="radiogroup" aria-label="Statement that a miss calls" tabIndex={-1}>
            <table className={classes['table']}>
              <thead>
                <tr>
                  <th>A miss calls</th>
                  <th data-number style={{ width: 110 }}>
                    Calls
                  </th>
                  <th data-number style={{ width: 150 }}>
                    Time a call
                  </th>
                  <th data-number style={{ width: 90 }}>
                    Rows a call
                  </th>
                </tr>
              </thead>
              <tbody>
                {statements.map((statement) => (
                  <Row key={statement.id} statement={statement} group={group} chosen={statement.id === chosenId} onChoose={() => setChosen(statement.id)} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  );
}

function Row({ statement, group, chosen, onChoose }: { statement: BlastStatement; group: string; chosen: boolean; onChoose: () => void }) {
  const text = statement.text.replaceAll(/\s+/gu, ' ').trim();
  return (
    <tr data-chosen={chosen ? true : undefined}>
      <td>
        <label className={classes['choose']} title={statement.text}>
          <input type="radio" name={group} checked={chosen} onChange={onChoose} />
          <span className="la-mono la-cut">{text}</span>
        </label>
      </td>
      <td data-number>{formatRate(statement.callsPerSecond)}</td>
      <td data-number>
        {formatDuration(statement.msPerCall)}
        {statement.over === 'all' && ' (all time)'}
      </td>
      <td data-number>{statement.rowsPerCall < 10 ? Number(statement.rowsPerCall.toFixed(1)) : Math.round(statement.rowsPerCall)}</td>
    </tr>
  );
}

function Load({ chosen, misses, unit }: { chosen: BlastStatement | null; misses: BlastRate; unit: 'reads' | 'accesses' }) {
  if (chosen === null) return <p className={classes['words']}>Choose the statement that one miss calls; nothing is assumed.</p>;
  const load = timesRate(misses, chosen.msPerCall);
  return (
    <p className={`${classes['words']} la-number`} role="status">
      <strong>
        {exactnessMark(load.exactness)}
        {formatRate(misses.perSecond, 'more calls')}, {loadWords(load)}
      </strong>{' '}
      ({intervalWords(misses)}), if each of these {unit} calls it once, at its present mean time.
    </p>
  );
}
