import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromWire, toWire } from '../../../../shared/bytes.ts';
import { nameFromInput } from '../../../lib/name-input.ts';
import { actionOf, emptyForm, formOf, gathers, inputOf, isFlush, selectionOf } from './choose-form.ts';

const form = { ...emptyForm(2), flush: true };
const place = { workspaceId: 'w', db: 2 };

describe('selectionOf', () => {
  it('takes a folder as bytes, with what must hold beside it', () => {
    const folder = formOf({ kind: 'filter', db: 2, filter: { pattern: { b64: '/zo=' }, mode: 'prefix', ttlMs: 'none' } });
    expect(selectionOf(folder, 'w', '').selection).toEqual({ ...place, keys: { kind: 'prefix', prefix: { b64: '/zo=' }, filter: { pattern: '', mode: 'glob', ttlMs: 'none' } }, exclude: [] });
  });

  it('takes a filter, exclusions, databases in order and a node', () => {
    const { selection } = selectionOf(
      {
        ...form,
        way: 'pattern',
        pattern: 'session:*',
        conditions: { types: ['hash'] },
        dbs: [5, 0],
        node: 'n1',
        exclude: [
          { mode: 'glob', pattern: '', conditions: {} },
          { mode: 'prefix', pattern: 'session:admin', conditions: {} },
        ],
      },
      'w',
      '',
    );
    expect(selection).toEqual({
      workspaceId: 'w',
      db: 5,
      dbs: [0, 5],
      node: 'n1',
      keys: { kind: 'filter', filter: { pattern: 'session:*', mode: 'glob', types: ['hash'] } },
      exclude: [{ pattern: 'session:admin', mode: 'prefix' }],
    });
  });

  it('asks for one hole and for values', () => {
    const template = { ...form, way: 'template' as const };
    expect(selectionOf({ ...template, template: 'user:*' }, 'w', 'l').errors).toEqual({ template: 'One hole in braces, as in user:{id}:*', values: 'At least one value, or a file' });
    expect(selectionOf({ ...template, template: 'a:{x}:{y}' }, 'w', 'l').errors.template).toBe('One hole only; there are {x} and {y}');
    const whole = { ...template, template: 'a:{x}:{x}', values: { ...form.values, text: '\n7\n' } };
    expect(gathers(whole)?.text).toBe('\n7\n');
    expect(selectionOf(whole, 'w', 'l').selection?.keys).toEqual({ kind: 'template', template: 'a:{x}:{x}', listId: 'l' });
  });

  it('asks for names, for a set and for a database', () => {
    expect(selectionOf({ ...form, way: 'names', names: { ...form.names, text: '\r\n\n' } }, 'w', 'l').errors.names).toMatch(/At least one name/u);
    expect(selectionOf({ ...form, way: 'set', dbs: [] }, 'w', 'l').errors).toEqual({ set: 'The name of the set', dbs: 'At least one database' });
    expect(selectionOf({ ...form, way: 'set', set: 'tag:red', withSet: true }, 'w', 'l').selection?.keys).toEqual({ kind: 'set', name: 'tag:red', withSet: true });
  });
});

describe('inputOf', () => {
  it('is read back as the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        expect(fromWire(nameFromInput(inputOf(toWire(bytes))))).toEqual(bytes);
      }),
    );
  });
});

describe('actionOf', () => {
  it('reads times, and says which cannot be read', () => {
    expect(actionOf(form).action).toEqual({ kind: 'unlink' });
    expect(actionOf({ ...form, action: 'soft', softTtl: '2m', softJitter: '' }).action).toEqual({ kind: 'soft', ttlMs: 120_000, jitterMs: 0 });
    expect(actionOf({ ...form, action: 'soft', softTtl: 'soon', softJitter: 'x' })).toMatchObject({ action: null, errors: { softTtl: expect.stringMatching(/length/u), softJitter: expect.stringMatching(/length/u) } });
    expect(actionOf({ ...form, action: 'graveyard', graveyard: '', graveyardTtl: '10ms' }).errors).toEqual({ graveyard: 'What the names begin with there', graveyardTtl: 'At least a second' });
    expect(actionOf({ ...form, action: 'graveyard', graveyard: 'old:' }).action).toEqual({ kind: 'graveyard', prefix: 'old:', ttlMs: 86_400_000 });
  });
});

describe('isFlush', () => {
  it('names what nothing narrows', () => {
    expect(isFlush(form)).toBe(true);
    expect(isFlush({ ...form, prefix: 'a' })).toBe(false);
    expect(isFlush({ ...form, way: 'pattern', pattern: '**' })).toBe(true);
    expect(isFlush({ ...form, way: 'pattern', mode: 'literal', pattern: '*' })).toBe(false);
    expect(isFlush({ ...form, conditions: { ttlMs: 'none' } })).toBe(false);
    expect(isFlush({ ...form, way: 'names' })).toBe(false);
    expect(selectionOf({ ...form, flush: false }, 'w', '').errors).toEqual({ flush: 'Narrow the choice, or tick that every key is meant' });
    expect(selectionOf(form, 'w', '').selection?.keys).toEqual({ kind: 'prefix', prefix: '' });
  });
});
