import { fromWire, wireKey, type WireBytes } from '../../../../shared/bytes.ts';
import type { BulkSelection } from '../../../../shared/contract/bulk.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { leastTtlMs, type TtlAction, type TtlCondition } from '../../../../shared/contract/ttl-action.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { durationText, parseDuration, parseMoment } from '../../../../shared/redis/ttl-input.ts';
import { nameFromInput } from '../../../lib/name-input.ts';

export type FilterMode = KeyFilter['mode'];
export type TtlChoice = 'any' | 'none' | 'with' | 'range';
export type ActionKind = 'expire' | 'expireAt' | 'persist';

/** What the dialog begins with. */
export interface ChangeStart {
  filter?: KeyFilter;
  /** Exactly these keys, of which `label` tells; they are gathered when the preview begins. */
  list?: KeyList;
  /** Exactly these keys, few enough to be read in a text field. */
  names?: readonly WireBytes[];
  /** Fields of one hash, all of them. */
  hash?: WireBytes;
  kind?: ActionKind;
  ttl?: string;
  jitter?: string;
  condition?: TtlCondition;
}

export interface KeyList {
  label: string;
  count: number;
  /** The host holds them under this id: nothing is left to gather. */
  listId?: string;
  /** The next names from a place on; none = the end. */
  page: (from: number) => Promise<readonly WireBytes[]>;
  /** Nobody asks for them any more. */
  close: () => void;
}

/** The dialog as it stands; everything that is typed is kept as typed. */
export interface ChangeForm {
  source: 'filter' | 'names' | 'list' | 'hash';
  mode: FilterMode;
  /** Bytes that are no text stay what they are until something is typed. */
  pattern: WireBytes;
  types: readonly string[];
  ttlChoice: TtlChoice;
  ttlMin: string;
  ttlMax: string;
  /** One a line. */
  names: string;
  /** A glob; empty = nothing is left out. */
  exclude: string;
  list: KeyList | null;
  hash: WireBytes | null;
  /** A filter's parts that the form has no field for stay as they came. */
  extra: Partial<KeyFilter>;
  kind: ActionKind;
  ttl: string;
  at: string;
  jitter: string;
  condition: TtlCondition | '';
}

export function formOf(start: ChangeStart): ChangeForm {
  const { filter } = start;
  const { pattern = '', mode = 'glob', types = [], ttlMs, ...extra } = filter ?? {};
  const range = ttlMs === undefined || ttlMs === 'none' ? null : ttlMs;
  const everything = range !== null && (range.min ?? 0) === 0 && range.max === undefined;
  return {
    source: start.hash !== undefined ? 'hash' : start.list !== undefined ? 'list' : start.names !== undefined ? 'names' : 'filter',
    mode,
    pattern,
    types,
    ttlChoice: ttlMs === undefined ? 'any' : range === null ? 'none' : everything ? 'with' : 'range',
    ttlMin: range?.min === undefined ? '' : durationText(range.min),
    ttlMax: range?.max === undefined ? '' : durationText(range.max),
    names: (start.names ?? []).map((name) => nameLine(fromWire(name))).join('\n'),
    exclude: '',
    list: start.list ?? null,
    hash: start.hash ?? null,
    extra,
    kind: start.kind ?? 'expire',
    ttl: start.ttl ?? '1h',
    at: '',
    jitter: start.jitter ?? '',
    condition: start.condition ?? '',
  };
}

/** Names as typed, one a line; lines without anything are no names. */
export function namesOf(text: string): WireBytes[] {
  const seen = new Map<string, WireBytes>();
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue;
    const name = nameFromInput(line);
    seen.set(wireKey(name), name);
  }
  return [...seen.values()];
}

export type ChangeErrors = Partial<Record<'pattern' | 'ttlMin' | 'ttlMax' | 'names' | 'ttl' | 'at' | 'jitter', string>>;

const badLength = 'A length of time, such as 5m or 2h 30m';

/** What is asked of a key, or what of it cannot be understood. */
export function filterOf(form: ChangeForm): { filter: KeyFilter; errors: ChangeErrors } {
  const errors: ChangeErrors = {};
  const min = form.ttlMin.trim() === '' ? undefined : parseDuration(form.ttlMin);
  const max = form.ttlMax.trim() === '' ? undefined : parseDuration(form.ttlMax);
  if (form.ttlChoice === 'range') {
    if (min === null) errors.ttlMin = badLength;
    if (max === null) errors.ttlMax = badLength;
    if (min === undefined && max === undefined) errors.ttlMin = 'At least one end';
    if (min !== null && max !== null && min !== undefined && max !== undefined && min > max) errors.ttlMax = 'Shorter than the other end';
  }
  const filter: KeyFilter = { ...form.extra, pattern: form.pattern, mode: form.mode };
  if (form.types.length > 0) filter.types = [...form.types];
  if (form.ttlChoice === 'none') filter.ttlMs = 'none';
  else if (form.ttlChoice === 'with') filter.ttlMs = { min: 0 };
  else if (form.ttlChoice === 'range') filter.ttlMs = { ...(typeof min === 'number' ? { min } : {}), ...(typeof max === 'number' ? { max } : {}) };
  return { filter, errors };
}

/** What would be done, or what of it cannot be understood. `now` by the server's clock. */
export function actionOf(form: ChangeForm, now: number): { action: TtlAction | null; errors: ChangeErrors } {
  if (form.kind === 'persist') return { action: { kind: 'persist' }, errors: {} };
  const errors: ChangeErrors = {};
  const jitter = form.jitter.trim() === '' ? 0 : parseDuration(form.jitter);
  if (jitter === null) errors.jitter = badLength;
  const common = { jitterMs: jitter ?? 0, ...(form.condition === '' ? {} : { condition: form.condition }) };
  if (form.kind === 'expire') {
    const ttlMs = parseDuration(form.ttl);
    if (ttlMs === null) errors.ttl = badLength;
    else if (ttlMs < leastTtlMs) errors.ttl = 'At least a second';
    return { action: ttlMs === null || Object.keys(errors).length > 0 ? null : { kind: 'expire', ttlMs, ...common }, errors };
  }
  const at = parseMoment(form.at, now);
  if (at === null) errors.at = 'A date and time, such as 2026-11-25 09:00, 09:00 or in 2h';
  else if (at < now + leastTtlMs) errors.at = 'This is past, or less than a second away';
  return { action: at === null || Object.keys(errors).length > 0 ? null : { kind: 'expireAt', at, ...common }, errors };
}

/** The selection as the host takes it; a list stands for itself by the id under which it was gathered. */
export function selectionOf(form: ChangeForm, place: { workspaceId: string; db: number }, listId: string | null): { selection: BulkSelection | null; errors: ChangeErrors } {
  const { filter, errors } = filterOf(form);
  const where = { workspaceId: place.workspaceId, db: place.db };
  const exclude: KeyFilter[] = form.exclude === '' ? [] : [{ pattern: form.exclude, mode: 'glob' }];
  if (form.source === 'names') {
    const names = namesOf(form.names);
    const found: ChangeErrors = names.length === 0 ? { names: 'At least one name' } : names.length > 100_000 ? { names: 'At most 100,000 names' } : {};
    return Object.keys(found).length > 0 ? { selection: null, errors: found } : { selection: { ...where, keys: { kind: 'names', names }, exclude }, errors: {} };
  }
  if (form.source === 'list') return { selection: listId === null ? null : { ...where, keys: { kind: 'list', listId }, exclude }, errors: {} };
  if (Object.keys(errors).length > 0) return { selection: null, errors };
  return { selection: { ...where, keys: { kind: 'filter', filter }, exclude }, errors: {} };
}

/** What a condition means, in words. */
export const conditionWords: Record<TtlCondition | '', string> = {
  '': 'All of them, whatever the expiry is now',
  NX: 'Only those without an expiry',
  XX: 'Only those that have an expiry',
  GT: 'Only where it becomes later; what has no expiry stays',
  LT: 'Only where it becomes earlier; what has no expiry gets one',
};
