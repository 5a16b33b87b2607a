import { describe, expect, it } from 'vitest';
import { emptyForm } from '../choose/choose-form.ts';
import { selectionForRunbook, variablesOf } from './runbook-form.ts';

const form = { ...emptyForm(0), prefix: 'user:{id}:' };

describe('runbooks of a form', () => {
  it('hold folders, templates, sets and typed names', () => {
    expect(variablesOf({ ...form, exclude: [{ mode: 'glob', pattern: '*:{keep}', conditions: {} }] })).toEqual(['id', 'keep']);
    expect(selectionForRunbook(form)).toEqual({ selection: { keys: { kind: 'prefix', prefix: 'user:{id}:' }, where: {}, exclude: [], dbs: null }, action: { kind: 'unlink' } });
    expect(selectionForRunbook({ ...form, way: 'template', template: 'a:{x}:*', dbs: [1, 2], conditions: { ttlMs: 'none' } })).toMatchObject({ selection: { keys: { kind: 'pattern', pattern: 'a:{x}:*' }, where: { ttlMs: 'none' }, dbs: [1, 2] } });
    expect(selectionForRunbook({ ...form, way: 'names', names: { ...form.names, text: 'a\n\n"\\xff"' } })).toMatchObject({ selection: { keys: { kind: 'names', names: ['a', { b64: '/w==' }] } } });
    expect(selectionForRunbook({ ...form, way: 'set', set: 'tag:{t}' })).toMatchObject({ selection: { keys: { kind: 'set', name: 'tag:{t}', withSet: false } } });
  });

  it('say what they cannot hold', () => {
    expect(selectionForRunbook({ ...form, way: 'pattern', mode: 'regex', pattern: 'a' })).toMatch(/by glob/u);
    expect(selectionForRunbook({ ...form, way: 'list', list: { listId: 'l', count: 1, label: 'x' } })).toMatch(/cannot be saved/u);
    expect(selectionForRunbook({ ...form, node: 'n' })).toMatch(/all masters/u);
    expect(selectionForRunbook({ ...form, exclude: [{ mode: 'regex', pattern: 'a', conditions: {} }] })).toMatch(/by glob only/u);
    expect(selectionForRunbook({ ...form, action: 'soft', softTtl: 'x' })).toMatch(/not complete/u);
  });
});
