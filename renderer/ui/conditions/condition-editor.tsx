import { Button, Checkbox, MultiSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { formatDuration } from '../../lib/format.ts';
import { typeWord } from '../badge.tsx';
import type { ConditionKind, Conditions } from './conditions.ts';
import { parseRange, rangeExample, rangeInput, rangeWords, type Range, type RangeKind } from './ranges.ts';
import classes from './conditions.module.css';

interface EditorProps {
  kind: ConditionKind;
  conditions: Conditions;
  /** Types and encodings that are known of, besides the usual ones. */
  types: readonly string[];
  onApply: (conditions: Conditions) => void;
}

const minute = 60_000;
const hour = 3_600_000;
const day = 86_400_000;

const presets: Record<RangeKind, readonly Range[]> = {
  ttlMs: [{ max: minute }, { max: hour }, { max: day }, { min: day, max: 30 * day }, { min: 30 * day }],
  bytes: [{ min: 1024 * 1024 }, { min: 64 * 1024 }, { min: 10 * 1024 }, { max: 1024 }],
  elements: [{ min: 1_000_000 }, { min: 10_000 }, { min: 1000 }, { max: 1 }],
  idleSeconds: [{ min: 3600 }, { min: 86_400 }, { min: 7 * 86_400 }, { min: 30 * 86_400 }, { max: 60 }],
  frequency: [{ max: 0 }, { max: 5 }, { min: 50 }, { min: 200 }],
};

const usualTypes = ['string', 'hash', 'list', 'set', 'zset', 'stream'];
const usualEncodings = ['int', 'embstr', 'raw', 'listpack', 'ziplist', 'quicklist', 'hashtable', 'intset', 'skiplist', 'stream'];

/** What one condition asks, edited; the whole list changes at once when it is applied. */
export function ConditionEditor({ kind, conditions, types, onApply }: EditorProps) {
  if (kind === 'types') {
    const all = [...new Set([...usualTypes, ...types, ...(conditions.types ?? [])])].filter((type) => type !== 'none');
    return <TypeEditor all={all} chosen={conditions.types ?? []} onApply={(chosen) => onApply({ ...conditions, types: chosen })} />;
  }
  if (kind === 'encodings') return <EncodingEditor chosen={conditions.encodings ?? []} onApply={(encodings) => onApply({ ...conditions, encodings })} />;
  const present = conditions[kind];
  return (
    <RangeEditor
      kind={kind}
      present={present === undefined || present === 'none' ? null : present}
      onApply={(range) => onApply({ ...conditions, [kind]: range })}
      {...(kind === 'ttlMs' ? { onNone: () => onApply({ ...conditions, ttlMs: 'none' }) } : {})}
    />
  );
}

function TypeEditor({ all, chosen, onApply }: { all: readonly string[]; chosen: readonly string[]; onApply: (types: string[]) => void }) {
  const [types, setTypes] = useState(chosen);
  return (
    <form
      className={classes['editor']}
      onSubmit={(event) => {
        event.preventDefault();
        if (types.length > 0) onApply([...types]);
      }}
    >
      <div className={classes['checks']} role="group" aria-label="Types">
        {all.map((type, at) => (
          <Checkbox
            key={type}
            label={typeWord(type)}
            checked={types.includes(type)}
            {...(at === 0 ? { 'data-autofocus': true } : {})}
            onChange={(event) => setTypes(event.currentTarget.checked ? [...types, type] : types.filter((one) => one !== type))}
          />
        ))}
      </div>
      <Button type="submit" disabled={types.length === 0}>
        Only these types
      </Button>
    </form>
  );
}

function EncodingEditor({ chosen, onApply }: { chosen: readonly string[]; onApply: (encodings: string[]) => void }) {
  const [encodings, setEncodings] = useState([...chosen]);
  return (
    <form
      className={classes['editor']}
      onSubmit={(event) => {
        event.preventDefault();
        if (encodings.length > 0) onApply(encodings);
      }}
    >
      <MultiSelect
        data-autofocus
        label="Encodings"
        data={[...new Set([...usualEncodings, ...encodings])]}
        value={encodings}
        onChange={setEncodings}
        searchable
        maxValues={64}
        comboboxProps={{ withinPortal: false }}
      />
      <Button type="submit" disabled={encodings.length === 0}>
        Only these encodings
      </Button>
    </form>
  );
}

const rangeLabels: Record<RangeKind, string> = {
  ttlMs: 'Time left until it expires',
  bytes: 'Memory that the key takes',
  elements: 'Elements, or bytes of a string',
  idleSeconds: 'Time since the last access',
  frequency: 'Logarithmic access counter, 0 to 255',
};

interface RangeEditorProps {
  kind: RangeKind;
  present: Range | null;
  onApply: (range: Range) => void;
  onNone?: () => void;
}

function RangeEditor({ kind, present, onApply, onNone }: RangeEditorProps) {
  const [text, setText] = useState(present === null ? '' : rangeInput(kind, present));
  const [error, setError] = useState('');
  const submit = () => {
    const parsed = parseRange(kind, text);
    if ('error' in parsed) setError(parsed.error);
    else onApply(parsed.range);
  };
  return (
    <form
      className={classes['editor']}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextInput
        data-autofocus
        label={rangeLabels[kind]}
        description={`A range such as ${rangeExample(kind)}, or one end: > ${rangeExample(kind).split('..')[0]}. Ends are included.${kind === 'ttlMs' ? ` Units: ms, s, m, h, d, w; ${formatDuration(5400_000)} is 1h30m.` : ''}`}
        placeholder={rangeExample(kind)}
        value={text}
        error={error === '' ? undefined : error}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setText(event.currentTarget.value);
          setError('');
        }}
      />
      <div className={classes['presets']}>
        {onNone && (
          <Button variant="default" size="compact-xs" onClick={onNone}>
            no expiry
          </Button>
        )}
        {presets[kind].map((range) => (
          <Button key={rangeInput(kind, range)} variant="default" size="compact-xs" onClick={() => onApply(range)}>
            {rangeWords(kind, range)}
          </Button>
        ))}
      </div>
      <Button type="submit" disabled={text.trim() === ''}>
        Apply
      </Button>
    </form>
  );
}
