import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { KnownFacts } from '../../../../shared/redis/key-predicate.ts';
import { lengthCommand } from '../values/key-read.ts';
import { listOf, numberOf, numberOrNull, replyOrNull, saysError, textOf, type Outcome } from '../values/replies.ts';
import type { Command, RedisSession } from '../session.ts';
import type { ItemState, PageState } from './expiry-target.ts';
import { readByScript, type DumpLimits } from './read-keys-script.ts';
import { isPassing } from './server-wait.ts';

export interface KeyReading {
  session: RedisSession;
  db: number;
  /** Beside type and expiry. */
  fields: readonly KeyFactField[];
  /** The server knows PEXPIRETIME (Redis 7.0); without it the expiry is `now` + PTTL, to the ms or two. */
  exactExpiry: boolean;
  /** Values are read too, as far as they fit. */
  dump?: DumpLimits | null;
}

/** The clock of a node, Unix ms; this machine's where TIME may not be asked. */
export async function serverClock(session: RedisSession, node: string | null, signal: AbortSignal): Promise<number> {
  // one that has left is asked no more: any other's clock is better than none
  const asked = node !== null && session.facts().nodes.some(({ id, role }) => id === node && role === 'master') ? { node } : {};
  const [reply] = await session.batch(0, [['TIME']], { ...asked, signal });
  if (reply instanceof LookasideError) {
    if (reply.code === 'REDIS_NO_PERMISSION' || reply.code === 'REDIS_COMMAND_FAILED') return Date.now();
    throw reply;
  }
  const [seconds, micros] = listOf(reply).map(numberOf);
  return (seconds ?? 0) * 1000 + Math.floor((micros ?? 0) / 1000);
}

/** Commands of the first round trip for one key; their number is the same for all. */
function questions(name: Buffer, reading: KeyReading, lfu: boolean): Command[] {
  const asks: Command[] = [[reading.exactExpiry ? 'PEXPIRETIME' : 'PTTL', name], ['TYPE', name]];
  if (reading.fields.includes('bytes')) asks.push(['MEMORY', 'USAGE', name]);
  if (reading.fields.includes('recency')) asks.push(['OBJECT', lfu ? 'FREQ' : 'IDLETIME', name]);
  if (reading.fields.includes('encoding')) asks.push(['OBJECT', 'ENCODING', name]);
  return asks;
}

/** Whether a key could not be read because the server (before Redis 7.0) cannot tell an expiry as a time. */
export function lacksExpiryTimes({ problem }: ItemState): boolean {
  return problem !== null && lacksCommand(problem);
}

/** A failure of the connection or the gate concerns all; one of a key (no permission, an odd type) only that key. */
function throwIfGeneral(outcome: Outcome | undefined): void {
  if (outcome instanceof LookasideError && (outcome.code === 'CANCELLED' || isPassing(outcome))) throw outcome;
}

/** Expiry, type and the asked facts of keys: one script where that is enough, else pipelined in one round trip, two where the number of elements is asked. */
export async function readKeys(reading: KeyReading, names: readonly Buffer[], node: string | null, signal: AbortSignal): Promise<PageState> {
  const { session, db, fields } = reading;
  const lfu = session.facts().maxmemoryPolicy?.includes('lfu') ?? false;
  const dump = reading.dump ?? null;
  const quick = reading.exactExpiry ? await readByScript(session, db, { fields, lfu, dump }, names, signal) : null;
  if (quick !== null) return quick;
  if (dump !== null) return readValues({ ...reading, fields: fields.includes('bytes') ? fields : [...fields, 'bytes'], dump }, names, node, signal);
  const commands = names.flatMap((name) => questions(name, reading, lfu));
  const per = names.length === 0 ? 0 : commands.length / names.length;
  const [now, outcomes] = await Promise.all([serverClock(session, node, signal), session.batch(db, commands, { signal })]);
  outcomes.forEach(throwIfGeneral);
  const types = names.map((_, at) => {
    const reply = replyOrNull(outcomes[at * per + 1]);
    return reply === null ? null : textOf(reply);
  });
  const lengths = fields.includes('elements') ? await readLengths(reading, names, types, signal) : null;
  const items = names.map((_, at): ItemState => {
    const own = outcomes.slice(at * per, (at + 1) * per);
    const type = types[at] ?? null;
    const asked = own[0];
    if (asked instanceof LookasideError) return { present: true, expiry: -1, type, facts: null, problem: asked };
    const value = numberOf(asked);
    const expiry = value < 0 || reading.exactExpiry ? value : now + value;
    if (expiry === -2) return { present: false, expiry: -1, type: 'none', facts: null, problem: null };
    return { present: true, expiry, type, facts: factsOf(own, fields, lfu, type, expiry, now, lengths?.[at] ?? null), problem: null };
  });
  return { now, items };
}

/** Facts first, so that nothing of unknown size is asked for; then the values that fit. */
async function readValues({ dump, ...reading }: KeyReading & { dump: DumpLimits }, names: readonly Buffer[], node: string | null, signal: AbortSignal): Promise<PageState> {
  const page = await readKeys({ ...reading, dump: null }, names, node, signal);
  let left = dump.all;
  const fitting = page.items.flatMap((item, at) => {
    const size = item.facts?.bytes ?? null;
    if (!item.present || size === null || size > dump.one || (at > 0 && size > left)) return [];
    left -= size;
    return [at];
  });
  const outcomes = await reading.session.batch(
    reading.db,
    fitting.map((at): Command => ['DUMP', names[at] as Buffer]),
    { signal },
  );
  outcomes.forEach(throwIfGeneral);
  const values = new Map(fitting.map((at, index) => [at, outcomes[index] as Outcome]));
  const items = page.items.map((item, at): ItemState => {
    const value = values.get(at);
    if (value instanceof LookasideError) return { ...item, problem: value, dump: null };
    // it went between the two reads
    if (value === null) return { ...item, present: false, facts: null, dump: null };
    return { ...item, dump: Buffer.isBuffer(value) ? value : null };
  });
  return { now: page.now, items };
}

function factsOf(
  own: readonly Outcome[],
  fields: readonly KeyFactField[],
  lfu: boolean,
  type: string | null,
  expiry: number,
  now: number,
  elements: number | null,
): KnownFacts {
  let at = 2;
  const next = (field: KeyFactField): Outcome | null => {
    if (!fields.includes(field)) return null;
    at += 1;
    return own[at - 1] ?? null;
  };
  const bytes = numberOrNull(replyOrNull(next('bytes') ?? undefined));
  const recency = numberOrNull(replyOrNull(next('recency') ?? undefined));
  const encoding = replyOrNull(next('encoding') ?? undefined);
  return {
    type,
    ttlMs: expiry === -1 ? 'none' : Math.max(0, expiry - now),
    bytes,
    elements,
    idleSeconds: lfu ? null : recency,
    frequency: lfu ? recency : null,
    encoding: encoding === null ? null : textOf(encoding),
  };
}

async function readLengths(reading: KeyReading, names: readonly Buffer[], types: readonly (string | null)[], signal: AbortSignal): Promise<(number | null)[]> {
  const asked = names.flatMap((name, at) => {
    const command = lengthCommand(types[at] ?? '', name);
    return command === null ? [] : [{ at, command }];
  });
  const outcomes = await reading.session.batch(
    reading.db,
    asked.map(({ command }) => command),
    { signal },
  );
  outcomes.forEach(throwIfGeneral);
  const lengths: (number | null)[] = names.map(() => null);
  asked.forEach(({ at }, index) => {
    lengths[at] = numberOrNull(replyOrNull(outcomes[index]));
  });
  return lengths;
}

/** One command whose refusal is the answer, whether the gate or the server refuses. */
export async function askOutcome(session: RedisSession, db: number, command: Command): Promise<Outcome> {
  try {
    const [outcome] = await session.batch(db, [command]);
    return outcome as Outcome;
  } catch (error) {
    if (error instanceof LookasideError && error.code === 'READ_ONLY') return error;
    throw error;
  }
}

/** Whether the server itself lacks a command (also where the read-only gate does not find it in the server's list). */
export function lacksCommand(outcome: Outcome | undefined): boolean {
  if (!(outcome instanceof LookasideError)) return false;
  return outcome.code === 'READ_ONLY' || outcome.code === 'UNSUPPORTED' || saysError(outcome, 'unknown command');
}
