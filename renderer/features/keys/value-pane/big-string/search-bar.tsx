import { SegmentedControl, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconLetterCase, IconPlayerStop, IconX } from '@tabler/icons-react';
import { useState, type Ref } from 'react';
import { fromWire, toWire } from '../../../../../shared/bytes.ts';
import { formatBytes, formatExact, formatShare, plural } from '../../../../lib/format.ts';
import { IconButton } from '../../../../ui/icon-button.tsx';
import { parseHex } from './text-rows.ts';
import type { StringSearch } from './use-string-search.ts';
import classes from './big-string.module.css';

type Kind = 'text' | 'hex';

function needleOf(text: string, kind: Kind): { bytes: Uint8Array | null; error: string } {
  const bytes = kind === 'hex' ? parseHex(text) : fromWire(text.isWellFormed() ? text : '');
  if (bytes === null) return { bytes: null, error: 'Pairs of hexadecimal digits, such as ff 00' };
  return bytes.length > 4096 ? { bytes: null, error: 'At most 4,096 bytes' } : { bytes, error: '' };
}

/** Searches the whole value; Enter begins, then goes on to the next match. */
export function SearchBar({ search, inputRef }: { search: StringSearch; inputRef: Ref<HTMLInputElement> }) {
  const [text, setText] = useState('');
  const [kind, setKind] = useState<Kind>('text');
  const [exactCase, setExactCase] = useState(false);
  const { bytes, error } = needleOf(text, kind);
  const needle = bytes === null ? null : toWire(bytes);
  const ignoreCase = kind === 'text' && !exactCase;
  const isAsked = search.asked !== null && bytes !== null && JSON.stringify(search.asked.needle) === JSON.stringify(needle) && search.asked.ignoreCase === ignoreCase;
  const enter = (back: boolean) => {
    if (text === '' || bytes === null || needle === null || bytes.length === 0) return;
    if (isAsked && search.snapshot !== null) search.step(back ? -1 : 1);
    else search.search({ needle, bytes: bytes.length, ignoreCase });
  };
  return (
    <div className={classes['bar']} role="search" aria-label="Search the value">
      <TextInput
        ref={inputRef}
        type="text"
        w={190}
        aria-label={kind === 'hex' ? 'Bytes to find' : 'Text to find'}
        placeholder={kind === 'hex' ? 'Find bytes, such as ff 00' : 'Find text'}
        classNames={{ input: 'la-mono' }}
        spellCheck={false}
        value={text}
        error={text !== '' && error !== '' ? error : undefined}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            enter(event.shiftKey);
          } else if (event.key === 'Escape' && (text !== '' || search.asked !== null)) {
            event.preventDefault();
            event.stopPropagation();
            setText('');
            search.clear();
          }
        }}
      />
      <SegmentedControl
        size="xs"
        aria-label="Search for"
        value={kind}
        onChange={(value) => setKind(value === 'hex' ? 'hex' : 'text')}
        data={[
          { value: 'text', label: 'Text' },
          { value: 'hex', label: 'Bytes' },
        ]}
      />
      <IconButton label="Match case" icon={<IconLetterCase size={14} />} pressed={kind === 'text' && exactCase} disabled={kind === 'hex'} onClick={() => setExactCase(!exactCase)} />
      <Found search={search} />
    </div>
  );
}

/** How far the search is and which match is shown. */
function Found({ search }: { search: StringSearch }) {
  const { snapshot, at, stopped } = search;
  if (search.asked === null) return null;
  const done = snapshot?.done === true;
  const running = !done && !stopped && search.problem === null;
  return (
    <div className={classes['found']}>
      <IconButton label="Match before" icon={<IconChevronUp size={14} />} disabled={(snapshot?.kept ?? 0) === 0} onClick={() => search.step(-1)} />
      <IconButton label="Match after" icon={<IconChevronDown size={14} />} disabled={(snapshot?.kept ?? 0) === 0} onClick={() => search.step(1)} />
      <span role="status" className="la-number">
        {snapshot === null ? 'Searching' : wordsOf(snapshot.matches, snapshot.kept, at, done)}
        {snapshot !== null && !done && ` in ${formatBytes(snapshot.scanned)} of ${formatBytes(snapshot.total)} (${formatShare(snapshot.total === 0 ? 1 : snapshot.scanned / snapshot.total)})`}
        {running && snapshot !== null && snapshot.rate > 0 && `, ${formatBytes(snapshot.rate)}/s`}
        {stopped && !done && ', stopped'}
        {snapshot?.changed === true && ', the value changed meanwhile'}
      </span>
      {running ? (
        <IconButton label="Stop the search" icon={<IconPlayerStop size={14} />} onClick={search.stop} />
      ) : (
        <IconButton label="Clear the search" icon={<IconX size={14} />} onClick={search.clear} />
      )}
    </div>
  );
}

function wordsOf(matches: number, kept: number, at: number | null, done: boolean): string {
  if (matches === 0) return done ? 'No match' : 'No match yet';
  const all = plural(matches, 'match', 'matches');
  const shown = at === null ? all : `${formatExact(at + 1)} of ${all}`;
  return kept < matches ? `${shown}, the first ${formatExact(kept)} can be shown` : shown;
}
