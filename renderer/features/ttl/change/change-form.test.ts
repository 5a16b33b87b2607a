import { describe, expect, it } from 'vitest';
import { actionOf, filterOf, formOf, namesOf, selectionOf } from './change-form.ts';
import { filterWords } from '../../../lib/bulk-words.ts';
import { actionWords } from './change-words.ts';

const place = { workspaceId: 'w', db: 0 };

describe('formOf', () => {
  it('takes a filter there and back, bytes and parts without a field included', () => {
    for (const filter of [
      { pattern: '', mode: 'literal' as const },
      { pattern: { b64: '/w==' }, mode: 'prefix' as const, ttlMs: 'none' as const },
      { pattern: 'session:', mode: 'prefix' as const, ttlMs: { min: 90_500, max: 3_600_000 }, types: ['hash'], bytes: { min: 4 } },
      { pattern: '__proto__', mode: 'regex' as const, ttlMs: { min: 0 } },
    ]) {
      expect(filterOf(formOf({ filter }))).toEqual({ filter, errors: {} });
      expect(selectionOf(formOf({ filter }), place, null).selection).toEqual({ ...place, keys: { kind: 'filter', filter }, exclude: [] });
    }
  });
});

describe('selectionOf', () => {
  it('takes names as typed, once each', () => {
    expect(namesOf('a\r\nb \n\n"bin\\xff"\na')).toEqual(['a', 'b ', { b64: 'Ymlu/w==' }]);
    const form = { ...formOf({}), source: 'names' as const, names: 'a\nb', exclude: 'x*' };
    expect(selectionOf(form, place, null).selection).toEqual({ ...place, keys: { kind: 'names', names: ['a', 'b'] }, exclude: [{ pattern: 'x*', mode: 'glob' }] });
    expect(selectionOf({ ...form, names: '\n' }, place, null)).toEqual({ selection: null, errors: { names: 'At least one name' } });
  });

  it('waits for the id of a list', () => {
    const form = formOf({ list: { label: 'some', count: 2, page: () => Promise.resolve([]), close: () => undefined } });
    expect(selectionOf(form, place, null).selection).toBeNull();
    expect(selectionOf(form, place, 'l1').selection).toEqual({ ...place, keys: { kind: 'list', listId: 'l1' }, exclude: [] });
  });

  it('says what of a range cannot be understood', () => {
    const form = { ...formOf({}), ttlChoice: 'range' as const };
    expect(selectionOf(form, place, null).errors.ttlMin).toBe('At least one end');
    expect(selectionOf({ ...form, ttlMin: 'x' }, place, null).errors.ttlMin).toMatch(/length of time/);
    expect(selectionOf({ ...form, ttlMin: '2h', ttlMax: '1h' }, place, null).errors.ttlMax).toMatch(/Shorter/);
    expect(selectionOf({ ...form, ttlMax: '5m' }, place, null).selection?.keys).toEqual({ kind: 'filter', filter: { pattern: '', mode: 'glob', ttlMs: { max: 300_000 } } });
  });
});

describe('actionOf', () => {
  const now = new Date(2026, 10, 24, 10, 0).getTime();
  it('reads times as typed', () => {
    expect(actionOf({ ...formOf({}), ttl: '2h', jitter: '30m', condition: 'GT' }, now).action).toEqual({ kind: 'expire', ttlMs: 7_200_000, jitterMs: 1_800_000, condition: 'GT' });
    expect(actionOf({ ...formOf({}), kind: 'expireAt', at: '11:00' }, now).action).toEqual({ kind: 'expireAt', at: now + 3_600_000, jitterMs: 0 });
    expect(actionOf({ ...formOf({}), kind: 'persist', ttl: 'nonsense' }, now)).toEqual({ action: { kind: 'persist' }, errors: {} });
  });
  it('refuses what is none, past or too short', () => {
    expect(actionOf({ ...formOf({}), ttl: 'soon', jitter: 'x' }, now)).toMatchObject({ action: null, errors: { ttl: expect.stringMatching(/length/), jitter: expect.stringMatching(/length/) } });
    expect(actionOf({ ...formOf({}), ttl: '500ms' }, now).errors.ttl).toBe('At least a second');
    expect(actionOf({ ...formOf({}), kind: 'expireAt', at: '2026-11-23' }, now).errors.at).toMatch(/past/);
    expect(actionOf({ ...formOf({}), kind: 'expireAt', at: '' }, now).errors.at).toMatch(/date and time/);
  });
});

describe('words', () => {
  it('read as sentences', () => {
    expect(filterWords({ pattern: '', mode: 'literal' })).toBe('all keys of the database');
    expect(filterWords({ pattern: 'session:', mode: 'prefix', ttlMs: 'none', types: ['hash', 'set'] })).toBe('keys that begin with session: and are of type hash or set and have no expiry');
    expect(filterWords({ pattern: '', mode: 'glob', ttlMs: { min: 60_000, max: 3_600_000 } })).toBe('keys that have between 1\u00a0min and 1\u00a0h left');
    expect(actionWords({ kind: 'expire', ttlMs: 3_600_000, jitterMs: 600_000 })).toBe('Expire 1\u00a0h from the moment of the change, each at its own moment within 10\u00a0min after that.');
  });
});
