import type { RunPace } from '../../../../shared/contract/bulk.ts';
import { formatExact } from '../../../lib/format.ts';

export const noPace: RunPace = { keysPerSecond: null, serverShare: null, pauseMs: null, latencyFloorMs: null, hitRateFloor: null };

export function isPace(value: unknown): value is RunPace {
  return typeof value === 'object' && value !== null && Object.keys(noPace).every((name) => name in value && (Reflect.get(value, name) === null || typeof Reflect.get(value, name) === 'number'));
}

/** The limits in a line: `5,000 keys/s, 20 % of the server`. */
export function paceWords(pace: RunPace): string {
  const parts = [
    pace.keysPerSecond === null ? '' : `${formatExact(pace.keysPerSecond)} keys/s`,
    pace.serverShare === null ? '' : `${formatExact(Math.round(pace.serverShare * 100))} % of the server`,
    pace.pauseMs === null ? '' : `${formatExact(pace.pauseMs)} ms rest a page`,
    pace.latencyFloorMs === null ? '' : `holds back above ${formatExact(pace.latencyFloorMs)} ms`,
    pace.hitRateFloor === null ? '' : `holds back below ${formatExact(Math.round(pace.hitRateFloor * 1000) / 10)} % hits`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'as fast as the server allows' : parts.join(', ');
}

/** The stricter of two limits, each by itself. */
export function slower(a: RunPace, b: RunPace): RunPace {
  const least = (x: number | null, y: number | null) => (x === null ? y : y === null ? x : Math.min(x, y));
  const most = (x: number | null, y: number | null) => (x === null ? y : y === null ? x : Math.max(x, y));
  return {
    keysPerSecond: least(a.keysPerSecond, b.keysPerSecond),
    serverShare: least(a.serverShare, b.serverShare),
    pauseMs: most(a.pauseMs, b.pauseMs),
    latencyFloorMs: least(a.latencyFloorMs, b.latencyFloorMs),
    hitRateFloor: most(a.hitRateFloor, b.hitRateFloor),
  };
}
