const firstMs = 100;
const capMs = 10_000;

/**
 * Milliseconds before the next attempt: doubles from 100 ms up to 10 s, spread by a fifth to either side so that many
 * clients of one server do not come back together. `attempt` counts from 1; `random` is 0 to 1.
 */
export function backoffMs(attempt: number, random: number = Math.random()): number {
  const step = Math.min(capMs, firstMs * 2 ** Math.min(attempt - 1, 20));
  return Math.round(step * (0.8 + 0.4 * random));
}
