import { Fragment } from 'react';
import { fromWire, toWire, wireKey, type WireBytes } from '../../../../shared/bytes.ts';
import { Delimiters, splitKeyName } from '../../../../shared/redis/key-name.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import type { Opened } from '../keys-context.ts';
import classes from './key-tree.module.css';

interface Crumb {
  label: string;
  delimiter: string;
  /** `null` for the key itself. */
  prefix: WireBytes | null;
}

/** Deeper paths show their ends only. */
const maxCrumbs = 12;

/** The segments of a name; the last is the key itself unless the name is a folder's prefix. */
function crumbsOf(name: WireBytes, isKey: boolean, delimiters: readonly string[]): Crumb[] {
  const bytes = fromWire(name);
  const segments = splitKeyName(bytes, new Delimiters(delimiters));
  return (isKey ? segments : segments.slice(0, -1)).map(({ from, to, end }, at) => ({
    label: to === from ? '(empty)' : wireLabel(toWire(bytes.subarray(from, to)), 60),
    delimiter: wireLabel(toWire(bytes.subarray(to, end)), 8),
    prefix: isKey && at === segments.length - 1 ? null : toWire(bytes.subarray(0, end)),
  }));
}

interface PathProps {
  name: WireBytes;
  isKey: boolean;
  delimiters: readonly string[];
  onFolder: (prefix: WireBytes) => void;
}

/** The folders above a name, and the name; each folder leads there. */
export function PathCrumbs({ name, isKey, delimiters, onFolder }: PathProps) {
  const all = crumbsOf(name, isKey, delimiters);
  const crumbs = all.length > maxCrumbs ? [...all.slice(0, maxCrumbs - 2), ...all.slice(-2)] : all;
  return (
    <>
      {crumbs.map((crumb, at) => (
        <Fragment key={crumb.prefix === null ? 'key' : wireKey(crumb.prefix)}>
          {at > 0 && <span className={`${classes['crumbDelimiter']} la-mono`}>{crumbs[at - 1]?.delimiter}</span>}
          {at === maxCrumbs - 2 && all.length > maxCrumbs && <span className={classes['crumbDelimiter']}>…</span>}
          {crumb.prefix === null ? (
            <span className={`${classes['crumb']} la-mono`} aria-current="true">
              {crumb.label}
            </span>
          ) : (
            <button type="button" className={`${classes['crumb']} la-mono`} title={`Go to the folder ${wireLabel(crumb.prefix, 200)}`} onClick={() => crumb.prefix !== null && onFolder(crumb.prefix)}>
              {crumb.label}
            </button>
          )}
        </Fragment>
      ))}
    </>
  );
}

/** The path of what is open. */
export function Breadcrumbs({ opened, delimiters, onFolder }: { opened: Opened; delimiters: readonly string[]; onFolder: (prefix: WireBytes) => void }) {
  return (
    <nav className={classes['crumbs']} aria-label="Path">
      {opened.kind === 'template' ? (
        <span className={`${classes['crumb']} la-mono`} aria-current="true">
          {wireLabel(opened.template, 200)}
        </span>
      ) : (
        <PathCrumbs name={opened.kind === 'key' ? opened.name : opened.prefix} isKey={opened.kind === 'key'} delimiters={delimiters} onFolder={onFolder} />
      )}
    </nav>
  );
}
