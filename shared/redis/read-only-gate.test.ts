import { describe, expect, it } from 'vitest';
import { coreCommandTable, foldName, parseCommandTable } from './command-table.ts';
import { decideReadOnly, mayHaveEffect } from './read-only-gate.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const row = (name: string, flags: string[], subcommands: unknown[] = []): unknown[] => [name, -1, flags, 1, 1, 1, [], [], [], subcommands];

const table = parseCommandTable([
  row('get', ['readonly', 'fast']),
  row('set', ['write', 'denyoom']),
  row('pfcount', ['readonly']),
  [...row('cached.count', ['readonly']).slice(0, 8), [['flags', ['RW', 'access'], 'begin_search', []]]],
  [...row('module.read', ['readonly', 'module']).slice(0, 8), [['flags', ['RW', 'access', 'update']]]],
  row('relayed', ['readonly', 'may_replicate']),
  row('ping', ['fast']),
  row('command', ['loading'], [row('command|count', ['loading'])]),
  row('config', [], [row('config|get', ['admin']), row('config|set', ['admin'])]),
  row('memory', [], [row('memory|usage', ['readonly']), row('memory|purge', [])]),
  row('ft.config', ['readonly', 'admin']),
  [bytes('json.get'), -2, [bytes('READONLY')], 1, 1, 1],
]);

/** As a server before 7.0 answers: containers without their subcommands. */
const old = parseCommandTable([row('memory', ['readonly', 'random']), row('config', ['admin']), row('object', ['readonly']), row('debug', ['admin']), row('xgroup', ['write'])]);

describe('the read-only gate', () => {
  it.each([
    ['get'],
    ['GeT'],
    [bytes('GET')],
    ['ping'],
    ['COMMAND'],
    ['command', 'COUNT'],
    ['config', 'gEt', 'x'],
    ['config', bytes('GET')],
    ['Memory', 'USAGE', 'k'],
    ['JSON.GET', 'k'],
    ['module.read', 'k'],
  ])('allows %s %s', (...command) => {
    expect(decideReadOnly(table, command)).toEqual({ allowed: true });
  });

  it.each([
    ['set', 'k', 'v'],
    ['pfcount', 'k'],
    ['cached.count', 'k'],
    ['relayed', 'k'],
    ['config', 'SET'],
    ['config'],
    ['config', 'rewrite'],
    ['config|get'],
    ['memory', 'purge'],
    ['memory'],
    ['ft.config', 'set'],
    ['get '],
    ['get\0'],
    [' get'],
    ['__proto__'],
    ['constructor'],
    ['config', 'constructor'],
    [''],
    [bytes('')],
    ['ge\u0442'],
    ['\u212aeys'],
    ['json.set', 'k'],
    [3],
  ])('refuses %s %s', (...command) => {
    expect(decideReadOnly(table, command)).toMatchObject({ allowed: false });
  });

  it('refuses a command of no parts', () => {
    expect(decideReadOnly(table, [])).toMatchObject({ allowed: false });
  });

  it('refuses a write that was renamed to a harmless name', () => {
    expect(decideReadOnly(parseCommandTable([row('ping', ['write'])]), ['ping'])).toMatchObject({ allowed: false });
  });

  it('judges subcommands by its own list where the server does not tell them', () => {
    expect(decideReadOnly(old, ['memory', 'usage', 'k'])).toEqual({ allowed: true });
    expect(decideReadOnly(old, ['OBJECT', 'Encoding', 'k'])).toEqual({ allowed: true });
    expect(decideReadOnly(old, ['config', 'get', 'x'])).toEqual({ allowed: true });
    for (const command of [['memory', 'purge'], ['config', 'set', 'a', 'b'], ['config', 'resetstat'], ['debug', 'reload'], ['xgroup', 'help'], ['object', 'new'], ['object']]) {
      expect(decideReadOnly(old, command)).toMatchObject({ allowed: false });
    }
  });

  it('knows the reads of Redis when COMMAND may not be run', () => {
    const core = coreCommandTable();
    for (const name of ['get', 'scan', 'ttl', 'hscan', 'xrange']) expect(decideReadOnly(core, [name, 'k'])).toEqual({ allowed: true });
    expect(decideReadOnly(core, ['memory', 'usage', 'k'])).toEqual({ allowed: true });
    for (const name of ['set', 'eval', 'pfcount', 'flushall', 'getdel', 'sort', 'georadius']) expect(decideReadOnly(core, [name, 'k'])).toMatchObject({ allowed: false });
  });

  it('counts what it does not know as having an effect', () => {
    expect(mayHaveEffect(table, ['nosuch'])).toBe(true);
    expect(mayHaveEffect(table, ['get', 'k'])).toBe(false);
  });
});

describe('the command table', () => {
  it('leaves out rows that make no sense', () => {
    expect(parseCommandTable(null).size).toBe(0);
    expect([...parseCommandTable([null, 3, [], ['x'], ['', 1, [], 0], ['ok', 1, 'flags', 'one']]).keys()]).toEqual(['ok']);
  });

  it('folds ASCII letters only', () => {
    expect(foldName('GET')).toBe('get');
    expect(foldName('\u212a')).not.toBe('k');
    expect(foldName(Uint8Array.of(0xc9, 0x41))).toBe('\u00c9a');
  });
});
