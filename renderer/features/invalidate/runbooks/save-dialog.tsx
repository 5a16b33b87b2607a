import { Button, Group, Modal, MultiSelect, NumberInput, Switch, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { useHost } from '../../../lib/host.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { ProblemView } from '../../../ui/problem-view.tsx';
import type { ChooseForm } from '../choose/choose-form.ts';
import { Notice } from '../step.tsx';
import { choiceWords } from '../words.ts';
import { selectionForRunbook, variablesOf } from './runbook-form.ts';
import classes from '../invalidate.module.css';

const environments = ['local', 'staging', 'production'] as const;

/** Keeps what is chosen under a name, with guard rails. */
export function SaveRunbookDialog({ form, onClose }: { form: ChooseForm | null; onClose: () => void }) {
  return (
    <Modal opened={form !== null} onClose={onClose} title="Save as a runbook" size={520}>
      {form !== null && <SaveBody form={form} onClose={onClose} />}
    </Modal>
  );
}

function SaveBody({ form, onClose }: { form: ChooseForm; onClose: () => void }) {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [maxKeys, setMaxKeys] = useState<number | string>('');
  const [allowed, setAllowed] = useState<readonly string[]>([]);
  const [undo, setUndo] = useState(true);
  const [allow, setAllow] = useState<Readonly<Record<string, string>>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const chosen = selectionForRunbook(form);
  const variables = variablesOf(form);
  const save = async () => {
    if (typeof chosen === 'string') return;
    setProblem(null);
    try {
      await client.runbooks.save({
        runbook: {
          name,
          description,
          variables: variables.map((variable) => ({ name: variable, allow: allow[variable] ?? '' })),
          ...chosen,
          guards: { maxKeys: typeof maxKeys === 'number' && maxKeys >= 1 ? maxKeys : null, environments: environments.filter((one) => allowed.includes(one)), undo },
        },
      });
      void queryClient.invalidateQueries({ queryKey: orpc.runbooks.key() });
      notifications.show({ id: 'invalidate.saved', title: `Runbook “${name.trim()}” is saved`, message: 'It stands under Runbooks, and lookaside invalidate --runbook runs it from a terminal.' });
      onClose();
    } catch (error) {
      setProblem(toProblem(error));
    }
  };
  return (
    <form
      className={classes['stack']}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <p className={classes['words']}>Takes {choiceWords(form)}.</p>
      {typeof chosen === 'string' && <Notice tone="amber" title="This cannot be saved as it stands">{chosen}.</Notice>}
      <TextInput label="Name" data-autofocus maxLength={80} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Textarea label="When to run it, what to look at" rows={3} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
      {variables.map((variable) => (
        <TextInput
          key={variable}
          label={`Values of {${variable}} must match (regular expression)`}
          placeholder="Any value"
          classNames={{ input: 'la-mono' }}
          spellCheck={false}
          value={allow[variable] ?? ''}
          onChange={(event) => setAllow({ ...allow, [variable]: event.currentTarget.value })}
        />
      ))}
      {variables.length === 0 && <p className={classes['words']}>A word in braces, as in user:&#123;id&#125;:, makes a variable whose values are asked for at each run.</p>}
      <div className={classes['pair']}>
        <NumberInput label="Most keys it may take" placeholder="Any number" min={1} allowDecimal={false} thousandSeparator="," hideControls value={maxKeys} onChange={setMaxKeys} />
        <MultiSelect label="Only on" placeholder={allowed.length === 0 ? 'Anywhere' : ''} data={[...environments]} value={[...allowed]} onChange={setAllowed} styles={{ input: { minHeight: 26, paddingBlock: 1 } }} />
      </div>
      <Switch label="Its undo must be kept" checked={undo} onChange={(event) => setUndo(event.currentTarget.checked)} />
      {problem !== null && <ProblemView problem={problem} />}
      <Group justify="flex-end" gap={8} mt={8}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={name.trim() === '' || typeof chosen === 'string'}>
          Save the runbook
        </Button>
      </Group>
    </form>
  );
}
