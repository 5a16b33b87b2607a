import { readFile } from 'node:fs/promises';
import { toWire, type WireBytes } from '../../shared/bytes.ts';
import { LookasideError } from '../../shared/contract/errors.ts';
import type { RunPace } from '../../shared/contract/bulk.ts';
import { nameBytes } from '../../shared/redis/cli-quote.ts';
import { readRunbook } from '../host/runbooks/runbook-service.ts';
import { translateStoreError } from '../host/store/atomic-file.ts';
import { launchHost } from '../launch/launch-host.ts';
import { parse, usageError } from '../launch/launch-arguments.ts';
import { readRunArguments, runHelp, runOptions, type RunArguments } from './invalidate-arguments.ts';
import { planAndRun, refuse } from './invalidate.ts';
import { namesIn } from './names-file.ts';
import { onRedis } from './on-redis.ts';
import { readRedisArguments, redisHelp, redisOptions } from './redis-arguments.ts';
import { sessionVault } from './session-vault.ts';
import { exitCodes, type Terminal } from './terminal.ts';

export const runHelpText = `lookaside run: carry out a saved invalidation (a runbook) with values for its variables.

Usage
  lookaside run NAME|FILE --url redis://... --var id=42 [--dry-run] [--yes --expect N] [--json]

NAME is that of a saved runbook, FILE one that was exported. Its guard rails hold whatever is said here: most keys, environments, idle time,
canary, speed, undo.

  --var NAME=VALUE        a value; the same variable again gives it several
  --var NAME=@FILE        its values from a file, a line each; @- is standard input
${runHelp}

Where
${redisHelp}

JSON and exit codes as of lookaside invalidate.
`;

export const runbooksHelp = `lookaside runbooks: saved invalidations.

Usage
  lookaside runbooks [--json]
  lookaside runbooks show NAME          its file, on standard output
  lookaside runbooks import FILE [--replace]
  lookaside runbooks remove NAME

  --data-folder DIR       where they are kept (default: LOOKASIDE_DATA, else the system's place)
`;

async function valuesOf(given: readonly string[]): Promise<Record<string, WireBytes[]>> {
  const values = new Map<string, WireBytes[]>();
  for (const each of given) {
    const at = each.indexOf('=');
    if (at <= 0) throw usageError('--var takes NAME=VALUE');
    const [name, value] = [each.slice(0, at), each.slice(at + 1)];
    const own = values.get(name) ?? [];
    if (value.startsWith('@')) for await (const line of namesIn(value.slice(1), undefined)) own.push(line);
    else own.push(toWire(nameBytes(value)));
    values.set(name, own);
  }
  return Object.fromEntries(values);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw translateStoreError(error, path, 'read');
  }
}

const isFile = (what: string): boolean => what.endsWith('.json') || what.includes('/') || what.includes('\\');

/** The slower of two limits. */
function slower(given: RunPace, guard: RunPace): RunPace {
  const limits = [given.keysPerSecond, guard.keysPerSecond].filter((limit) => typeof limit === 'number');
  return { ...given, keysPerSecond: limits.length === 0 ? null : Math.min(...limits) };
}

/** `lookaside run`. Resolves to the exit code. */
export function runRunbook(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parse({ args: [...args], options: { ...redisOptions, ...runOptions, var: { type: 'string', multiple: true } }, strict: true, allowPositionals: true });
  const [what] = positionals;
  if (what === undefined || positionals.length > 1) throw usageError('run takes the name of one runbook, or its file');
  const given = readRedisArguments(values, process.env);
  const run = readRunArguments(values);
  if (run.flush) throw usageError('A runbook never takes every key: --flush does not belong here');
  return onRedis(
    given,
    terminal,
    async (side) => {
      const { runbooks } = side.host.services;
      const variables = await valuesOf(values.var ?? []);
      const runbook = isFile(what) ? readRunbook(await textOf(what)) : what;
      const resolved = await runbooks.resolve({ runbook, variables, workspaceId: side.workspace.id, db: side.db });
      if (resolved.undo && !run.undo) throw refuse('This runbook keeps its undo: --no-undo is refused', 'Leave it out.');
      const atMost = [run.atMost, resolved.maxKeys ?? undefined].filter((limit) => limit !== undefined);
      const guarded: RunArguments = {
        ...run,
        atMost: atMost.length === 0 ? undefined : Math.min(...atMost),
        staged: resolved.staged ?? run.staged,
        pace: slower(run.pace, resolved.pace),
      };
      return planAndRun(side, resolved.selection, resolved.action, { ...guarded, json: given.json });
    },
    run.yes ? 'stopping at the end of this batch; again to end at once ...' : 'stopping ...',
  );
}

/** `lookaside runbooks`. Resolves to the exit code. */
export async function runbooks(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parse({
    args: [...args],
    options: { json: { type: 'boolean', default: false }, replace: { type: 'boolean', default: false }, 'data-folder': { type: 'string' } },
    strict: true,
    allowPositionals: true,
  });
  const [verb = 'list', what] = positionals;
  const wanted = verb === 'list' ? 0 : 1;
  if (!['list', 'show', 'import', 'remove'].includes(verb) || positionals.slice(1).length !== wanted) throw usageError('runbooks is followed by show NAME, import FILE, remove NAME, or nothing');
  const launched = launchHost({
    face: 'browser',
    given: { demo: false, keys: undefined, rate: undefined, url: undefined, pg: undefined, dataFolder: values['data-folder'] },
    vault: sessionVault,
    environment: process.env,
    say: terminal.say,
  });
  try {
    const service = launched.host.services.runbooks;
    if (verb === 'show') terminal.print((await service.exportFile(what ?? '')).text.trimEnd());
    else if (verb === 'import') terminal.print(`Saved as "${(await service.importFile({ text: await textOf(what ?? ''), replace: values.replace })).name}"`);
    else if (verb === 'remove') {
      if (!(await service.list()).some(({ name }) => name.toLowerCase() === what?.trim().toLowerCase())) throw new LookasideError('NOT_FOUND', 'There is no runbook of this name');
      await service.remove(what ?? '');
    } else {
      const all = await service.list();
      if (values.json) terminal.print(JSON.stringify({ runbooks: all }));
      else if (all.length === 0) terminal.print('There are no runbooks');
      else for (const { name, variables, description } of all) terminal.print(`${name}${variables.map((each) => ` {${each.name}}`).join('')}${description === '' ? '' : `: ${description.split('\n')[0] ?? ''}`}`);
    }
    return exitCodes.done;
  } finally {
    await launched.close();
  }
}
