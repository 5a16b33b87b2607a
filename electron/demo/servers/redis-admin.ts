import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { RunningRedis, ServerTls } from './redis-server.ts';

/** An administrator's connection to one node; the caller disconnects it. */
export function adminOf(node: RunningRedis, tls?: ServerTls): Redis {
  const admin = new Redis({
    host: node.host,
    port: node.port,
    ...(node.password === null ? {} : { password: node.password }),
    ...(tls
      ? { tls: { ca: readFileSync(tls.caFile), cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile), servername: 'localhost' } }
      : {}),
    retryStrategy: (attempt) => Math.min(attempt * 20, 200),
  });
  // It reconnects by itself; what fails for good shows in the commands.
  admin.on('error', () => undefined);
  return admin;
}

/** Polls until `check` is true; rejects with DEMO_UNAVAILABLE after `timeoutMs`. */
export async function until(check: () => Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new LookasideError('DEMO_UNAVAILABLE', `${what} did not happen within ${timeoutMs / 1000} s`);
    await delay(50);
  }
}
