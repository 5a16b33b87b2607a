import { ActionIcon, Button, Group, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { toWire, type WireBytes } from '../../../../../shared/bytes.ts';
import type { NewValue } from '../../../../../shared/contract/edit.ts';
import { parseExpiry } from '../../../../../shared/edit/expiry-input.ts';
import { useHost } from '../../../../lib/host.ts';
import { useNow } from '../../../../lib/now.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { useKeysPlace } from '../../keys-context.ts';
import { nameFromInput } from '../../../../lib/name-input.ts';
import { EditProblem } from './edit-problem.tsx';
import { useEdits } from './edits-context.ts';
import { expiryWords } from './expiry-form.tsx';
import { BytesInput } from './key-name-input.tsx';
import { useSubmit } from './use-submit.ts';
import { noValue, ValueInput, valueOf } from './value-input.tsx';
import classes from './edit.module.css';

type Type = NewValue['type'];

const types: readonly { value: Type; label: string }[] = [
  { value: 'string', label: 'string' },
  { value: 'hash', label: 'hash' },
  { value: 'list', label: 'list' },
  { value: 'set', label: 'set' },
  { value: 'zset', label: 'sorted set' },
  { value: 'stream', label: 'stream' },
];

/** Names of the two columns of each type; a type of single elements has one. */
const columns: Record<Exclude<Type, 'string'>, readonly [string] | readonly [string, string]> = {
  hash: ['Field', 'Value'],
  list: ['Element'],
  set: ['Member'],
  zset: ['Member', 'Score'],
  stream: ['Field', 'Value'],
};

export interface Pair {
  left: string;
  right: string;
}

const noPair: Pair = { left: '', right: '' };

/** The value as typed; every piece of it can be given as escapes in quotes. */
export function newValueOf(type: Type, value: WireBytes, pairs: readonly Pair[], id: string): NewValue {
  const one = (line: string): WireBytes => nameFromInput(line);
  switch (type) {
    case 'string':
      return { type, value };
    case 'hash':
      return { type, fields: pairs.map(({ left, right }) => ({ field: one(left), value: one(right) })) };
    case 'list':
      return { type, elements: pairs.map(({ left }) => one(left)) };
    case 'set':
      return { type, members: pairs.map(({ left }) => one(left)) };
    case 'zset':
      return { type, members: pairs.map(({ left, right }) => ({ member: one(left), score: right.trim() })) };
    case 'stream':
      return { type, id, fields: pairs.map(({ left, right }) => ({ field: one(left), value: one(right) })) };
  }
}

export function isScore(text: string): boolean {
  return /^[+-]?(?:inf(?:inity)?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i.test(text.trim());
}

/** A key of any type, with its first elements and an expiry. */
export function CreateForm({ onClose }: { onClose: () => void }) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const edits = useEdits();
  const now = useNow(1000);
  const [name, setName] = useState('');
  const [type, setType] = useState<Type>('string');
  const [value, setValue] = useState(noValue);
  const [pairs, setPairs] = useState<readonly Pair[]>([noPair]);
  const [id, setId] = useState('*');
  const [expiry, setExpiry] = useState('');
  const { busy, problem, conflict, submit, clear } = useSubmit(onClose);
  const { bytes } = valueOf(value);
  const wire = nameFromInput(name);
  const meant = parseExpiry(expiry, now);
  const { words, wrong } = expiryWords(expiry, now);
  const badScore = type === 'zset' && pairs.some(({ right }) => !isScore(right));
  const ready = (type !== 'string' || bytes !== null) && (expiry.trim() === '' || meant.choice !== null) && !badScore && (type !== 'stream' || /^(?:\*|\d+(?:-\d+)?)$/.test(id));
  const create = () => {
    const { choice } = meant;
    void submit({
      done: `Created ${wireLabel(wire, 60)}`,
      call: async () => {
        const result = await client.edit.create({ workspaceId, db, name: wire, value: newValueOf(type, toWire(bytes ?? new Uint8Array()), pairs, id), ...(choice === null || choice.kind === 'none' ? {} : { expiry: choice }) });
        if (result.outcome === 'applied') edits.show(wire);
        return result;
      },
      names: [wire],
    });
  };
  return (
    <form
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) create();
      }}
    >
      <BytesInput
        autoFocus
        label="Name"
        text={name}
        onText={(next) => {
          setName(next);
          clear();
        }}
        {...(conflict === null ? {} : { error: conflict.reason })}
      />
      <Group gap={12} align="flex-start">
        <Select label="Type" w={140} data={[...types]} value={type} allowDeselect={false} onChange={(value) => setType(types.find((one) => one.value === value)?.value ?? 'string')} />
        <TextInput label="Expiry" w={260} placeholder="none, 5m, 2h 30m, a date" value={expiry} spellCheck={false} autoComplete="off" onChange={(event) => setExpiry(event.currentTarget.value)} />
        {type === 'stream' && <TextInput label="Entry id" w={150} value={id} spellCheck={false} onChange={(event) => setId(event.currentTarget.value)} />}
      </Group>
      <p className={classes['note']} data-wrong={wrong || undefined} role="status">
        {expiry.trim() === '' ? 'Never expires' : words}
      </p>
      {type === 'string' ? (
        <ValueInput label="Value" value={value} onValue={setValue} />
      ) : (
        <PairList names={columns[type]} pairs={pairs} onPairs={setPairs} wrongRight={type === 'zset' ? (value) => (value === '' || isScore(value) ? '' : 'A number, inf or -inf') : undefined} />
      )}
      <EditProblem problem={problem} />
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={!ready}>
          Create key
        </Button>
      </Group>
    </form>
  );
}

interface PairListProps {
  names: readonly [string] | readonly [string, string];
  pairs: readonly Pair[];
  onPairs: (pairs: readonly Pair[]) => void;
  wrongRight?: ((text: string) => string) | undefined;
}

/** Lines of one or two fields, each a line of bytes. */
export function PairList({ names, pairs, onPairs, wrongRight }: PairListProps) {
  const [left, right] = names;
  const set = (at: number, pair: Pair) => onPairs(pairs.map((one, index) => (index === at ? pair : one)));
  return (
    <div>
      <div className={classes['pairs']} data-single={right === undefined || undefined}>
        {pairs.map((pair, at) => [
          <TextInput
            key={`${at} left`}
            aria-label={`${left} ${at + 1}`}
            placeholder={left}
            value={pair.left}
            classNames={{ input: 'la-mono' }}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => set(at, { ...pair, left: event.currentTarget.value })}
          />,
          right !== undefined && (
            <TextInput
              key={`${at} right`}
              aria-label={`${right} ${at + 1}`}
              placeholder={right}
              value={pair.right}
              error={wrongRight?.(pair.right) || undefined}
              classNames={{ input: 'la-mono' }}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => set(at, { ...pair, right: event.currentTarget.value })}
            />
          ),
          <ActionIcon key={`${at} remove`} aria-label={`Remove line ${at + 1}`} size={26} disabled={pairs.length === 1} onClick={() => onPairs(pairs.filter((_, index) => index !== at))}>
            <IconX size={14} />
          </ActionIcon>,
        ])}
      </div>
      <Button mt={6} variant="default" leftSection={<IconPlus size={14} />} disabled={pairs.length >= 1000} onClick={() => onPairs([...pairs, noPair])}>
        Another {left.toLowerCase()}
      </Button>
      <p className={classes['note']}>Bytes that cannot be typed: in quotes with escapes, as in &quot;\xff\n&quot;.</p>
    </div>
  );
}
