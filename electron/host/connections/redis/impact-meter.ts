import type { ServerImpact } from '../../../../shared/contract/connections.ts';

/** Calls and microseconds by command name, as `INFO commandstats` counts them since the server started. */
export type CommandStats = ReadonlyMap<string, { calls: number; usec: number }>;

/** Window of `recentShare`, ms. */
const windowMs = 10_000;

/** Reads `INFO commandstats`: `cmdstat_get:calls=1,usec=2,...`; subcommands are `cmdstat_config|get`. */
export function parseCommandStats(info: string): Map<string, { calls: number; usec: number }> {
  const stats = new Map<string, { calls: number; usec: number }>();
  for (const [, name, calls, usec] of info.matchAll(/^cmdstat_([^:\r\n]+):calls=(\d+),usec=(\d+)/gm)) {
    if (name !== undefined) stats.set(name.toLowerCase(), { calls: Number(calls), usec: Number(usec) });
  }
  return stats;
}

/** Sums of several masters. */
export function addStats(all: readonly CommandStats[]): CommandStats {
  const sum = new Map<string, { calls: number; usec: number }>();
  for (const stats of all) {
    for (const [name, { calls, usec }] of stats) {
      const before = sum.get(name);
      sum.set(name, { calls: (before?.calls ?? 0) + calls, usec: (before?.usec ?? 0) + usec });
    }
  }
  return sum;
}

export interface ImpactMeter {
  /** Counts calls; the name is lower-case, with `|` before a subcommand. */
  count(command: string, calls: number): void;
  countBytes(bytesIn: number, bytesOut: number): void;
  /** Prices the calls counted since the last time; `null` when the user may not read commandstats. */
  price(stats: CommandStats | null): void;
  /** Calls since the last price, so an idle connection asks nothing. */
  readonly unpriced: number;
  read(): ServerImpact;
}

/**
 * Estimates the server time that this app uses: calls made here times the server's own mean per call of that command,
 * taken over the time between two readings (over the server's life where nothing ran in between).
 */
export function createImpactMeter(now: () => number = Date.now): ImpactMeter {
  const pending = new Map<string, number>();
  const recent: { at: number; usec: number }[] = [];
  let last: CommandStats = new Map();
  let commands = 0;
  let unpriced = 0;
  let usec: number | null = null;
  let bytesIn = 0;
  let bytesOut = 0;

  function meanOf(name: string, stats: CommandStats): number {
    const present = stats.get(name) ?? stats.get(name.split('|')[0] ?? name);
    if (present === undefined || present.calls === 0) return 0;
    const before = last.get(name);
    // a restart or CONFIG RESETSTAT takes the counters back: then the life of the server is all there is
    if (before === undefined || before.calls >= present.calls || before.usec > present.usec) return present.usec / present.calls;
    return (present.usec - before.usec) / (present.calls - before.calls);
  }

  return {
    count: (command, calls) => {
      pending.set(command, (pending.get(command) ?? 0) + calls);
      commands += calls;
      unpriced += calls;
    },
    countBytes: (received, sent) => {
      bytesIn += received;
      bytesOut += sent;
    },
    price: (stats) => {
      unpriced = 0;
      if (stats === null) {
        pending.clear();
        usec = null;
        recent.length = 0;
        return;
      }
      let spent = 0;
      for (const [name, calls] of pending) spent += calls * meanOf(name, stats);
      pending.clear();
      last = stats;
      usec = (usec ?? 0) + spent;
      recent.push({ at: now(), usec: spent });
    },
    get unpriced() {
      return unpriced;
    },
    read: () => {
      const from = now() - windowMs;
      while ((recent[0]?.at ?? Infinity) < from) recent.shift();
      const share = recent.reduce((sum, each) => sum + each.usec, 0) / (windowMs * 1000);
      return { commands, usec: usec === null ? null : Math.round(usec), recentShare: usec === null ? null : Math.min(1, share), bytesIn, bytesOut };
    },
  };
}
