import { Checkbox, SegmentedControl, TagsInput, TextInput, UnstyledButton } from '@mantine/core';
import { environments, workspaceColours } from '../../../shared/contract/workspaces.ts';
import { WorkspaceDot } from '../../ui/environment.tsx';
import { withEnvironment, type DraftForm, type FieldErrors } from './draft-form.ts';
import classes from './connection-editor.module.css';

interface GeneralSectionProps {
  form: DraftForm;
  onChange: (form: DraftForm) => void;
  errors: FieldErrors;
  focusName: boolean;
}

/** What a workspace is called, where it belongs, and what may be done in it. */
export function GeneralSection({ form, onChange, errors, focusName }: GeneralSectionProps) {
  const set = (change: Partial<DraftForm>) => onChange({ ...form, ...change });
  return (
    <section className={`${classes['section']} ${classes['general']}`} aria-label="General">
      <TextInput
        label="Name"
        placeholder="shop cache"
        maxLength={120}
        value={form.name}
        error={errors.get('name')}
        autoFocus={focusName}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <div>
        <div className={classes['label']}>Environment</div>
        <SegmentedControl
          size="xs"
          aria-label="Environment"
          data={[...environments]}
          value={form.environment}
          onChange={(value) => onChange(withEnvironment(form, environments.find((one) => one === value) ?? 'local'))}
        />
      </div>
      <div>
        <div className={classes['label']}>Colour</div>
        <div className={classes['colours']} role="radiogroup" aria-label="Colour">
          {workspaceColours.map((colour) => (
            <UnstyledButton
              key={colour}
              role="radio"
              aria-checked={form.colour === colour}
              aria-label={colour}
              title={colour}
              className={classes['colour'] ?? ''}
              onClick={() => set({ colour })}
            >
              <WorkspaceDot colour={colour} />
            </UnstyledButton>
          ))}
        </div>
      </div>
      <TagsInput
        label="Delimiters of key names"
        placeholder={form.delimiters.length === 0 ? 'none: a flat list' : ''}
        value={[...form.delimiters]}
        error={errors.get('delimiters')}
        maxTags={8}
        splitChars={[]}
        acceptValueOnBlur
        classNames={{ input: 'la-mono' }}
        onChange={(delimiters) => set({ delimiters })}
      />
      <Checkbox
        style={{ gridColumn: '1 / -1' }}
        size="xs"
        label="Read-only: refuse every command that writes, until unlocked for a time"
        checked={form.readOnly}
        onChange={(event) => set({ readOnly: event.currentTarget.checked })}
      />
    </section>
  );
}
