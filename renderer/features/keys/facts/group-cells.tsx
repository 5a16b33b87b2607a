import type { BytesEstimate, GroupFacts } from '../../../../shared/contract/key-facts.ts';
import { formatBytes, formatBytesExact, formatExact, formatShare } from '../../../lib/format.ts';
import { TypeMark, typeWord } from '../../../ui/badge.tsx';
import { Figure } from '../../../ui/figure.tsx';
import { bytesNote, ttlTitle, ttlWords, typeShares } from './fact-words.ts';
import classes from './facts.module.css';

type TtlSplitFacts = NonNullable<GroupFacts['ttl']>;

function Absent() {
  return (
    <span className={classes['absent']} title="Not read yet">
      –
    </span>
  );
}

/** Bytes of many keys: `~1.5 GiB`, the interval on hover; a dash while none is read. */
export function GroupBytes({ estimate }: { estimate: BytesEstimate | null }) {
  if (estimate === null || estimate.known === 0) return <Absent />;
  return <Figure shown={formatBytes(estimate.value)} exact={formatBytesExact(Math.round(estimate.value))} exactness={estimate.exactness} note={bytesNote(estimate)} />;
}

/** Bytes a key on average, as exact as the sum is. */
export function BytesPerKey({ estimate, keys }: { estimate: BytesEstimate | null; keys: number }) {
  if (estimate === null || estimate.known === 0 || keys === 0) return <Absent />;
  const each = Math.round(estimate.value / keys);
  return <Figure shown={formatBytes(each)} exact={formatBytesExact(each)} exactness={estimate.exactness} note={bytesNote(estimate)} />;
}

/** The three parts of a TTL split as one bar; always beside its words. */
export function TtlBar({ split, wide = false }: { split: TtlSplitFacts; wide?: boolean }) {
  const all = split.with + split.without + split.unknown;
  const width = (keys: number) => ({ width: `${all === 0 ? 0 : (keys / all) * 100}%` });
  return (
    <span className={classes['bar']} data-wide={wide || undefined} aria-hidden>
      <span className={classes['with']} style={width(split.with)} />
      <span className={classes['without']} style={width(split.without)} />
      <span className={classes['unknown']} style={width(split.unknown)} />
    </span>
  );
}

/** Who expires and who does not: a small bar with words. */
export function TtlSplit({ split }: { split: TtlSplitFacts | null }) {
  if (split === null) return <Absent />;
  return (
    <span className={classes['split']} title={ttlTitle(split)}>
      <TtlBar split={split} />
      <span className={`${classes['splitWords']} la-number la-cut`}>{ttlWords(split)}</span>
    </span>
  );
}

/** The commonest type and its share; all of them on hover. */
export function TypeMix({ types }: { types: GroupFacts['types'] }) {
  if (types === null) return <Absent />;
  const shares = typeShares(types);
  const [first] = shares;
  if (first === undefined) return <Absent />;
  return (
    <span className={classes['types']} title={shares.map(({ type, keys, share }) => `${typeWord(type)}: ${formatExact(keys)} keys, ${formatShare(share)}`).join('\n')}>
      <TypeMark type={first.type} />
      <span className="la-cut">
        {typeWord(first.type)}
        {first.share < 1 && ` ${formatShare(first.share)}`}
      </span>
    </span>
  );
}

/** A TTL split and types in full, with their legends: for panes and hover cards. */
export function GroupSheet({ facts }: { facts: GroupFacts }) {
  const shares = facts.types === null ? [] : typeShares(facts.types);
  return (
    <div className={classes['sheet']}>
      {facts.ttl !== null && (
        <>
          <TtlBar split={facts.ttl} wide />
          <ul className={classes['legend']}>
            {facts.ttl.with > 0 && <LegendItem swatch={classes['with'] ?? ''} text={`${formatExact(facts.ttl.with)} expire`} />}
            {facts.ttl.without > 0 && <LegendItem swatch={classes['without'] ?? ''} text={`${formatExact(facts.ttl.without)} without TTL`} />}
            {facts.ttl.unknown > 0 && <LegendItem swatch={classes['unknown'] ?? ''} text={`${formatExact(facts.ttl.unknown)} not read yet`} />}
          </ul>
        </>
      )}
      {shares.length > 0 && (
        <ul className={classes['legend']}>
          {shares.map(({ type, keys, share }) => (
            <li key={type}>
              <TypeMark type={type} />
              {typeWord(type)} {formatExact(keys)} ({formatShare(share)})
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function LegendItem({ swatch, text }: { swatch: string; text: string }) {
  return (
    <li>
      <span className={`${classes['swatch']} ${swatch}`} aria-hidden />
      {text}
    </li>
  );
}
