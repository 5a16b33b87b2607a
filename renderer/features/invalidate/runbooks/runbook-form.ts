import type { Runbook } from '../../../../shared/contract/runbooks.ts';
import { nameFromInput } from '../../../lib/name-input.ts';
import { NameLines } from '../../../lib/name-lines.ts';
import { setKinds } from '../../../ui/conditions/conditions.ts';
import { actionOf, holesOf, type ChooseForm } from '../choose/choose-form.ts';

const mostNames = 10_000;

/** Where a form's variables stand. */
function textOf(form: ChooseForm): string {
  return [form.way === 'template' ? form.template : form.way === 'folder' ? form.prefix : form.way === 'pattern' ? form.pattern : form.way === 'set' ? form.set : '', ...form.exclude.map(({ pattern }) => pattern)].join('\n');
}

/** Words in braces that values can go into, without their braces. */
export function variablesOf(form: ChooseForm): string[] {
  return holesOf(textOf(form)).map((hole) => hole.slice(1, -1));
}

function keysOf(form: ChooseForm): Runbook['selection']['keys'] | string {
  switch (form.way) {
    case 'pattern':
      return form.mode === 'glob' ? { kind: 'pattern', pattern: nameFromInput(form.pattern) } : form.mode === 'prefix' ? { kind: 'prefix', prefix: nameFromInput(form.pattern) } : 'A runbook finds names by glob or by their beginning';
    case 'folder':
      return { kind: 'prefix', prefix: nameFromInput(form.prefix) };
    case 'template':
      return { kind: 'pattern', pattern: nameFromInput(form.template) };
    case 'set':
      return form.set === '' ? 'The set has no name yet' : { kind: 'set', name: nameFromInput(form.set), withSet: form.withSet };
    case 'names': {
      if (form.names.file !== null) return 'A runbook holds names that are typed, not a file';
      const lines = new NameLines(form.names.layout);
      const names = [...lines.push(new TextEncoder().encode(form.names.text)), ...lines.end()];
      if (names.length === 0) return 'There are no names yet';
      return names.length > mostNames ? 'A runbook holds at most 10,000 names' : { kind: 'names', names };
    }
    case 'list':
      return 'A list of keys cannot be saved; choose by folder or pattern';
  }
}

/** What of a form a runbook can hold, or in words why it cannot. */
export function selectionForRunbook(form: ChooseForm): Pick<Runbook, 'selection' | 'action'> | string {
  const keys = keysOf(form);
  if (typeof keys === 'string') return keys;
  const used = form.exclude.filter(({ pattern, conditions }) => pattern !== '' || setKinds(conditions).length > 0);
  if (used.some(({ mode, conditions }) => mode !== 'glob' || setKinds(conditions).length > 0)) return 'A runbook leaves names alone by glob only';
  if (form.node !== '') return 'A runbook works on all masters';
  const { action } = actionOf(form);
  if (action === null) return 'The action is not complete';
  return { selection: { keys, where: form.conditions, exclude: used.map(({ pattern }) => nameFromInput(pattern)), dbs: form.dbs.length > 1 ? [...form.dbs] : null }, action };
}
