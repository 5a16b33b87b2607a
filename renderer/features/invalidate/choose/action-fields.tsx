import { Radio, TextInput } from '@mantine/core';
import { actionOf, type ActionKind, type ChooseForm, type FormErrors } from './choose-form.ts';
import { nameField } from './way-fields.tsx';
import { actionWords } from '../words.ts';
import classes from '../invalidate.module.css';

const actions: readonly { value: ActionKind; label: string }[] = [
  { value: 'unlink', label: 'Unlink' },
  { value: 'soft', label: 'Expire softly' },
  { value: 'graveyard', label: 'Move aside' },
  { value: 'persist', label: 'Persist' },
];

interface ActionFieldsProps {
  form: ChooseForm;
  errors: FormErrors;
  onChange: (next: Partial<ChooseForm>) => void;
}

/** What is done to each key. */
export function ActionFields({ form, errors, onChange }: ActionFieldsProps) {
  const { action } = actionOf(form);
  return (
    <fieldset className={classes['part']}>
      <legend className={classes['legend']}>Action</legend>
      <Radio.Group aria-label="Action" value={form.action} onChange={(value) => onChange({ action: actions.find((one) => one.value === value)?.value ?? 'unlink' })}>
        <div className={classes['pair']} style={{ rowGap: 4 }}>
          {actions.map((one) => (
            <Radio key={one.value} value={one.value} label={one.label} />
          ))}
        </div>
      </Radio.Group>
      {form.action === 'soft' && (
        <div className={classes['pair']}>
          <TextInput label="Time left" placeholder="5m" value={form.softTtl} error={errors.softTtl} onChange={(event) => onChange({ softTtl: event.currentTarget.value })} />
          <TextInput label="Spread over" placeholder="0s" value={form.softJitter} error={errors.softJitter} onChange={(event) => onChange({ softJitter: event.currentTarget.value })} />
        </div>
      )}
      {form.action === 'graveyard' && (
        <div className={classes['pair']}>
          <TextInput {...nameField} label="New names begin with" value={form.graveyard} error={errors.graveyard} onChange={(event) => onChange({ graveyard: event.currentTarget.value })} />
          <TextInput label="Kept there for" value={form.graveyardTtl} error={errors.graveyardTtl} onChange={(event) => onChange({ graveyardTtl: event.currentTarget.value })} />
        </div>
      )}
      {action !== null && <p className={classes['words']}>{actionWords(action)}</p>}
    </fieldset>
  );
}
