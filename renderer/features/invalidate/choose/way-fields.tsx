import { Checkbox, Group, Select, TextInput } from '@mantine/core';
import { formatExact } from '../../../lib/format.ts';
import type { ChooseForm, FormErrors, PatternMode } from './choose-form.ts';
import { NamesField } from './names-field.tsx';
import classes from '../invalidate.module.css';

export const modes: readonly { value: PatternMode; label: string }[] = [
  { value: 'glob', label: 'Match (glob)' },
  { value: 'prefix', label: 'Begin with' },
  { value: 'literal', label: 'Contain' },
  { value: 'regex', label: 'Match (regex)' },
];

export function modeOf(value: string | null): PatternMode {
  return modes.find((one) => one.value === value)?.value ?? 'glob';
}

export const nameField = { classNames: { input: 'la-mono' }, spellCheck: false, autoComplete: 'off' };

interface FieldsProps {
  form: ChooseForm;
  errors: FormErrors;
  onChange: (next: Partial<ChooseForm>) => void;
}

/** How the keys are found. */
export function WayFields({ form, errors, onChange }: FieldsProps) {
  switch (form.way) {
    case 'pattern':
      return (
        <Group gap={8} align="flex-start" wrap="nowrap">
          <Select aria-label="Names that" w={128} data={[...modes]} allowDeselect={false} value={form.mode} onChange={(value) => onChange({ mode: modeOf(value) })} />
          <TextInput
            {...nameField}
            aria-label="Pattern"
            placeholder="session:*"
            className={classes['spring'] ?? ''}
            value={form.pattern}
            error={errors.pattern}
            onChange={(event) => onChange({ pattern: event.currentTarget.value })}
          />
        </Group>
      );
    case 'folder':
      return (
        <TextInput
          {...nameField}
          label="Names that begin with"
          description="Literal: * ? [ ] stand for themselves, and every name is proved byte by byte"
          placeholder="session:"
          value={form.prefix}
          onChange={(event) => onChange({ prefix: event.currentTarget.value })}
        />
      );
    case 'template':
      return (
        <>
          <TextInput
            {...nameField}
            label="Template"
            description="One hole in braces, filled with each value; the rest is a glob"
            placeholder="user:{id}:*"
            value={form.template}
            error={errors.template}
            onChange={(event) => onChange({ template: event.currentTarget.value })}
          />
          <NamesField label="Values" unit="value" input={form.values} error={errors.values} onChange={(values) => onChange({ values })} />
        </>
      );
    case 'names':
      return <NamesField label="Names" unit="name" input={form.names} error={errors.names} onChange={(names) => onChange({ names })} />;
    case 'set':
      return (
        <>
          <TextInput
            {...nameField}
            label="Set whose members are the names"
            description="For tags: everything that was cached under one"
            placeholder="tag:product:42"
            value={form.set}
            error={errors.set}
            onChange={(event) => onChange({ set: event.currentTarget.value })}
          />
          <Checkbox label="The set itself as well" checked={form.withSet} onChange={(event) => onChange({ withSet: event.currentTarget.checked })} />
        </>
      );
    case 'list':
      return (
        <p className={classes['words']}>
          Exactly {form.list?.label ?? 'the listed keys'} ({formatExact(form.list?.count ?? 0)}). The list is kept for ten minutes after it was last used.
        </p>
      );
  }
}
