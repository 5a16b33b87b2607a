import { Button, Group, Modal, SegmentedControl, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { toWire, type WireBytes } from '../../../../../shared/bytes.ts';
import type { EditResult } from '../../../../../shared/contract/edit.ts';
import { useHost } from '../../../../lib/host.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { useKeysPlace } from '../../keys-context.ts';
import { nameFromInput } from '../../../../lib/name-input.ts';
import { isScore, PairList, type Pair } from './create-form.tsx';
import { EditProblem } from './edit-problem.tsx';
import { elementLabel, type ElementAt } from './element-edits.ts';
import { BytesInput, lineOf } from './key-name-input.tsx';
import { useSubmit } from './use-submit.ts';
import { noValue, ValueInput, valueOf } from './value-input.tsx';
import classes from './edit.module.css';

/** What is asked about an element. `value` is the whole of it. */
export type ElementDialog =
  | { readonly kind: 'add'; readonly name: WireBytes; readonly type: string }
  | { readonly kind: 'rename-field' | 'score' | 'insert'; readonly element: ElementAt; readonly value: WireBytes };

const titles: Record<ElementDialog['kind'], string> = { add: 'Add', 'rename-field': 'Rename the field', score: 'Change the score', insert: 'Insert an element' };
const units: ReadonlyMap<string, string> = new Map([['hash', 'a field'], ['list', 'an element'], ['set', 'a member'], ['zset', 'a member'], ['stream', 'an entry']]);

export function ElementDialogs({ dialog, onClose }: { dialog: ElementDialog | null; onClose: () => void }) {
  const title = dialog === null ? '' : dialog.kind === 'add' ? `Add ${units.get(dialog.type) ?? 'an element'}` : titles[dialog.kind];
  return (
    <Modal opened={dialog !== null} onClose={onClose} title={title} size={520}>
      {dialog !== null && (dialog.kind === 'add' ? <AddForm name={dialog.name} type={dialog.type} onClose={onClose} /> : <ChangeForm dialog={dialog} onClose={onClose} />)}
    </Modal>
  );
}

interface FormShellProps {
  busy: boolean;
  ready: boolean;
  submitLabel: string;
  onSubmit: () => void;
  onClose: () => void;
  form: ReturnType<typeof useSubmit>;
  children: ReactNode;
}

function FormShell({ busy, ready, submitLabel, onSubmit, onClose, form, children }: FormShellProps) {
  return (
    <form
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onSubmit();
      }}
    >
      {children}
      {form.conflict !== null && (
        <div className={classes['conflict']} role="alert">
          <h3>{form.conflict.reason}</h3>
          <p>
            Nothing was written.
            {form.conflict.present.value !== null && !form.conflict.present.value.truncated && ` There now: ${wireLabel(form.conflict.present.value.data, 120)}${form.conflict.present.score === null ? '' : `, score ${form.conflict.present.score}`}.`}
          </p>
        </div>
      )}
      <EditProblem problem={form.problem} />
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={!ready}>
          {submitLabel}
        </Button>
      </Group>
    </form>
  );
}

/** A new element, at the place that its type has for it. */
function AddForm({ name, type, onClose }: { name: WireBytes; type: string; onClose: () => void }) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const form = useSubmit(onClose);
  const [left, setLeft] = useState('');
  const [value, setValue] = useState(noValue);
  const { bytes } = valueOf(value);
  const [score, setScore] = useState('0');
  const [end, setEnd] = useState<'head' | 'tail'>('tail');
  const [id, setId] = useState('*');
  const [pairs, setPairs] = useState<readonly Pair[]>([{ left: '', right: '' }]);
  const where = { workspaceId, db, name };
  const call = (): Promise<EditResult> => {
    const one = toWire(bytes ?? new Uint8Array());
    switch (type) {
      case 'hash':
        return client.edit.hashField({ ...where, change: { kind: 'add', field: nameFromInput(left), value: one } });
      case 'list':
        return client.edit.listElement({ ...where, change: { kind: 'push', end, value: one } });
      case 'set':
        return client.edit.setMember({ ...where, change: { kind: 'add', member: one } });
      case 'zset':
        return client.edit.zsetMember({ ...where, change: { kind: 'add', member: one, score: score.trim() } });
      default:
        return client.edit.streamEntry({ ...where, change: { kind: 'add', id, fields: pairs.map((pair) => ({ field: nameFromInput(pair.left), value: nameFromInput(pair.right) })) } });
    }
  };
  const ready = (type === 'stream' || bytes !== null) && (type !== 'zset' || isScore(score)) && (type !== 'stream' || /^(?:\*|\d+(?:-\d+)?)$/.test(id));
  const change = <T,>(set: (next: T) => void) => (next: T) => {
    set(next);
    form.clear();
  };
  const unit = (units.get(type) ?? 'an element').replace(/^an? /, '');
  return (
    <FormShell
      busy={form.busy}
      ready={ready}
      submitLabel={`Add ${unit}`}
      onClose={onClose}
      form={form}
      onSubmit={() => void form.submit({ done: `Added ${units.get(type) ?? 'an element'} to ${wireLabel(name, 60)}`, call, names: [name] })}
    >
      {type === 'hash' && <BytesInput autoFocus label="Field" text={left} onText={change(setLeft)} />}
      {(type === 'set' || type === 'zset') && <ValueInput autoFocus label="Member" value={value} onValue={change(setValue)} />}
      {type === 'zset' && <TextInput label="Score" w={200} value={score} error={isScore(score) ? undefined : 'A number, inf or -inf'} onChange={(event) => change(setScore)(event.currentTarget.value)} />}
      {type === 'list' && (
        <SegmentedControl
          aria-label="Where"
          value={end}
          onChange={(next) => setEnd(next === 'head' ? 'head' : 'tail')}
          data={[
            { value: 'head', label: 'At the head' },
            { value: 'tail', label: 'At the tail' },
          ]}
        />
      )}
      {(type === 'hash' || type === 'list') && (
        <ValueInput label="Value" autoFocus={type === 'list'} value={value} onValue={change(setValue)} />
      )}
      {type === 'stream' && (
        <>
          <TextInput label="Id" description="* lets the server make one" w={240} value={id} spellCheck={false} onChange={(event) => change(setId)(event.currentTarget.value)} />
          <PairList names={['Field', 'Value']} pairs={pairs} onPairs={change(setPairs)} />
        </>
      )}
    </FormShell>
  );
}

/** Changes of an element beside its value. */
function ChangeForm({ dialog, onClose }: { dialog: Exclude<ElementDialog, { kind: 'add' }>; onClose: () => void }) {
  const { client } = useHost();
  const form = useSubmit(onClose);
  const { element, value, kind } = dialog;
  const { workspaceId, db, name, id, score } = element;
  const where = { workspaceId, db, name };
  const [text, setText] = useState(kind === 'rename-field' ? lineOf(id) : kind === 'score' ? (score ?? '') : '');
  const [inserted, setInserted] = useState(noValue);
  const { bytes: insertedBytes } = valueOf(inserted);
  const [place, setPlace] = useState<'before' | 'after'>('after');
  const call = (): Promise<EditResult> => {
    if (kind === 'rename-field') return client.edit.hashField({ ...where, change: { kind: 'rename', field: id, expect: value, to: nameFromInput(text) } });
    if (kind === 'score') return client.edit.zsetMember({ ...where, change: { kind: 'score', member: value, expect: score ?? '0', score: text.trim() } });
    return client.edit.listElement({ ...where, change: { kind: 'insert', index: Number(typeof id === 'string' ? id : '0'), expect: value, place, value: toWire(insertedBytes ?? new Uint8Array()) } });
  };
  const onText = (next: string) => {
    setText(next);
    form.clear();
  };
  const scoreIsWrong = kind === 'score' && !isScore(text);
  const ready = !scoreIsWrong && (kind !== 'insert' || insertedBytes !== null);
  const done = { 'rename-field': `Renamed the ${elementLabel(element)} of`, score: 'Changed a score of', insert: 'Inserted an element into' }[kind];
  return (
    <FormShell busy={form.busy} ready={ready} submitLabel={{ 'rename-field': 'Rename', score: 'Set the score', insert: 'Insert' }[kind]} onClose={onClose} form={form} onSubmit={() => void form.submit({ done: `${done} ${wireLabel(name, 60)}`, call, names: [name] })}>
      {kind === 'rename-field' && <BytesInput autoFocus label="New name of the field" text={text} onText={onText} />}
      {kind === 'score' && (
        <TextInput data-autofocus label={`Score of ${wireLabel(value, 60)}`} w={240} value={text} error={scoreIsWrong ? 'A number, inf or -inf' : undefined} onChange={(event) => onText(event.currentTarget.value)} />
      )}
      {kind === 'insert' && (
        <>
          <SegmentedControl
            aria-label="Where"
            value={place}
            onChange={(next) => setPlace(next === 'before' ? 'before' : 'after')}
            data={[
              { value: 'before', label: `Before ${elementLabel(element)}` },
              { value: 'after', label: `After ${elementLabel(element)}` },
            ]}
          />
          <ValueInput
            autoFocus
            label="Value"
            value={inserted}
            onValue={(next) => {
              setInserted(next);
              form.clear();
            }}
          />
        </>
      )}
    </FormShell>
  );
}
