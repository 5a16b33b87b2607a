import type { BlastCheck, BlastMethod, BlastRate, BlastSnapshot } from '../../../shared/contract/blast-radius.ts';
import { formatBytes, formatCompact, formatDuration, formatExact, formatRate, formatShare, plural } from '../../lib/format.ts';

export const methodNames: Record<BlastMethod, string> = { monitor: 'MONITOR', frequency: 'Frequency sample', 'idle-time': 'Idle-time sample' };

/** What a method does and what it costs, before it is begun. */
export function costWords(method: BlastMethod, check: BlastCheck, windowMs: number): string {
  const servers = check.masters === 1 ? 'The server prints' : `${formatExact(check.masters)} masters print`;
  const speed = check.commandsPerSecond === null ? 'every command' : `every command (${formatRate(check.commandsPerSecond, 'commands')} now)`;
  switch (method) {
    case 'monitor':
      return `${servers} ${speed} to Lookaside for ${formatDuration(windowMs)}. On a busy server that takes a large part of its throughput. It ends by itself when latency or throughput suffer. Each read is seen.`;
    case 'frequency':
      return `Reads OBJECT FREQ of at most 2,000 of the keys, twice, ${formatDuration(windowMs)} apart. Costs a few milliseconds of server time. Estimates accesses; writes count as well.`;
    case 'idle-time':
      return 'Reads OBJECT IDLETIME of at most 2,000 of the keys. Costs a few milliseconds of server time. Tells how many accesses there are at least; writes count as well, and how often a key is read is not seen.';
  }
}

/** `1,234 reads/s`, small rates with their tenths. */
export function rateWords(perSecond: number, unit: string): string {
  return formatRate(perSecond, unit);
}

function short(value: number): string {
  return formatCompact(value < 10 ? Number(value.toFixed(1)) : Math.round(value));
}

/** The interval in words; empty for an exact figure. */
export function intervalWords({ perSecond, low, high, exactness }: BlastRate): string {
  if (exactness === 'exact') return 'exact';
  if (high === null) return `${short(low) === short(perSecond) ? '' : `at least ${short(low)}, `}no upper bound is known`;
  return `${short(low)} to ${short(high)} at 95\u00a0%`;
}

/** How it was measured: `by MONITOR in 2 s`. */
export function methodWords({ method, elapsedMs, windowMs, sample }: BlastSnapshot): string {
  switch (method) {
    case 'monitor':
      return `by MONITOR in ${formatDuration(Math.min(windowMs, Math.max(elapsedMs, 1)))}`;
    case 'frequency':
      return `from frequencies of ${plural(sample?.asked ?? 0, 'key')} over ${formatDuration(windowMs)}`;
    case 'idle-time':
      return `from idle times of ${plural(sample?.asked ?? 0, 'key')}`;
  }
}

const stateNames: Record<BlastSnapshot['state'], string> = {
  preparing: 'Looking at the servers and at the keys',
  measuring: 'Measuring',
  checking: 'Looking which of the keys exist',
  done: 'Done',
};

/** What a measurement does just now. */
export function progressWords({ state, seen, elapsedMs, windowMs }: BlastSnapshot): string {
  const parts = [stateNames[state]];
  if (state === 'measuring') parts.push(`${formatDuration(Math.min(elapsedMs, windowMs))} of ${formatDuration(windowMs)}`);
  if (seen !== null) parts.push(`${plural(seen.matched, 'read')} of these keys among ${plural(seen.commands, 'command')}`);
  return parts.join(' · ');
}

/** Why the window ended before its time. */
export function stopWords(stopped: NonNullable<BlastSnapshot['stopped']>): string {
  const why = {
    latency: 'The server became slow',
    throughput: 'The server carried out fewer commands',
    lag: 'The answers came too late',
    bytes: 'Too much was printed',
    connection: 'A connection broke',
  }[stopped.reason];
  return `${why}: ${stopped.message}. The figures are of the time until then.`;
}

function change(before: number | null, during: number | null, shown: (value: number) => string): string | null {
  if (before === null || during === null) return null;
  return `${shown(before)} before, ${shown(during)} during`;
}

/** What it has cost, from the servers' own statistics: names and values. */
export function spentWords({ cost }: BlastSnapshot): (readonly [name: string, value: string])[] {
  const rows: (readonly [string, string | null])[] = [
    ['Own commands', `${formatExact(cost.commands)}${cost.serverMs === null ? '' : `, ${formatDuration(cost.serverMs)} of server time`}`],
    ['Received', cost.bytesIn === 0 ? null : formatBytes(cost.bytesIn)],
    ['Processor', change(cost.cpuBefore, cost.cpuDuring, formatShare)],
    ['Commands', change(cost.commandsPerSecondBefore, cost.commandsPerSecondDuring, (value) => formatRate(value))],
    ['PING', change(cost.latencyBeforeMs, cost.latencyDuringMs, formatDuration)],
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

/** The load of misses that each call one statement: `123 ms of execution a second, about 0.12 backends busy`. */
export function loadWords(msPerSecond: BlastRate): string {
  const busy = msPerSecond.perSecond / 1000;
  const backends = busy < 10 ? Number(busy.toPrecision(2)) : Math.round(busy);
  return `${formatDuration(msPerSecond.perSecond)} of execution a second, about ${formatCompact(backends)} ${backends === 1 ? 'backend' : 'backends'} busy all the time`;
}
