import { Chip, Group, MultiSelect, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import type { TtlAction } from '../../../../shared/contract/ttl-action.ts';
import { filterWords, unitWords } from '../../../lib/bulk-words.ts';
import { formatDateTime } from '../../../lib/format.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { useTtlPlace } from '../ttl-place.ts';
import { conditionWords, filterOf, namesOf, type ActionKind, type ChangeErrors, type ChangeForm, type FilterMode, type TtlChoice } from './change-form.ts';
import { actionWords } from './change-words.ts';
import classes from './change.module.css';

interface FieldsProps {
  form: ChangeForm;
  errors: ChangeErrors;
  onChange: (next: Partial<ChangeForm>) => void;
}

const modes: readonly { value: FilterMode; label: string }[] = [
  { value: 'glob', label: 'Match (glob)' },
  { value: 'prefix', label: 'Begin with' },
  { value: 'literal', label: 'Contain' },
  { value: 'regex', label: 'Match (regex)' },
];
const ttlChoices: readonly { value: TtlChoice; label: string }[] = [
  { value: 'any', label: 'Any expiry' },
  { value: 'none', label: 'No expiry' },
  { value: 'with', label: 'With an expiry' },
  { value: 'range', label: 'Time left …' },
];
const types = ['string', 'hash', 'list', 'set', 'zset', 'stream'].map((value) => ({ value, label: value === 'zset' ? 'sorted set' : value }));

/** Which keys. */
export function SelectionFields(props: FieldsProps) {
  const { form, onChange } = props;
  return (
    <fieldset className={classes['part']}>
      <legend className={classes['legend']}>{form.source === 'hash' ? 'Which fields' : 'Which keys'}</legend>
      {form.source !== 'hash' && (
        <SegmentedControl
          fullWidth
          aria-label="Keys by"
          value={form.source}
          onChange={(value) => onChange({ source: value === 'names' ? 'names' : value === 'list' ? 'list' : 'filter' })}
          data={[...(form.list === null ? [] : [{ value: 'list', label: 'The listed keys' }]), { value: 'filter', label: 'By filter' }, { value: 'names', label: 'By name' }]}
        />
      )}
      {form.source === 'hash' && <HashFields {...props} />}
      {form.source === 'list' && form.list !== null && (
        <p className={classes['words']}>
          {form.list.label}: exactly the {unitWords(form.list.count, 'keys')} of the list. Their type and expiry are read again.
        </p>
      )}
      {form.source === 'names' && (
        <Textarea
          label="Names, one a line"
          description={'Names that cannot be typed: in quotes with escapes, as in "\\xff\\n"'}
          classNames={{ input: 'la-mono' }}
          rows={6}
          spellCheck={false}
          value={form.names}
          error={props.errors.names}
          onChange={(event) => onChange({ names: event.currentTarget.value })}
        />
      )}
      {form.source === 'names' && <p className={classes['words']}>{unitWords(namesOf(form.names).length, 'keys')} named. Names that do not exist are counted as missing.</p>}
      {form.source === 'filter' && <FilterFields {...props} />}
      {form.source !== 'hash' && (
        <TextInput
          label="Leave alone names that match (glob)"
          placeholder="Nothing is left out"
          classNames={{ input: 'la-mono' }}
          spellCheck={false}
          value={form.exclude}
          onChange={(event) => onChange({ exclude: event.currentTarget.value })}
        />
      )}
    </fieldset>
  );
}

function HashFields({ form, onChange }: FieldsProps) {
  return (
    <TextInput
      label="Fields that match (glob)"
      description="Empty = all fields of the hash"
      classNames={{ input: 'la-mono' }}
      spellCheck={false}
      value={typeof form.pattern === 'string' ? form.pattern : wireLabel(form.pattern)}
      onChange={(event) => onChange({ pattern: event.currentTarget.value })}
    />
  );
}

function FilterFields({ form, errors, onChange }: FieldsProps) {
  const { filter } = filterOf(form);
  return (
    <>
      <Group gap={8} align="flex-end" wrap="nowrap">
        <Select label="Names that" w={136} data={[...modes]} value={form.mode} allowDeselect={false} onChange={(value) => onChange({ mode: modes.find((one) => one.value === value)?.value ?? 'glob' })} />
        <TextInput
          aria-label="Name"
          placeholder="Empty = every name"
          className={classes['spring'] ?? ''}
          classNames={{ input: 'la-mono' }}
          spellCheck={false}
          value={typeof form.pattern === 'string' ? form.pattern : wireLabel(form.pattern)}
          error={errors.pattern}
          onChange={(event) => onChange({ pattern: event.currentTarget.value })}
        />
      </Group>
      <Group gap={8} align="flex-start" wrap="nowrap">
        <MultiSelect label="Types" placeholder={form.types.length === 0 ? 'All' : ''} className={classes['spring'] ?? ''} data={types} value={[...form.types]} onChange={(value) => onChange({ types: value })} styles={{ input: { minHeight: 26, paddingBlock: 1 } }} />
        <Select label="Expiry now" w={150} data={[...ttlChoices]} value={form.ttlChoice} allowDeselect={false} onChange={(value) => onChange({ ttlChoice: ttlChoices.find((one) => one.value === value)?.value ?? 'any' })} />
      </Group>
      {form.ttlChoice === 'range' && (
        <Group gap={8} align="flex-start" wrap="nowrap">
          <TextInput label="Time left from" placeholder="0s" value={form.ttlMin} error={errors.ttlMin} onChange={(event) => onChange({ ttlMin: event.currentTarget.value })} />
          <TextInput label="to" placeholder="any" value={form.ttlMax} error={errors.ttlMax} onChange={(event) => onChange({ ttlMax: event.currentTarget.value })} />
        </Group>
      )}
      <p className={classes['words']}>Takes {filterWords(filter)}.</p>
    </>
  );
}

const lengths = ['5m', '1h', '6h', '1d', '7d', '30d'];

/** What is done to their expiry. */
export function ActionFields({ form, errors, action, onChange }: FieldsProps & { action: TtlAction | null }) {
  const { clockSkewMs } = useTtlPlace();
  const kinds: { value: ActionKind; label: string }[] = [
    { value: 'expire', label: 'Expire in' },
    { value: 'expireAt', label: 'Expire at' },
    { value: 'persist', label: 'Never expire' },
  ];
  return (
    <fieldset className={classes['part']}>
      <legend className={classes['legend']}>What to change</legend>
      <SegmentedControl fullWidth aria-label="Change" value={form.kind} onChange={(value) => onChange({ kind: kinds.find((one) => one.value === value)?.value ?? 'expire' })} data={kinds} />
      {form.kind === 'expire' && (
        <Group gap={4} align="flex-end" wrap="nowrap">
          <TextInput label="Time from now" className={classes['spring'] ?? ''} value={form.ttl} error={errors.ttl} placeholder="2h 30m" onChange={(event) => onChange({ ttl: event.currentTarget.value })} />
          {lengths.map((length) => (
            <Chip key={length} size="xs" styles={{ label: { paddingInline: 8 } }} radius="sm" checked={form.ttl === length} onChange={() => onChange({ ttl: length })}>
              {length}
            </Chip>
          ))}
        </Group>
      )}
      {form.kind === 'expireAt' && (
        <TextInput
          label="Date and time"
          placeholder="2026-11-25 09:00, 09:00, tomorrow 07:00, in 2h"
          value={form.at}
          error={errors.at}
          onChange={(event) => onChange({ at: event.currentTarget.value })}
        />
      )}
      {form.kind !== 'persist' && (
        <>
          <TextInput
            label="Jitter: spread over"
            placeholder="Nothing, or 10m: each gets a delay of its own up to this"
            value={form.jitter}
            error={errors.jitter}
            onChange={(event) => onChange({ jitter: event.currentTarget.value })}
          />
          <Select
            label="Only where"
            data={(['', 'NX', 'XX', 'GT', 'LT'] as const).map((value) => ({ value, label: value === '' ? conditionWords[''] : `${conditionWords[value]} (${value})` }))}
            value={form.condition}
            allowDeselect={false}
            onChange={(value) => onChange({ condition: value ?? '' })}
          />
        </>
      )}
      <p className={classes['words']}>{action === null ? 'Give a time to see what this does.' : sentence(action, clockSkewMs)}</p>
    </fieldset>
  );
}

function sentence(action: TtlAction, clockSkewMs: number): string {
  if (action.kind !== 'expire') return actionWords(action);
  const at = Date.now() + clockSkewMs + action.ttlMs;
  const end = action.jitterMs > 0 ? ` to ${formatDateTime(at + action.jitterMs)}` : '';
  return `${actionWords(action)} If it ran now: ${formatDateTime(at)}${end}.`;
}
