import type { BlastSnapshot } from '../../../shared/contract/blast-radius.ts';
import { exactnessMark, formatExact, formatRate, formatShare, plural } from '../../lib/format.ts';
import { FactList } from '../fact-list.tsx';
import { WireText } from '../wire-text-view.tsx';
import { BlastPostgresView } from './blast-postgres.tsx';
import { intervalWords, methodWords, rateWords, spentWords, stopWords } from './blast-words.ts';
import classes from './blast-radius.module.css';

const namesShown = 5;

/** The answer of a measurement. `at`: the time of day when it was done. */
export function BlastResult({ snapshot, at }: { snapshot: BlastSnapshot; at: string }) {
  const { misses, unit, stopped, seen, sample, server, nodes, hottest } = snapshot;
  const broken = nodes.filter(({ problem }) => problem !== null);
  if (misses === null) return null;
  return (
    <>
      <div role="status">
        <p className={`${classes['big']} la-number`} data-exactness={misses.exactness}>
          {exactnessMark(misses.exactness)}
          {rateWords(misses.perSecond, unit)} {unit === 'reads' ? 'would miss' : 'of these keys'}
        </p>
        <p className={`${classes['words']} la-number`}>
          {intervalWords(misses)} · measured at {at} {methodWords(snapshot)}
        </p>
      </div>
      {stopped !== null && <p className={`${classes['words']} ${classes['amber']}`}>{stopWords(stopped)}</p>}
      {broken.length > 0 && (
        <p className={`${classes['words']} ${classes['amber']}`}>
          {broken.map(({ node, problem }) => `${node}: ${problem?.message ?? ''}`).join('; ')}.
        </p>
      )}
      <div className={classes['parts']}>
        <section className={classes['part']}>
          <h4 className={classes['heading']}>What was seen</h4>
          <FactList facts={seen === null ? sampleFacts(snapshot) : seenFacts(seen)} />
        </section>
        <section className={classes['part']}>
          <h4 className={classes['heading']}>The server in that time</h4>
          {server === null ? (
            <p className={classes['words']}>INFO may not be read, or was reset meanwhile.</p>
          ) : (
            <FactList
              facts={[
                ['All reads', formatRate(server.readsPerSecond)],
                ['Hit rate', server.hitRate === null ? 'no reads' : formatShare(server.hitRate)],
                ...(server.hitRateAfter === null ? [] : [['If these missed', formatShare(server.hitRateAfter)] as const]),
              ]}
            />
          )}
        </section>
        <section className={classes['part']}>
          <h4 className={classes['heading']}>What the measurement cost</h4>
          <FactList facts={spentWords(snapshot)} />
        </section>
        {hottest.length > 0 && (
          <section className={classes['part']}>
            <h4 className={classes['heading']}>Read most</h4>
            <ol className={classes['names']}>
              {hottest.slice(0, namesShown).map(({ name, perSecond }) => (
                <li key={typeof name === 'string' ? `t${name}` : `b${name.b64}`}>
                  <span className="la-cut">
                    <WireText value={name} />
                  </span>
                  <span className="la-number">{formatRate(perSecond)}</span>
                </li>
              ))}
            </ol>
          </section>
        )}
        <BlastPostgresView postgres={snapshot.postgres} misses={misses} unit={unit} />
      </div>
      {sample !== null && <p className={classes['words']}>Accesses are reads and writes. The reads among them would miss; how many of them are reads is not known.</p>}
    </>
  );
}

function seenFacts(seen: NonNullable<BlastSnapshot['seen']>): (readonly [string, string])[] {
  const rows: (readonly [string, string | null])[] = [
    ['Commands', formatExact(seen.commands)],
    ['Reads by key', formatExact(seen.reads)],
    ['Match by name', `${formatExact(seen.matched)}, ${seen.namesCut ? 'at least ' : ''}${plural(seen.names, 'name')}`],
    ['Left out', seen.apart === null || seen.apart === 0 ? null : `${formatExact(seen.apart)}: not there, or not of the selection`],
    ['Not readable', seen.unread === 0 ? null : plural(seen.unread, 'line')],
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

function sampleFacts({ sample }: BlastSnapshot): (readonly [string, string])[] {
  if (sample === null) return [];
  const { selected, asked, unknown, touched, touchedSeconds, walked } = sample;
  const rows: (readonly [string, string | null])[] = [
    ['Keys', `${exactnessMark(selected.exactness)}${formatExact(Math.round(selected.perSecond))}${walked === null ? '' : `, found in ${formatExact(walked)} walked`}`],
    ['Sampled', formatExact(asked)],
    ['Touched', touched === null || touchedSeconds === null ? null : `${formatExact(touched)} in the last ${touchedSeconds}\u00a0s`],
    ['Not known', unknown === 0 ? null : formatExact(unknown)],
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}
