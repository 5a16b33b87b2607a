import type { ReactNode } from 'react';
import classes from './badge.module.css';

export type Tone = 'plain' | 'accent' | 'red' | 'amber' | 'green';

/** A word in a frame. Tones other than plain and accent are for meaning only. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={classes['badge']} data-tone={tone}>
      {children}
    </span>
  );
}

const typeWords: ReadonlyMap<string, string> = new Map([
  ['string', 'string'],
  ['hash', 'hash'],
  ['list', 'list'],
  ['set', 'set'],
  ['zset', 'sorted set'],
  ['stream', 'stream'],
  ['none', 'gone'],
]);

/** A type in words: `sorted set`; module types keep their own name. */
export function typeWord(type: string): string {
  return typeWords.get(type) ?? type;
}

/** The colour of a type, for where its word stands beside it. */
export function TypeMark({ type }: { type: string }) {
  return <span className={classes['mark']} data-type={type} aria-hidden />;
}

/** A key's type: a colour that colour-blind readers can tell apart, always with its word. Module types keep their own name. */
export function TypeBadge({ type }: { type: string }) {
  return (
    <span className={classes['type']}>
      <TypeMark type={type} />
      {typeWord(type)}
    </span>
  );
}
