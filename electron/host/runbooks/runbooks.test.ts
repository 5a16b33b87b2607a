import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bulkSelection } from '../../../shared/contract/bulk.ts';
import { runbook as runbookSchema, type Runbook } from '../../../shared/contract/runbooks.ts';
import type { Environment } from '../../../shared/contract/workspaces.ts';
import { createAuditJournal } from '../connections/audit-journal.ts';
import { verifyJournal } from '../connections/audit/verify.ts';
import type { RunbookService, WorkspaceService } from '../services.ts';
import { createRunbookService } from './runbook-service.ts';

let folder: string;
let environment: Environment;
let runbooks: RunbookService;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-runbooks-'));
  environment = 'staging';
  const get: WorkspaceService['get'] = async () => ({
    id: 'w', name: 'W', environment, colour: 'gray', readOnly: false, delimiters: [':'], redis: null, postgres: null, demo: false, secrets: {}, lastOpenedAt: null,
  });
  runbooks = createRunbookService({ folder, workspaces: { get }, audit: createAuditJournal(folder) });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const about = { workspaceId: 'w', db: 0 };
const make = (given: Partial<v.InferInput<typeof runbookSchema>> = {}): Runbook =>
  v.parse(runbookSchema, {
    name: 'User cache',
    description: 'After a change of prices',
    variables: [{ name: 'id', allow: '[0-9]+' }],
    selection: { keys: { kind: 'pattern', pattern: 'user:{id}:*' } },
    ...given,
  });
const keysOf = async (runbook: Runbook, variables: Record<string, string[]>) => {
  const { selection } = await runbooks.resolve({ runbook, variables, ...about });
  expect(v.safeParse(bulkSelection, selection).success).toBe(true);
  return selection.keys;
};

describe('runbooks', () => {
  it('are kept, replaced, renamed and removed, and the journal knows', async () => {
    await runbooks.save({ runbook: make() });
    await runbooks.save({ runbook: make({ name: 'another' }) });
    expect((await runbooks.list()).map(({ name }) => name)).toEqual(['another', 'User cache']);
    await expect(runbooks.save({ runbook: make({ name: 'USER cache' }) })).rejects.toMatchObject({ code: 'CONFLICT' });
    await runbooks.save({ runbook: make({ name: 'Prices' }), was: 'user cache' });
    await runbooks.remove('another');
    await runbooks.remove('another');
    expect((await runbooks.list()).map(({ name }) => name)).toEqual(['Prices']);
    const journal = await readFile(join(folder, 'audit.jsonl'), 'utf8');
    expect(journal.match(/"event":"runbook-(saved|removed)"/gu)).toHaveLength(4);
    expect((await verifyJournal(folder)).ok).toBe(true);
  });

  it('come back from a file as they were', async () => {
    const whole = make({ guards: { maxKeys: 100, environments: ['local'], staged: { canary: 5, waitMs: 10, hitRateDropMax: 0.1, auto: true } }, action: { kind: 'soft', ttlMs: 60_000 } });
    await runbooks.save({ runbook: whole });
    const { fileName, text } = await runbooks.exportFile('User cache');
    expect(fileName).toBe('User-cache.runbook.json');
    await expect(runbooks.importFile({ text })).rejects.toMatchObject({ code: 'CONFLICT' });
    await runbooks.importFile({ text, replace: true });
    await runbooks.remove('User cache');
    expect(await runbooks.importFile({ text })).toMatchObject(whole);
    for (const bad of ['', '{}', '[]', text.replace('"runbook"', '"plan"'), text.replace('"pattern"', '"regex"'), text.replace('60000', '0')]) {
      await expect(runbooks.importFile({ text: bad, replace: true })).rejects.toMatchObject({ code: 'IMPORT_UNREADABLE' });
    }
    await expect(runbooks.exportFile('none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('say that a file of theirs cannot be understood, and keep it', async () => {
    await writeFile(join(folder, 'runbooks.json'), '{"version":9}');
    await expect(runbooks.list()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await runbooks.list()).toEqual([]);
  });

  it.each([
    ['a variable that is nowhere used', { variables: [{ name: 'id' }, { name: 'other' }] }],
    ['two of one name', { variables: [{ name: 'id' }, { name: 'id' }] }],
    ['an expression that is none', { variables: [{ name: 'id', allow: '(' }] }],
    ['a default that is not allowed', { variables: [{ name: 'id', allow: '[0-9]+', fallback: 'x' }] }],
    ['a backslash before a variable', { selection: { keys: { kind: 'pattern', pattern: 'user:\\{id}' } } }],
    ['every key', { variables: [], selection: { keys: { kind: 'pattern', pattern: '' } } }],
  ] as const)('refuse %s', async (_, given) => {
    await expect(runbooks.save({ runbook: make(v.parse(v.any(), given) as Partial<Runbook>) })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('what a runbook takes', () => {
  it('is a glob in which values mean themselves, a template of many, or the names themselves', async () => {
    const free = make({ variables: [{ name: 'id' }] });
    expect(await keysOf(free, { id: ['4*'] })).toMatchObject({ kind: 'filter', filter: { pattern: 'user:4\\*:*', mode: 'glob' } });
    expect(await keysOf(free, { id: ['1', '2', '1'] })).toEqual({ kind: 'template', template: 'user:{id}:*', values: ['1', '2'] });
    const two = make({ variables: [{ name: 'shop' }, { name: 'id' }], selection: { keys: { kind: 'pattern', pattern: '{shop}:user:{id}' } } });
    expect(await keysOf(two, { shop: ['a', 'b*'], id: ['1', '2'] })).toEqual({ kind: 'names', names: ['a:user:1', 'a:user:2', 'b*:user:1', 'b*:user:2'] });
    const prefix = make({ selection: { keys: { kind: 'prefix', prefix: 'user:{id}:' }, where: { types: ['hash'] } } });
    expect(await keysOf(prefix, { id: ['7'] })).toEqual({ kind: 'prefix', prefix: 'user:7:', filter: { pattern: '', mode: 'glob', types: ['hash'] } });
    await expect(keysOf(prefix, { id: ['7', '8'] })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const set = make({ selection: { keys: { kind: 'set', name: 'tag:{id}' } } });
    expect(await keysOf(set, { id: ['7'] })).toEqual({ kind: 'set', name: 'tag:7', withSet: false });
  });

  it('is held by its guards', async () => {
    const guarded = make({ guards: { maxKeys: 10, environments: ['local', 'staging'], minIdleSeconds: 60, maxKeysPerSecond: 100 }, selection: { keys: { kind: 'pattern', pattern: 'user:{id}:*' }, where: { idleSeconds: { min: 5, max: 900 } } } });
    expect(await runbooks.resolve({ runbook: guarded, variables: { id: ['1'] }, ...about })).toMatchObject({
      maxKeys: 10,
      undo: true,
      pace: { keysPerSecond: 100 },
      selection: { keys: { filter: { idleSeconds: { min: 60, max: 900 } } } },
    });
    environment = 'production';
    await expect(runbooks.resolve({ runbook: guarded, variables: { id: ['1'] }, ...about })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it.each([[{}], [{ id: [] }], [{ id: [''] }], [{ id: ['1'], __proto__x: ['2'] }], [{ id: ['x'] }], [{ id: ['1', 'x'] }], [{ id: [{ b64: '/w==' }] }]])('is refused with the values %j', async (variables) => {
    await runbooks.save({ runbook: make() });
    await expect(runbooks.resolve({ runbook: 'User cache', variables, ...about })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('takes the default where no value is given', async () => {
    expect(await keysOf(make({ variables: [{ name: 'id', fallback: '42' }] }), {})).toMatchObject({ kind: 'filter', filter: { pattern: 'user:42:*' } });
  });
});
