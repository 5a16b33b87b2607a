import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { BulkSelection } from '../../../../shared/contract/bulk.ts';
import type { InvalidateAction } from '../../../../shared/contract/invalidate.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { leastTtlMs } from '../../../../shared/contract/ttl-action.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { parseDuration } from '../../../../shared/redis/ttl-input.ts';
import type { InvalidateStart } from '../../../lib/invalidate-link.ts';
import { nameFromInput } from '../../../lib/name-input.ts';
import { plainLines, type NameLayout } from '../../../lib/name-lines.ts';
import { conditionsOf, noConditions, setKinds, type Conditions } from '../../../ui/conditions/conditions.ts';

export type Way = 'pattern' | 'folder' | 'template' | 'names' | 'set' | 'list';
export type PatternMode = KeyFilter['mode'];
export type ActionKind = InvalidateAction['kind'];

/** Names as typed or pasted, or of a file, which wins. */
export interface NamesInput {
  text: string;
  file: File | null;
  layout: NameLayout;
}

export interface Exclusion {
  mode: PatternMode;
  pattern: string;
  conditions: Conditions;
}

/** The form as it stands. Names and patterns are kept as typed; text in double quotes is read as redis-cli quotes it. */
export interface ChooseForm {
  way: Way;
  mode: PatternMode;
  pattern: string;
  prefix: string;
  template: string;
  values: NamesInput;
  names: NamesInput;
  set: string;
  withSet: boolean;
  /** Names that another screen has gathered already. */
  list: { listId: string; count: number; label: string } | null;
  conditions: Conditions;
  exclude: readonly Exclusion[];
  dbs: readonly number[];
  /** Empty = all masters. */
  node: string;
  /** Every key is meant, since nothing narrows the choice. */
  flush: boolean;
  action: ActionKind;
  softTtl: string;
  softJitter: string;
  graveyard: string;
  graveyardTtl: string;
}

export const noNames: NamesInput = { text: '', file: null, layout: plainLines };

export function emptyForm(db: number): ChooseForm {
  return {
    way: 'folder',
    mode: 'glob',
    pattern: '',
    prefix: '',
    template: '',
    values: noNames,
    names: noNames,
    set: '',
    withSet: false,
    list: null,
    conditions: noConditions,
    exclude: [],
    dbs: [db],
    node: '',
    flush: false,
    action: 'unlink',
    softTtl: '5m',
    softJitter: '5m',
    graveyard: 'graveyard:',
    graveyardTtl: '1d',
  };
}

/** A name or pattern as the text that `nameFromInput` reads back, whatever its bytes. */
export function inputOf(name: WireBytes): string {
  return name === '' ? '' : nameLine(fromWire(name));
}

/** The form that a link asks for. */
export function formOf(start: Exclude<InvalidateStart, { kind: 'run' }>): ChooseForm {
  const form = emptyForm(start.db);
  if (start.kind === 'template') return { ...form, way: 'template', template: inputOf(start.template) };
  if (start.kind === 'list') return { ...form, way: 'list', list: { listId: start.listId, count: start.count, label: start.label } };
  const { pattern, mode } = start.filter;
  const conditions = conditionsOf(start.filter);
  return mode === 'prefix' ? { ...form, way: 'folder', prefix: inputOf(pattern), conditions } : { ...form, way: 'pattern', mode, pattern: inputOf(pattern), conditions };
}

export type FormErrors = Partial<Record<'pattern' | 'template' | 'values' | 'names' | 'set' | 'dbs' | 'flush' | 'softTtl' | 'softJitter' | 'graveyard' | 'graveyardTtl', string>>;

/** Whether a selection takes names that have to be gathered first, and which. */
export function gathers(form: ChooseForm): NamesInput | null {
  if (form.way === 'names') return form.names;
  return form.way === 'template' ? form.values : null;
}

const hole = /\{[A-Za-z_][A-Za-z0-9_]*\}/gu;

/** The names of a template's holes, each once. */
export function holesOf(template: string): string[] {
  return [...new Set(template.match(hole) ?? [])];
}

function templateError(template: string): string | null {
  const holes = holesOf(template);
  if (holes.length === 0) return 'One hole in braces, as in user:{id}:*';
  return holes.length > 1 ? `One hole only; there are ${holes.join(' and ')}` : null;
}

function givenNames(input: NamesInput): boolean {
  return input.file !== null || /[^\r\n]/u.test(input.text);
}

function choiceErrors(form: ChooseForm): FormErrors {
  const errors: FormErrors = {};
  if (form.way === 'template') {
    const error = templateError(form.template);
    if (error !== null) errors.template = error;
    if (!givenNames(form.values)) errors.values = 'At least one value, or a file';
  }
  if (form.way === 'names' && !givenNames(form.names)) errors.names = 'At least one name, or a file';
  if (form.way === 'set' && form.set === '') errors.set = 'The name of the set';
  if (isFlush(form) && !form.flush) errors.flush = 'Narrow the choice, or tick that every key is meant';
  if (form.dbs.length === 0) errors.dbs = 'At least one database';
  return errors;
}

/** The filter that holds beside the way; nothing when it asks nothing. */
function also(conditions: Conditions): { filter?: KeyFilter } {
  return setKinds(conditions).length === 0 ? {} : { filter: { pattern: '', mode: 'glob', ...conditions } };
}

function keysOf(form: ChooseForm, listId: string): BulkSelection['keys'] {
  switch (form.way) {
    case 'pattern':
      return { kind: 'filter', filter: { pattern: nameFromInput(form.pattern), mode: form.mode, ...form.conditions } };
    case 'folder':
      return { kind: 'prefix', prefix: nameFromInput(form.prefix), ...also(form.conditions) };
    case 'template':
      return { kind: 'template', template: nameFromInput(form.template), listId, ...also(form.conditions) };
    case 'names':
      return { kind: 'list', listId, ...also(form.conditions) };
    case 'list':
      return { kind: 'list', listId: form.list?.listId ?? listId, ...also(form.conditions) };
    case 'set':
      return { kind: 'set', name: nameFromInput(form.set), withSet: form.withSet, ...also(form.conditions) };
  }
}

/** The selection as the host takes it, or what of the form cannot be understood. `listId` stands for names that are gathered before. */
export function selectionOf(form: ChooseForm, workspaceId: string, listId: string): { selection: BulkSelection | null; errors: FormErrors } {
  const errors = choiceErrors(form);
  if (Object.keys(errors).length > 0) return { selection: null, errors };
  const exclude = form.exclude
    .filter(({ pattern, conditions }) => pattern !== '' || setKinds(conditions).length > 0)
    .map<KeyFilter>(({ mode, pattern, conditions }) => ({ pattern: nameFromInput(pattern), mode, ...conditions }));
  const [db = 0] = form.dbs;
  return {
    selection: {
      workspaceId,
      db,
      ...(form.dbs.length > 1 ? { dbs: form.dbs.toSorted((a, b) => a - b) } : {}),
      ...(form.node === '' ? {} : { node: form.node }),
      keys: keysOf(form, listId),
      exclude,
    },
    errors: {},
  };
}

const badLength = 'A length of time, such as 5m or 2h 30m';

function ttlOf(text: string): { ms: number; error: string | null } {
  const ms = parseDuration(text);
  if (ms === null) return { ms: 0, error: badLength };
  return { ms, error: ms < leastTtlMs ? 'At least a second' : null };
}

/** What would be done, or what of it cannot be understood. */
export function actionOf(form: ChooseForm): { action: InvalidateAction | null; errors: FormErrors } {
  if (form.action === 'unlink' || form.action === 'persist') return { action: { kind: form.action }, errors: {} };
  const errors: FormErrors = {};
  if (form.action === 'soft') {
    const ttl = ttlOf(form.softTtl);
    const jitter = form.softJitter.trim() === '' ? 0 : parseDuration(form.softJitter);
    if (ttl.error !== null) errors.softTtl = ttl.error;
    if (jitter === null) errors.softJitter = badLength;
    return Object.keys(errors).length > 0 ? { action: null, errors } : { action: { kind: 'soft', ttlMs: ttl.ms, jitterMs: jitter ?? 0 }, errors };
  }
  const ttl = ttlOf(form.graveyardTtl);
  if (ttl.error !== null) errors.graveyardTtl = ttl.error;
  if (form.graveyard === '') errors.graveyard = 'What the names begin with there';
  return Object.keys(errors).length > 0 ? { action: null, errors } : { action: { kind: 'graveyard', prefix: nameFromInput(form.graveyard), ttlMs: ttl.ms }, errors };
}

/** Nothing narrows the choice: it is a flush, and is called so. What a pattern takes beyond that only counting tells. */
export function isFlush(form: ChooseForm): boolean {
  if (setKinds(form.conditions).length > 0 || form.exclude.some(({ pattern, conditions }) => pattern !== '' || setKinds(conditions).length > 0) || form.node !== '') return false;
  if (form.way === 'folder') return form.prefix === '';
  return form.way === 'pattern' && (form.pattern === '' || (form.mode === 'glob' && /^\*+$/u.test(form.pattern)));
}
