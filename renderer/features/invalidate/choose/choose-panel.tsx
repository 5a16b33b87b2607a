import { Button, Checkbox, CloseButton, MultiSelect, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconFlame, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useCommands } from '../../../lib/commands.ts';
import { databaseChoices } from '../../../lib/redis-status.ts';
import { ConditionBar } from '../../../ui/conditions/condition-bar.tsx';
import { noConditions } from '../../../ui/conditions/conditions.ts';
import { useInvalidatePlace, useSessionState } from '../place.ts';
import { ChosenRunbook } from '../runbooks/chosen-runbook.tsx';
import { SaveRunbookDialog } from '../runbooks/save-dialog.tsx';
import { Notice, Step } from '../step.tsx';
import { choiceWords } from '../words.ts';
import { ActionFields } from './action-fields.tsx';
import { actionOf, emptyForm, isFlush, selectionOf, type ChooseForm, type Exclusion, type FormErrors, type Way } from './choose-form.ts';
import { modeOf, modes, nameField, WayFields } from './way-fields.tsx';
import classes from '../invalidate.module.css';

const ways: readonly { value: Way; label: string }[] = [
  { value: 'folder', label: 'Folder' },
  { value: 'pattern', label: 'Pattern' },
  { value: 'template', label: 'Template' },
  { value: 'names', label: 'Names' },
  { value: 'set', label: 'Tag' },
];
const listed: { value: Way; label: string } = { value: 'list', label: 'Listed' };

/** Which keys, and what is done to them. Counting is the only way on. */
export function ChoosePanel() {
  const { session, workspaceId, db } = useInvalidatePlace();
  const { form, plan, runbook } = useSessionState();
  const [tried, setTried] = useState(false);
  const [saving, setSaving] = useState(false);
  const { action, errors: actionErrors } = actionOf(form);
  const errors: FormErrors = { ...selectionOf(form, workspaceId, 'not gathered yet').errors, ...actionErrors };
  const busy = plan.state === 'gathering' || plan.state === 'counting';
  const flush = isFlush(form);
  const change = (next: Partial<ChooseForm>) => session.change(next);
  const count = () => {
    setTried(true);
    if (action !== null && Object.keys(errors).length === 0) void session.count(action);
  };
  useCommands([
    { id: 'invalidate.count', title: 'Count what the invalidation would take', group: 'Invalidate', keywords: 'preview dry run', shortcut: 'mod+enter', run: count },
    { id: 'invalidate.save', title: 'Save this invalidation as a runbook', group: 'Invalidate', keywords: 'runbook template', run: () => setSaving(true) },
    { id: 'invalidate.new', title: 'New invalidation', group: 'Invalidate', keywords: 'clear reset', shortcut: 'mod+shift+e', run: () => session.change(emptyForm(db)) },
    ...ways.map(({ value, label }) => ({ id: `invalidate.way.${value}`, title: `Choose keys by ${label.toLowerCase()}`, group: 'Invalidate', run: () => change({ way: value }) })),
  ]);
  const shown = tried ? errors : {};
  if (runbook !== null) return <ChosenRunbook runbook={runbook} />;
  return (
    <Step
      number={1}
      title="Choose"
      aside={
        <>
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setSaving(true)}>
            Save…
          </Button>
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => session.change(emptyForm(db))}>
            Clear
          </Button>
          <SaveRunbookDialog form={saving ? form : null} onClose={() => setSaving(false)} />
        </>
      }
    >
      <form
        className={classes['step']}
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) count();
        }}
      >
        <div className={classes['body']} tabIndex={-1}>
          <fieldset className={classes['part']}>
            <legend className={classes['legend']}>Which keys</legend>
            <SegmentedControl
              fullWidth
              aria-label="Choose keys by"
              value={form.way}
              data={form.list === null ? [...ways] : [listed, ...ways]}
              onChange={(value) => change({ way: [listed, ...ways].find((one) => one.value === value)?.value ?? 'folder' })}
            />
            <WayFields form={form} errors={shown} onChange={change} />
            <ConditionBar conditions={form.conditions} onConditions={(conditions) => change({ conditions })} recency={null} types={[]} />
            {flush ? (
              <Flush form={form} error={shown.flush} onChange={change} />
            ) : (
              <p className={classes['words']}>Takes {choiceWords(form)}.</p>
            )}
          </fieldset>
          <Exclusions exclude={form.exclude} onChange={(exclude) => change({ exclude })} />
          <WhereFields form={form} errors={shown} onChange={change} />
          <ActionFields form={form} errors={shown} onChange={change} />
        </div>
        <div className={classes['foot']}>
          <Button type="submit" fullWidth loading={busy} color={flush && form.flush ? 'red' : 'accent'}>
            {flush && form.flush ? 'Count what the flush would take' : plan.state === 'idle' ? 'Count exactly' : 'Count again'}
          </Button>
        </div>
      </form>
    </Step>
  );
}

/** Nothing narrows the choice: that is a flush, and it has to be meant. */
function Flush({ form, error, onChange }: { form: ChooseForm; error: string | undefined; onChange: (next: Partial<ChooseForm>) => void }) {
  const where = form.dbs.length > 1 ? `${form.dbs.length} databases` : `db ${form.dbs[0] ?? 0}`;
  return (
    <Notice tone={form.flush ? 'red' : 'plain'} icon={<IconFlame size={15} aria-hidden />} title={form.flush ? 'This is a flush' : 'Nothing narrows the choice yet'}>
      {form.flush ? `It takes every key of ${where}, and is confirmed by a word of its own.` : `As it stands it would take every key of ${where}: a flush.`}
      <Checkbox mt={6} label={`Every key of ${where} is meant`} checked={form.flush} error={error} onChange={(event) => onChange({ flush: event.currentTarget.checked })} />
    </Notice>
  );
}

/** Keys that are left alone, whatever else takes them. */
function Exclusions({ exclude, onChange }: { exclude: readonly Exclusion[]; onChange: (exclude: Exclusion[]) => void }) {
  const put = (at: number, next: Partial<Exclusion>) => onChange(exclude.map((one, place) => (place === at ? { ...one, ...next } : one)));
  return (
    <fieldset className={classes['part']}>
      <legend className={classes['legend']}>Left alone</legend>
      {exclude.map((one, at) => (
        <div key={at} className={classes['stack']} style={{ gap: 0 }}>
          <div className={classes['row']}>
            <Select aria-label={`Names that, exclusion ${at + 1}`} w={128} data={[...modes]} allowDeselect={false} value={one.mode} onChange={(value) => put(at, { mode: modeOf(value) })} />
            <TextInput
              {...nameField}
              aria-label={`Pattern of exclusion ${at + 1}`}
              placeholder="Every name"
              className={classes['spring'] ?? ''}
              value={one.pattern}
              onChange={(event) => put(at, { pattern: event.currentTarget.value })}
            />
            <CloseButton size={20} aria-label={`Remove exclusion ${at + 1}`} onClick={() => onChange(exclude.filter((_, place) => place !== at))} />
          </div>
          <ConditionBar conditions={one.conditions} onConditions={(conditions) => put(at, { conditions })} recency={null} types={[]} />
        </div>
      ))}
      <div>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          leftSection={<IconPlus size={12} />}
          disabled={exclude.length >= 64}
          onClick={() => onChange([...exclude, { mode: 'glob', pattern: '', conditions: noConditions }])}
        >
          {exclude.length === 0 ? 'Exclusion' : 'or'}
        </Button>
      </div>
    </fieldset>
  );
}

/** Databases, and in a cluster the node. */
function WhereFields({ form, errors, onChange }: { form: ChooseForm; errors: FormErrors; onChange: (next: Partial<ChooseForm>) => void }) {
  const { facts, db } = useInvalidatePlace();
  const masters = facts?.nodes.filter(({ role }) => role === 'master') ?? [];
  const cluster = facts?.topology === 'cluster';
  if (cluster && masters.length < 2) return null;
  return (
    <fieldset className={classes['part']}>
      <legend className={classes['legend']}>Where</legend>
      {!cluster && (
        <MultiSelect
          label="Databases"
          data={databaseChoices(facts, Math.max(db, ...form.dbs))}
          value={form.dbs.map(String)}
          error={errors.dbs}
          maxDropdownHeight={260}
          styles={{ input: { minHeight: 26, paddingBlock: 1 } }}
          onChange={(value) => onChange({ dbs: value.map(Number) })}
        />
      )}
      {masters.length > 1 && (
        <Select
          label="Node"
          allowDeselect={false}
          data={[{ value: '', label: `All ${masters.length} masters` }, ...masters.map(({ id, host, port }) => ({ value: id, label: `Only ${host}:${port}` }))]}
          value={form.node}
          onChange={(value) => onChange({ node: value ?? '' })}
        />
      )}
    </fieldset>
  );
}
