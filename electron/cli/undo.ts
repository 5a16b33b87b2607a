import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { KeyFilter } from '../../shared/contract/key-filter.ts';
import type { RunPace, RunSnapshot } from '../../shared/contract/bulk.ts';
import { LookasideError } from '../../shared/contract/errors.ts';
import type { UndoPreview } from '../../shared/contract/invalidate.ts';
import { parse, usageError } from '../launch/launch-arguments.ts';
import { byReason, codeOfRun, followRun, sum } from './follow-run.ts';
import { journalPath, mayWrite, tellRun } from './invalidate.ts';
import { nameOptions, readNameFilter } from './keys.ts';
import { nameText, shownName } from './names.ts';
import { onRedis, type RedisSide } from './on-redis.ts';
import { paceHelp, paceOptions, readPace } from './pace-arguments.ts';
import { readRedisArguments, redisHelp, redisOptions, type RedisArguments } from './redis-arguments.ts';
import { exitCodes, type Terminal } from './terminal.ts';
import { counted, lasting, ofKeys } from './words.ts';

export const undoHelp = `lookaside undo: give back what an invalidation took, with the time that was left and the idle time or frequency.

Usage
  lookaside undo FILE|RUN --url redis://... [--dry-run] [--json]

FILE is what --undo-file named, RUN the number of a run of this data folder (lookaside runs). A key that exists again with another value is left
alone; what has expired by now stays away. A file that was cut gives back all that is whole in it. Repeating it is safe.

  --dry-run               only say what would come back
  --over-newer            also over keys that exist again with another value: those values are lost
  --match GLOB            only names that match; --prefix TEXT: that begin so
  --unlock REASON         unlock a read-only workspace for this; the reason goes to the audit journal
${paceHelp}

Where
${redisHelp}

With --json: {restored, skippedNewer, expired, failed, alreadySo, durationMs, state, ...}; with --dry-run {restorable, newer, expired, alreadySo, newerNames,
refusal, server, cut, altered, ...}.
`;

export const resumeHelp = `lookaside resume: go on with a run that was stopped, killed or failed, from where its journal ends.

Usage
  lookaside resume RUN --url redis://... [--json]

  --rate N/s              keys a second at most
  --unlock REASON         unlock a read-only workspace for this; the reason goes to the audit journal

Where
${redisHelp}
`;

interface UndoArguments extends RedisArguments {
  what: string;
  filter: KeyFilter | null;
  overNewer: boolean;
  dryRun: boolean;
  unlock: string | undefined;
  pace: RunPace;
}

const { type: _, ...namesOnly } = nameOptions;

function onePositional(command: string, positionals: readonly string[], what: string): string {
  const [first] = positionals;
  if (positionals.length !== 1 || first === undefined || first === '') throw usageError(`${command} takes ${what}`);
  return first;
}

export function readUndoArguments(args: readonly string[], environment: NodeJS.ProcessEnv): UndoArguments {
  const { values, positionals } = parse({
    args: [...args],
    options: {
      ...redisOptions,
      ...namesOnly,
      ...paceOptions,
      'over-newer': { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      unlock: { type: 'string' },
    },
    strict: true,
    allowPositionals: true,
  });
  return {
    what: onePositional('undo', positionals, 'one undo file, or the number of a run'),
    ...readRedisArguments(values, environment),
    filter: readNameFilter(values),
    overNewer: values['over-newer'],
    dryRun: values['dry-run'],
    unlock: values.unlock,
    pace: readPace(values),
  };
}

const runIds = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The run to undo; `adopted`: it stands for a file and goes again afterwards. */
async function runToUndo(side: RedisSide, what: string): Promise<{ runId: string; adopted: boolean; cut: boolean }> {
  const { bulk, invalidate } = side.host.services;
  const path = resolve(what);
  const known = (await bulk.runs()).find(({ runId }) => runId === what || journalPath(side, runId) === path);
  if (known !== undefined && known.workspaceId === side.workspace.id) return { runId: known.runId, adopted: false, cut: known.cut };
  const file = known === undefined ? path : journalPath(side, known.runId);
  if (known === undefined && runIds.test(what) && !(await isThere(path))) throw new LookasideError('NOT_FOUND', 'There is no such run in this data folder', { hint: 'lookaside runs lists them.' });
  const run = await invalidate.openUndoFile({ path: file, workspaceId: side.workspace.id });
  return { runId: run.runId, adopted: true, cut: run.cut };
}

function tellPreview(preview: UndoPreview, json: boolean, terminal: Terminal): number {
  const { newerNames, altered, refusal, state: _state, walked: _walked, ...counts } = preview;
  if (json) {
    terminal.print(
      JSON.stringify({
        dryRun: true,
        ...counts,
        newerNames: newerNames.map(({ db, name }) => ({ db, name: nameText(name) })),
        altered: altered.map(({ at, name }) => ({ at, name: name === null ? null : nameText(name) })),
        refusal,
      }),
    );
  } else {
    terminal.print(`${ofKeys(preview.restorable)} of ${counted(preview.total)} would come back; ${counted(preview.newer)} exist with another value, ${counted(preview.expired)} have expired, ${counted(preview.alreadySo)} are there as they were`);
    for (const { name } of newerNames.slice(0, 20)) terminal.print(`  newer: ${shownName(name)}`);
    for (const { at, name } of altered.slice(0, 20)) terminal.print(`  altered at byte ${at}: ${name === null ? 'unreadable' : shownName(name)}`);
    if (preview.cut) terminal.print('  the end of the file is missing');
    if (preview.server === 'other') terminal.print(`  it ran on another server: ${preview.ranOn}`);
    if (refusal !== null) terminal.print(`  refused: ${refusal.message}`);
  }
  return refusal === null ? exitCodes.done : exitCodes.refused;
}

function tellUndo(run: RunSnapshot, cut: boolean, json: boolean, terminal: Terminal): number {
  const left = (...reasons: string[]): number => sum(run.left.filter(({ reason }) => reasons.includes(reason)));
  const skippedNewer = left('newer', 'changed-since', 'kept-changing');
  const [expired, alreadySo, failed] = [left('expired', 'past', 'gone'), left('already-so'), sum(run.failed)];
  const durationMs = (run.endedAt ?? Date.now()) - run.startedAt;
  if (json) {
    const error = run.problem === null ? {} : { error: run.problem };
    terminal.print(JSON.stringify({ restored: run.changed, skippedNewer, expired, failed, alreadySo, filtered: left('filtered'), durationMs, state: run.state, cut, ...byReason(run), ...error }));
  } else {
    terminal.print(`${ofKeys(run.changed)} restored; ${counted(skippedNewer)} left because they exist with another value, ${counted(expired)} expired, ${counted(alreadySo)} there as they were, ${counted(failed)} failed, in ${lasting(durationMs)}`);
    for (const { code, message, count } of run.failed) terminal.print(`  failed: ${counted(count)} [${code}] ${message}`);
  }
  if (cut) terminal.say('lookaside: the undo file is not whole; what is whole in it was given back.');
  if (run.problem !== null) terminal.say(`lookaside: ${run.problem.message} [${run.problem.code}]`);
  return codeOfRun(run);
}

/** `lookaside undo`. Resolves to the exit code. */
export function undo(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = readUndoArguments(args, process.env);
  return onRedis(given, terminal, async (side) => {
    const { bulk, invalidate } = side.host.services;
    if (!given.dryRun) await mayWrite(side, given.unlock);
    const { runId, adopted, cut } = await runToUndo(side, given.what);
    const part = { runId, ...(given.filter === null ? {} : { filter: given.filter }), overNewer: given.overNewer };
    try {
      if (given.dryRun) {
        let preview: UndoPreview | null = null;
        for await (const each of invalidate.undoPreview(part, side.signal)) {
          preview = each;
          terminal.progress?.(`${counted(each.walked)} of ${ofKeys(each.total)} looked at`);
        }
        terminal.progress?.(null);
        if (preview === null || preview.state !== 'ready') throw new LookasideError('CANCELLED', 'Stopped before all keys were looked at');
        return tellPreview(preview, given.json, terminal);
      }
      return tellUndo(await followRun(side, await invalidate.undo({ ...part, pace: given.pace })), cut, given.json, terminal);
    } finally {
      // the file itself stays where it is
      if (adopted) await bulk.forgetRun(runId);
    }
  }, 'stopping at the end of this batch; again to end at once ...');
}

/** `lookaside resume`. Resolves to the exit code. */
export function resume(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parse({ args: [...args], options: { ...redisOptions, rate: paceOptions.rate, unlock: { type: 'string' } }, strict: true, allowPositionals: true });
  const given = { ...readRedisArguments(values, process.env), what: onePositional('resume', positionals, 'the number of a run (lookaside runs lists them)'), unlock: values.unlock };
  const { keysPerSecond } = readPace({ rate: values.rate });
  return onRedis(given, terminal, async (side) => {
    const { bulk } = side.host.services;
    await mayWrite(side, given.unlock);
    const known = (await bulk.runs()).find(({ runId }) => runId === given.what);
    if (known === undefined) throw new LookasideError('NOT_FOUND', 'There is no such run in this data folder', { hint: 'lookaside runs lists them.' });
    if (known.workspaceId !== side.workspace.id) throw new LookasideError('CONFLICT', `This run belongs to ${known.workspaceName}`, { hint: 'Give the address or the workspace that it began with.' });
    const run = await followRun(side, await bulk.resumeRun({ runId: known.runId, keysPerSecond }));
    return tellRun(run, { matched: known.total, action: known.kind, undoFile: known.keepsUndo ? journalPath(side, known.runId) : null, json: given.json }, terminal);
  }, 'stopping at the end of this batch; again to end at once ...');
}
