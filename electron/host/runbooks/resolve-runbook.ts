import type { InferContractRouterOutputs } from '@orpc/contract';
import { fromWire, toWire, wireKey, type WireBytes } from '../../../shared/bytes.ts';
import { maxNamesPerCall, type BulkSelection } from '../../../shared/contract/bulk.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import type { Runbook, runbooksContract } from '../../../shared/contract/runbooks.ts';
import type { Environment } from '../../../shared/contract/workspaces.ts';
import { escapeGlob } from '../../../shared/redis/glob.ts';
import { filled, joined, piecesOf, variablesIn } from '../../../shared/redis/fill-variables.ts';
import { checkRunbook, checkValue, wrong } from './check-runbook.ts';

type Resolved = InferContractRouterOutputs<typeof runbooksContract>['resolve'];
type Values = ReadonlyMap<string, readonly WireBytes[]>;

const globBytes: ReadonlySet<number> = new Set(Buffer.from('*?[]\\'));

/** What every variable is, with defaults. Throws INVALID_INPUT. */
function valuesOf({ variables }: Runbook, given: Record<string, WireBytes[]>): Values {
  const known = new Set(variables.map(({ name }) => name));
  for (const name of Object.keys(given)) {
    if (!known.has(name)) throw wrong(`The runbook has no variable {${name}}`, known.size === 0 ? 'It has none.' : `It has ${[...known].map((each) => `{${each}}`).join(', ')}.`);
  }
  return new Map(
    variables.map((variable) => {
      const own = Object.hasOwn(given, variable.name) ? (given[variable.name] ?? []) : [];
      const values = own.length > 0 ? own : variable.fallback === null ? [] : [variable.fallback];
      if (values.length === 0) throw wrong(`A value for {${variable.name}} is missing`, variable.description);
      for (const value of values) checkValue(variable, value);
      return [variable.name, [...new Map(values.map((value) => [wireKey(value), value])).values()]];
    }),
  );
}

/** Every combination of the values of these variables. Throws INVALID_INPUT beyond what one call may carry. */
function combinations(values: Values, names: readonly string[]): Map<string, Uint8Array>[] {
  const count = names.reduce((product, name) => product * (values.get(name)?.length ?? 0), 1);
  if (count > maxNamesPerCall) throw wrong(`These values make ${count.toLocaleString('en')} names; at most ${maxNamesPerCall.toLocaleString('en')} go at a time`);
  return names.reduce<Map<string, Uint8Array>[]>((before, name) => before.flatMap((each) => (values.get(name) ?? []).map((value) => new Map([...each, [name, fromWire(value)]]))), [new Map()]);
}

function single(values: Values, names: readonly string[], what: string): Map<string, Uint8Array> {
  for (const name of names) if ((values.get(name)?.length ?? 0) > 1) throw wrong(`{${name}} stands in ${what} and takes one value there`);
  return combinations(values, names)[0] ?? new Map();
}

/** A pattern that is no glob names its keys. A glob with one variable of many values becomes a template; the others are put in. */
function patternKeys(pattern: Uint8Array, values: Values, where: KeyFilter): BulkSelection['keys'] {
  const known = new Set(values.keys());
  const names = [...new Set(variablesIn(pattern, known))];
  const isGlob = piecesOf(pattern, known).some((piece) => typeof piece !== 'string' && piece.some((byte) => globBytes.has(byte)));
  // nothing has to be looked for: the names are known
  if (!isGlob && pattern.length > 0) return { kind: 'names', names: combinations(values, names).map((each) => toWire(filled(pattern, each, 'literal'))), ...also(where) };
  const many = names.filter((name) => (values.get(name)?.length ?? 0) > 1);
  if (many.length > 1) throw wrong(`Only one variable may have several values: ${many.map((name) => `{${name}}`).join(' and ')} have`);
  const hole = many[0];
  if (hole === undefined) return { kind: 'filter', filter: { ...where, pattern: toWire(filled(pattern, combinations(values, names)[0] ?? new Map(), 'glob')), mode: 'glob' } };
  const encoder = new TextEncoder();
  const pieces = piecesOf(pattern, known).map((piece) => {
    if (typeof piece !== 'string') return piece;
    if (piece === hole) return encoder.encode(`{${hole}}`);
    const [value] = values.get(piece) ?? [];
    return escapeGlob(value === undefined ? new Uint8Array() : fromWire(value));
  });
  return { kind: 'template', template: toWire(joined(pieces)), values: [...(values.get(hole) ?? [])], ...also(where) };
}

const also = (where: KeyFilter): { filter?: KeyFilter } => (Object.keys(where).length > 2 ? { filter: where } : {});

function keysOf({ selection: { keys } }: Runbook, values: Values, where: KeyFilter): BulkSelection['keys'] {
  const known = new Set(values.keys());
  switch (keys.kind) {
    case 'pattern':
      return patternKeys(fromWire(keys.pattern), values, where);
    case 'prefix': {
      const prefix = fromWire(keys.prefix);
      return { kind: 'prefix', prefix: toWire(filled(prefix, single(values, variablesIn(prefix, known), 'a prefix'), 'literal')), ...also(where) };
    }
    case 'set': {
      const name = fromWire(keys.name);
      return { kind: 'set', name: toWire(filled(name, single(values, variablesIn(name, known), 'the name of a set'), 'literal')), withSet: keys.withSet, ...also(where) };
    }
    case 'names': {
      const names = keys.names.flatMap((wire) => {
        const text = fromWire(wire);
        return combinations(values, [...new Set(variablesIn(text, known))]).map((each) => toWire(filled(text, each, 'literal')));
      });
      if (names.length > maxNamesPerCall) throw wrong(`These values make ${names.length.toLocaleString('en')} names; at most ${maxNamesPerCall.toLocaleString('en')} go at a time`);
      return { kind: 'names', names, ...also(where) };
    }
  }
}

/** The conditions, with what the guards add. */
function whereOf({ selection, guards }: Runbook): KeyFilter {
  const least = guards.minIdleSeconds ?? null;
  const where: KeyFilter = { pattern: '', mode: 'glob', ...selection.where };
  if (least === null) return where;
  return { ...where, idleSeconds: { ...where.idleSeconds, min: Math.max(least, where.idleSeconds?.min ?? 0) } };
}

/** A runbook with its variables filled in, ready to be planned. Throws INVALID_INPUT, CONFLICT. */
export function resolveRunbook(runbook: Runbook, given: Record<string, WireBytes[]>, where: { workspaceId: string; db: number; environment: Environment }): Resolved {
  checkRunbook(runbook);
  const { guards, selection } = runbook;
  if (guards.environments !== undefined && guards.environments.length > 0 && !guards.environments.includes(where.environment)) {
    throw new LookasideError('CONFLICT', `This runbook may not run in ${where.environment}`, { hint: `It is for ${guards.environments.join(', ')}.` });
  }
  const values = valuesOf(runbook, given);
  const exclude = selection.exclude.flatMap((wire) => {
    const text = fromWire(wire);
    const names = [...new Set(variablesIn(text, new Set(values.keys())))];
    return combinations(values, names).map((each): KeyFilter => ({ pattern: toWire(filled(text, each, 'glob')), mode: 'glob' }));
  });
  if (exclude.length > 64) throw wrong(`These values make ${exclude.length} exclusions; there may be 64`);
  return {
    name: runbook.name,
    description: runbook.description,
    selection: {
      workspaceId: where.workspaceId,
      db: where.db,
      ...(selection.dbs === null ? {} : { dbs: selection.dbs }),
      keys: keysOf(runbook, values, whereOf(runbook)),
      exclude,
    },
    action: runbook.action,
    maxKeys: guards.maxKeys ?? null,
    undo: guards.undo ?? true,
    staged: guards.staged ?? null,
    pace: { keysPerSecond: guards.maxKeysPerSecond ?? null, serverShare: null, pauseMs: null, latencyFloorMs: null, hitRateFloor: null },
  };
}
