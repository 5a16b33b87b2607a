import { resolve } from 'node:path';
import type { RunPace } from '../../shared/contract/bulk.ts';
import { toWire } from '../../shared/bytes.ts';
import type { InvalidateAction, StagedRun } from '../../shared/contract/invalidate.ts';
import { nameBytes } from '../../shared/redis/cli-quote.ts';
import { parse, usageError, wholeNumber } from '../launch/launch-arguments.ts';
import { paceHelp, paceOptions, readPace, readShare, readTime } from './pace-arguments.ts';
import { readRedisArguments, redisHelp, redisOptions, type RedisArguments } from './redis-arguments.ts';
import { readSelection, selectionHelp, selectionOptions, type SelectionArguments } from './selection-arguments.ts';

const most = 100 * 366 * 86_400_000;

/** How a run is carried out, and what has to be true before. */
export interface RunArguments {
  dryRun: boolean;
  yes: boolean;
  expect: number | undefined;
  atMost: number | undefined;
  flush: boolean;
  /** Name of the workspace, typed to confirm. */
  confirm: string | undefined;
  /** Reason for which a read-only workspace is unlocked. */
  unlock: string | undefined;
  undo: boolean;
  undoFile: string | undefined;
  pace: RunPace;
  staged: StagedRun | null;
}

export interface InvalidateArguments extends RedisArguments {
  selection: SelectionArguments;
  action: InvalidateAction;
  run: RunArguments;
}

export const runOptions = {
  ...paceOptions,
  'dry-run': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  expect: { type: 'string' },
  'at-most': { type: 'string' },
  flush: { type: 'boolean', default: false },
  confirm: { type: 'string' },
  unlock: { type: 'string' },
  'no-undo': { type: 'boolean', default: false },
  'undo-file': { type: 'string' },
  canary: { type: 'string' },
  wait: { type: 'string' },
  'max-drop': { type: 'string' },
} as const;

export const runHelp = `  --dry-run               only count, and show what would go; this is also what happens without --yes
  --yes                   carry it out
  --expect N              only if exactly N keys are matched, as a dry run said
  --at-most N             only if no more than N keys are matched
  --confirm NAME          the workspace's name: needed for production, together with --expect
  --flush                 needed where every key is matched
  --unlock REASON         unlock a read-only workspace for this; the reason goes to the audit journal
  --undo-file FILE        keep what the undo needs in a new file of this name (default: in the data folder)
  --no-undo               keep nothing: it cannot be taken back
  --canary N              N keys first, then wait and look at the hit rate, then go on or stop by itself
    --wait TIME           for so long (default 30s)
    --max-drop PERCENT    stop when the hit rate falls by more points (default 5%)
${paceHelp}`;

export const invalidateHelp = `lookaside invalidate: delete exactly the stale keys of a Redis, gently, with a preview before and an undo after.

Usage
  lookaside invalidate --url redis://... --match 'user:42:*' --dry-run
  lookaside invalidate --url redis://... --match 'user:42:*' --yes --expect 318

Which keys
${selectionHelp}

What is done to them
  --action ACTION         unlink (default); soft: shorten to --ttl plus up to --jitter; persist: remove the expiry; graveyard: rename under
                          --graveyard PREFIX with --ttl left
  --ttl TIME              time left for soft and graveyard: 60s, 1h
  --jitter TIME           spreads a soft invalidation over this time

How
${runHelp}

Where
${redisHelp}

With --json a dry run gives {matched, bytes, byType, sample, exact, ...}, a run {matched, deleted, skipped, failed, durationMs, undoFile, runId,
state, ...}, a failure {error: {code, message, hint}}. "sample" holds names as text (bytes that are no UTF-8 as redis-cli quotes them), "sampleBase64" their
exact bytes. Ctrl-C stops at the end of a batch, a second one at once; "lookaside resume" goes on, "lookaside undo" takes it back.
`;

type RunValues = { [Option in keyof typeof runOptions]?: string | boolean | undefined };

const textIn = (values: RunValues, option: keyof typeof runOptions): string | undefined => {
  const value = values[option];
  return typeof value === 'string' ? value : undefined;
};

export function readRunArguments(values: RunValues): RunArguments {
  const text = (option: keyof typeof runOptions) => textIn(values, option);
  const flag = (option: keyof typeof runOptions) => values[option] === true;
  const canary = wholeNumber('--canary', text('canary'), 1, 1_000_000);
  for (const option of ['wait', 'max-drop'] as const) if (values[option] !== undefined && canary === undefined) throw usageError(`--${option} belongs to --canary`);
  for (const option of ['unlock', 'undo-file', 'confirm'] as const) if (text(option)?.trim() === '') throw usageError(`--${option} is empty`);
  if (flag('dry-run') && flag('yes')) throw usageError('--dry-run and --yes cannot be given together');
  if (flag('no-undo') && values['undo-file'] !== undefined) throw usageError('--no-undo and --undo-file cannot be given together');
  const undoFile = text('undo-file');
  return {
    dryRun: flag('dry-run'),
    yes: flag('yes'),
    expect: wholeNumber('--expect', text('expect'), 0, 999_999_999_999),
    atMost: wholeNumber('--at-most', text('at-most'), 0, 999_999_999_999),
    flush: flag('flush'),
    confirm: text('confirm'),
    unlock: text('unlock'),
    undo: !flag('no-undo'),
    undoFile: undoFile === undefined ? undefined : resolve(undoFile),
    pace: readPace({ rate: text('rate'), share: text('share'), pause: text('pause'), 'max-latency': text('max-latency'), 'min-hit-rate': text('min-hit-rate') }),
    staged:
      canary === undefined
        ? null
        : { canary, waitMs: readTime('--wait', text('wait') ?? '30s', 0, 86_400_000), hitRateDropMax: readShare('--max-drop', text('max-drop') ?? '5%'), auto: true },
  };
}

interface ActionValues {
  action?: string | undefined;
  ttl?: string | undefined;
  jitter?: string | undefined;
  graveyard?: string | undefined;
}

function readAction(values: ActionValues): InvalidateAction {
  const kind = values.action ?? (values.graveyard === undefined ? 'unlink' : 'graveyard');
  const ttlMs = values.ttl === undefined ? undefined : readTime('--ttl', values.ttl, 1000, most);
  const jitterMs = values.jitter === undefined ? undefined : readTime('--jitter', values.jitter, 0, most);
  if (jitterMs !== undefined && kind !== 'soft') throw usageError('--jitter belongs to --action soft');
  if (values.graveyard !== undefined && kind !== 'graveyard') throw usageError('--graveyard belongs to --action graveyard');
  if (kind === 'unlink' || kind === 'persist') {
    if (ttlMs !== undefined) throw usageError('--ttl belongs to --action soft or graveyard; --ttl-left chooses keys by the time they have left');
    return { kind };
  }
  if (kind !== 'soft' && kind !== 'graveyard') throw usageError('--action takes unlink, soft, persist or graveyard');
  if (ttlMs === undefined) throw usageError(`--action ${kind} needs --ttl`);
  if (kind === 'soft') return { kind, ttlMs, jitterMs: jitterMs ?? 0 };
  if (!values.graveyard) throw usageError('--action graveyard needs --graveyard PREFIX');
  return { kind, prefix: toWire(nameBytes(values.graveyard)), ttlMs };
}

export function readInvalidateArguments(args: readonly string[], environment: NodeJS.ProcessEnv): InvalidateArguments {
  const { values } = parse({
    args: [...args],
    options: {
      ...redisOptions,
      ...selectionOptions,
      ...runOptions,
      action: { type: 'string' },
      ttl: { type: 'string' },
      jitter: { type: 'string' },
      graveyard: { type: 'string' },
    },
    strict: true,
    allowPositionals: false,
  });
  return { ...readRedisArguments(values, environment), selection: readSelection(values), action: readAction(values), run: readRunArguments(values) };
}
