import type { RedisFacts } from '../../../../shared/contract/connections.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { addStats, parseCommandStats, type ImpactMeter } from './impact-meter.ts';
import type { NodeLinks } from './node-links.ts';
import { readKeyspace } from './probe.ts';
import { replyText } from './replies.ts';
import type { Topology } from './topology.ts';

const watchedPingMs = 1000;
const idlePingMs = 5000;
const statsMs = 3000;
const keyspaceMs = 10_000;
/** A connection that does not answer for so long is taken for dead: the network may have dropped it without a word. */
const deadMs = 15_000;
const keptPings = 9;

export interface Vitals {
  start(): void;
  stop(): void;
  setWatched(watched: boolean): void;
  /** Median of the last pings in ms. */
  latencyMs(): number | null;
}

export function medianOf(samples: readonly number[]): number | null {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** Keeps the pulse of a topology: pings every master, prices what was used, counts keys while someone looks. */
export function createVitals(options: {
  topology: () => Topology | null;
  mayReadStats: () => boolean;
  meter: ImpactMeter;
  onKeyspace: (keyspace: RedisFacts['keyspace'] | null) => void;
  onChange: () => void;
}): Vitals {
  const { meter } = options;
  let pings: number[] = [];
  let watched = false;
  let timer: NodeJS.Timeout | undefined;
  let turn = 0;
  let statsAt = 0;
  let keyspaceAt = 0;
  let keyspaceWork = -1;

  async function ping(node: NodeLinks): Promise<number> {
    const started = performance.now();
    const dead = setTimeout(() => node.main.close(), deadMs);
    dead.unref();
    try {
      meter.count('ping', 1);
      await node.main.send(['PING'], false);
      return performance.now() - started;
    } finally {
      clearTimeout(dead);
    }
  }

  async function priceWork(masters: readonly NodeLinks[]): Promise<void> {
    const texts = await Promise.all(masters.map(async (node) => replyText(await node.main.send(['INFO', 'commandstats'], false))));
    meter.price(addStats(texts.map(parseCommandStats)));
    meter.count('info', masters.length);
  }

  async function beat(mine: number): Promise<void> {
    const topology = options.topology();
    if (topology === null) return;
    const masters = topology.masters();
    const times = await Promise.all(masters.map(ping));
    if (mine !== turn) return;
    const slowest = Math.max(...times);
    if (Number.isFinite(slowest)) pings = [...pings, slowest].slice(-keptPings);
    const now = Date.now();
    if (watched && options.mayReadStats() && meter.unpriced > 0 && now - statsAt >= statsMs) {
      statsAt = now;
      await priceWork(masters);
    }
    if (watched && keyspaceWork !== 0 && now - keyspaceAt >= keyspaceMs) {
      keyspaceAt = now;
      const seen = await readKeyspace(topology, meter);
      keyspaceWork = seen === null ? 0 : 1;
      options.onKeyspace(seen);
    }
    if (mine === turn) options.onChange();
  }

  function plan(mine: number, ms: number): void {
    timer = setTimeout(() => {
      beat(mine)
        .catch((error: unknown) => {
          // a lost connection is told by its own end; an answer like LOADING or NOPERM to PING is no news either
          if (!(error instanceof LookasideError)) throw error;
        })
        .finally(() => {
          if (mine === turn) plan(mine, watched ? watchedPingMs : idlePingMs);
        });
    }, ms);
    timer.unref();
  }

  function restart(ms: number): void {
    clearTimeout(timer);
    turn += 1;
    plan(turn, ms);
  }

  return {
    start: () => {
      pings = [];
      keyspaceAt = Date.now();
      keyspaceWork = -1;
      restart(0);
    },
    stop: () => {
      turn += 1;
      clearTimeout(timer);
      pings = [];
    },
    setWatched: (next) => {
      if (watched === next) return;
      watched = next;
      if (options.topology() !== null) restart(0);
    },
    latencyMs: () => medianOf(pings),
  };
}
