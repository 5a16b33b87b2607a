import type { ParseArgsConfig } from 'node:util';
import { parseCount } from '../../shared/amounts.ts';
import type { RunPace } from '../../shared/contract/bulk.ts';
import { parseDuration } from '../../shared/redis/ttl-input.ts';
import { usageError } from '../launch/launch-arguments.ts';

export const paceOptions = {
  rate: { type: 'string' },
  share: { type: 'string' },
  pause: { type: 'string' },
  'max-latency': { type: 'string' },
  'min-hit-rate': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

export const paceHelp = `  --rate N/s              keys a second at most; a rising latency of the server always slows it down
  --share PERCENT         share of the server's time at most: 20%
  --pause TIME            rest after each batch: 10ms
  --max-latency TIME      hold back while a PING takes longer: 5ms
  --min-hit-rate PERCENT  hold back while the hit rate of the others is lower: 80%`;

/** A share from 0 to 1 of `20%`, `20` or `0.2`. */
export function readShare(option: string, text: string): number {
  const [, digits, sign] = /^(\d+(?:\.\d+)?)\s*(%?)$/u.exec(text.trim()) ?? [];
  const value = Number(digits);
  const share = sign === '%' || value > 1 ? value / 100 : value;
  if (digits === undefined || !(share >= 0 && share <= 1)) throw usageError(`${option} takes a share such as 20%`);
  return share;
}

/** @throws INVALID_INPUT */
export function readTime(option: string, text: string, least: number, most: number): number {
  const ms = parseDuration(text);
  if (ms === null || ms < least || ms > most) throw usageError(`${option} takes a length of time such as 10ms, 30s or 2h`);
  return ms;
}

export function readPace(values: { [Option in keyof typeof paceOptions]?: string | undefined }): RunPace {
  const rate = values.rate === undefined ? null : parseCount(values.rate.replace(/\s*\/\s*s(?:ec(?:ond)?)?$/u, ''));
  if (values.rate !== undefined && (rate === null || rate < 1 || rate > 10_000_000)) throw usageError('--rate takes keys a second such as 500/s');
  const share = values.share === undefined ? null : readShare('--share', values.share);
  if (share !== null && share < 0.01) throw usageError('--share takes at least 1%');
  return {
    keysPerSecond: rate,
    serverShare: share,
    pauseMs: values.pause === undefined ? null : readTime('--pause', values.pause, 0, 60_000),
    latencyFloorMs: values['max-latency'] === undefined ? null : readTime('--max-latency', values['max-latency'], 1, 60_000),
    hitRateFloor: values['min-hit-rate'] === undefined ? null : readShare('--min-hit-rate', values['min-hit-rate']),
  };
}
