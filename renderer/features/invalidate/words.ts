import type { InvalidateAction, InvalidatePlan, PlanWarning, ExcludedReason } from '../../../shared/contract/invalidate.ts';
import type { BulkSelection, RunSnapshot, RunSummary } from '../../../shared/contract/bulk.ts';
import { filterWords, unitWords } from '../../lib/bulk-words.ts';
import { formatDuration } from '../../lib/format.ts';
import { nameFromInput } from '../../lib/name-input.ts';
import { wireLabel } from '../../lib/wire-text.ts';
import { setKinds, conditionWords } from '../../ui/conditions/conditions.ts';
import type { ChooseForm } from './choose/choose-form.ts';

/** What an action does, as a sentence. */
export function actionWords(action: InvalidateAction): string {
  switch (action.kind) {
    case 'unlink':
      return 'Deletes each key. Memory is freed in the background of the server.';
    case 'soft':
      return `Shortens the time left to ${formatDuration(action.ttlMs)}${action.jitterMs > 0 ? ` and up to ${formatDuration(action.jitterMs)} more, each key at its own moment` : ''}. It never lengthens.`;
    case 'persist':
      return 'Takes the expiry off. The keys stay until someone deletes them.';
    case 'graveyard':
      return `Renames each key to ${wireLabel(action.prefix, 40)} and its name, where it expires after ${formatDuration(action.ttlMs)}.`;
  }
}

const verbs: Record<InvalidateAction['kind'], readonly [verb: string, past: string]> = {
  unlink: ['Unlink', 'unlinked'],
  soft: ['Shorten the expiry of', 'shortened'],
  persist: ['Persist', 'persisted'],
  graveyard: ['Move to the graveyard', 'moved'],
};

/** `Unlink 41,212 keys on prod-cache`. */
export function confirmWords(plan: Pick<InvalidatePlan, 'selected' | 'action' | 'confirmation'>, workspaceName: string): string {
  const what = unitWords(plan.selected, 'keys');
  if (plan.confirmation === 'flush' && plan.action.kind === 'unlink') return `Flush ${what} on ${workspaceName}`;
  return plan.action.kind === 'graveyard' ? `Move ${what} to the graveyard on ${workspaceName}` : `${verbs[plan.action.kind][0]} ${what} on ${workspaceName}`;
}

/** `41,212 keys unlinked`; of an undo `41,212 keys restored`. */
export function changedWords(run: Pick<RunSnapshot, 'kind' | 'changed' | 'unit' | 'undo'>): string {
  const what = unitWords(run.changed, run.unit);
  if (run.undo) return `${what} restored`;
  return `${what} ${isInvalidation(run.kind) ? verbs[run.kind][1] : 'changed'}`;
}

/** Runs of this screen; changes of expiry have theirs. */
export function isInvalidation(kind: RunSummary['kind']): kind is InvalidateAction['kind'] {
  return kind !== 'ttl' && kind !== 'field-ttl';
}

export const excludedWords: Record<ExcludedReason, string> = {
  excluded: 'an exclusion takes it',
  'no-match': 'does not meet the conditions',
  unjudged: 'a fact that decides may not be read',
  missing: 'does not exist',
  elsewhere: 'on another node',
  'already-so': 'is so already',
  'not-earlier': 'expires sooner anyway',
  past: 'the time is past',
};

/** Titles; the numbers stand in the warning's own `fact`. */
export const warningWords: Record<PlanWarning, string> = {
  'whole-database': 'Nothing is left of the database',
  'whole-namespace': 'Nothing is left of a namespace',
  replica: 'The server is a replica',
  evicting: 'The server evicts keys',
  'no-expiry': 'Keys without expiry',
  'other-writers': 'Others write meanwhile',
  alive: 'Keys in use',
  'big-values': 'Big values',
  'undo-quota': 'The undo does not fit the quota',
  'no-scripts': 'No scripts for this user',
  'slots-moving': 'Slots are moving',
};

/** Warnings that stop or endanger a run look red. */
export const graveWarnings: ReadonlySet<PlanWarning> = new Set(['whole-database', 'whole-namespace', 'replica', 'undo-quota']);

/** What is chosen, as a sentence without its end. */
export function choiceWords(form: ChooseForm): string {
  const conditions = setKinds(form.conditions).map((kind) => conditionWords(form.conditions, kind)).join(', ');
  const tail = conditions === '' ? '' : `, where ${conditions}`;
  const name = (text: string) => wireLabel(nameFromInput(text), 60);
  switch (form.way) {
    case 'pattern':
      return filterWords({ pattern: nameFromInput(form.pattern), mode: form.mode }) + tail;
    case 'folder':
      return form.prefix === '' ? `all keys of the database${tail}` : `all keys below ${name(form.prefix)}${tail}`;
    case 'template':
      return `keys made of ${form.template === '' ? 'a template' : name(form.template)} and given values${tail}`;
    case 'names':
      return `${form.names.file === null ? 'the names below' : `the names of ${form.names.file.name}`} that exist${tail}`;
    case 'set':
      return `the keys that the set ${form.set === '' ? '…' : name(form.set)} names${form.withSet ? ', and the set itself' : ''}${tail}`;
    case 'list':
      return `exactly ${form.list?.label ?? 'the listed keys'}${tail}`;
  }
}

/** A selection as the host takes it, in words. */
export function selectionWords({ keys }: BulkSelection): string {
  switch (keys.kind) {
    case 'filter':
      return filterWords(keys.filter);
    case 'prefix':
      return keys.prefix === '' ? 'all keys of the database' : `all keys below ${wireLabel(keys.prefix, 80)}`;
    case 'names':
      return keys.names.length === 1 ? wireLabel(keys.names[0] ?? '', 80) : unitWords(keys.names.length, 'keys');
    case 'list':
      return 'a list of names';
    case 'template':
      return `keys made of ${wireLabel(keys.template, 80)} and given values`;
    case 'set':
      return `the keys that the set ${wireLabel(keys.name, 80)} names${keys.withSet === true ? ', and the set itself' : ''}`;
  }
}
