import { createServer } from 'node:net';

/**
 * Below the range that systems hand to outgoing connections (Linux: from 32768), so that no client's own port
 * takes one in between, and low enough for a cluster's bus at port + 10000.
 */
const lowest = 20_000;
const highest = 32_000;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

const handedOut = new Set<number>();

/**
 * A loopback TCP port that was free a moment ago, below 32000. With `bus` the port 10000 above is free too.
 * Another process may still take it first: starters retry with a new one.
 */
export async function freePort(options: { bus?: boolean } = {}): Promise<number> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (handedOut.has(port) || !(await isFree(port))) continue;
    if (options.bus && !(await isFree(port + 10_000))) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error('No free loopback port was found in 500 attempts');
}
