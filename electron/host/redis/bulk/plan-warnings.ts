import type { InvalidatePlan, PlanWarning } from '../../../../shared/contract/invalidate.ts';
import { redisCliArgument } from '../../../../shared/redis/cli-quote.ts';
import type { RedisSession } from '../session.ts';
import { infoSums } from './hit-rate.ts';
import type { InvalidateTally } from './invalidate-tally.ts';
import { mayRunScripts } from './key-target.ts';
import type { Selected } from './selection.ts';

/** Bytes after which a prefix is taken as a whole namespace. */
const delimiters = new Set(Buffer.from(':/.|#-_'));

/** Counters of all servers, to say what others did while the keys were counted. */
export interface ServerCounters {
  at: number;
  evicted: number;
  usedMemory: number;
  maxMemory: number;
  /** Changes since the last save: it begins anew with each save. */
  changes: number;
}

export async function readCounters(session: RedisSession): Promise<ServerCounters> {
  const [[evicted = 0], [usedMemory = 0, maxMemory = 0], [changes = 0]] = await Promise.all([
    infoSums(session, 'stats', ['evicted_keys']),
    infoSums(session, 'memory', ['used_memory', 'maxmemory']),
    infoSums(session, 'persistence', ['rdb_changes_since_last_save']),
  ]);
  return { at: Date.now(), evicted, usedMemory, maxMemory, changes };
}

export interface WarningFacts {
  session: RedisSession;
  selected: Selected;
  tally: InvalidateTally;
  before: ServerCounters;
  after: ServerCounters;
  /** Keys of the databases, as the walk was told. */
  total: number | null;
  exact: boolean;
  /** Bytes of the journals' quota that are left; `null` where no journal is large. */
  quotaLeft: number | null;
}

const n = (value: number): string => value.toLocaleString('en-US');

/** What a person must know before saying yes, each with its numbers. */
export function planWarningsOf(facts: WarningFacts): InvalidatePlan['warnings'] {
  const { session, selected, tally, before, after, total, exact, quotaLeft } = facts;
  const warnings: InvalidatePlan['warnings'] = [];
  const warn = (kind: PlanWarning, fact: string, count: number | null = null): void => void warnings.push({ kind, fact, count });
  const count = tally.selected;
  if (selected.list === null && count > 0 && (selected.everything || (total !== null && selected.node === null && count >= total))) {
    warn('whole-database', `All ${n(count)} keys of ${selected.dbs.length === 1 ? `database ${selected.dbs[0]}` : `${selected.dbs.length} databases`} are selected`, count);
  } else if (selected.prefix !== null && delimiters.has(selected.prefix.at(-1) ?? 0) && count > 0) {
    warn('whole-namespace', `All ${n(count)} keys of the namespace ${redisCliArgument(selected.prefix)} are selected`, count);
  }
  const replicas = session.facts().nodes.filter(({ role, up }) => role === 'replica' && up);
  const masters = session.facts().nodes.filter(({ role }) => role === 'master');
  if (masters.length === 0 && replicas[0] !== undefined) warn('replica', `${replicas[0].id} is a replica: it takes no writes`);
  const evicted = after.evicted - before.evicted;
  const full = after.maxMemory > 0 && after.usedMemory >= after.maxMemory * 0.98;
  if (evicted > 0 || full) {
    const memory = after.maxMemory > 0 ? `; memory is at ${Math.round((after.usedMemory / after.maxMemory) * 100)} % of maxmemory` : '';
    warn('evicting', `${n(Math.max(0, evicted))} keys were evicted while these were counted${memory}`, Math.max(0, evicted));
  }
  if (tally.withoutExpiry > 0) warn('no-expiry', `${n(tally.withoutExpiry)} of the keys ${tally.withoutExpiry === 1 ? 'has' : 'have'} no expiry`, tally.withoutExpiry);
  const changes = after.changes - before.changes;
  if (changes > 0) {
    const seconds = Math.max(0.001, (after.at - before.at) / 1000);
    warn('other-writers', `Others made ${n(changes)} changes in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`, changes);
  }
  const { alive, undoBytes } = tally.read();
  if (alive !== null && alive.count > 0) {
    warn('alive', `${n(alive.count)} of the keys ${alive.by === 'idle' ? `were used in the last ${n(alive.below)} s` : `have a frequency of ${n(alive.below)} or more`}`, alive.count);
  }
  if (tally.big > 0) warn('big-values', `${n(tally.big)} values are larger than 1 MiB`, tally.big);
  if (quotaLeft !== null && undoBytes !== null && undoBytes > quotaLeft) {
    warn('undo-quota', `The undo takes about ${n(Math.ceil(undoBytes / 1024 ** 2))} MiB; the quota has ${n(Math.floor(Math.max(0, quotaLeft) / 1024 ** 2))} MiB`, undoBytes);
  }
  if (!mayRunScripts(session)) warn('no-scripts', `The user ${session.facts().user} may not run scripts: keys are compared and deleted under WATCH`);
  if (!exact) warn('slots-moving', 'Slots of the cluster were moving until the end');
  return warnings;
}
