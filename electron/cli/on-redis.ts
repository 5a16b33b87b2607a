import { setTimeout as delay } from 'node:timers/promises';
import type { Workspace } from '../../shared/contract/workspaces.ts';
import type { Host } from '../host/host.ts';
import { usageError } from '../launch/launch-arguments.ts';
import { launchHost } from '../launch/launch-host.ts';
import type { RedisArguments } from './redis-arguments.ts';
import { sessionVault } from './session-vault.ts';
import { listenForSignals } from './signals.ts';
import type { Terminal } from './terminal.ts';

const closeDeadlineMs = 8_000;

/** An open Redis that a command works on, through the same services as the app. */
export interface RedisSide {
  host: Host;
  workspace: Workspace;
  db: number;
  /** Aborted by Ctrl-C and SIGTERM. */
  signal: AbortSignal;
  terminal: Terminal;
}

async function workspaceOf(host: Host, given: RedisArguments): Promise<Workspace> {
  const { workspaces, info } = host.services;
  if (info.startWorkspaceId !== null) return workspaces.get(info.startWorkspaceId);
  const all = await workspaces.list();
  const named = all.filter(({ id, name }) => id === given.workspace || name === given.workspace);
  const [found] = named;
  if (found === undefined || found.redis === null) {
    const known = all.filter(({ redis }) => redis !== null).map(({ name }) => `"${name}"`);
    throw usageError(`No workspace with a Redis has this name${known.length === 0 ? '' : `; there are ${known.slice(0, 10).join(', ')}`}`);
  }
  if (named.length > 1) throw usageError('Several workspaces have this name: give the id of one');
  return found;
}

/**
 * Opens the Redis that the arguments name, works on it, and closes everything whatever came of it.
 * @param words what a first Ctrl-C is answered with
 */
export async function onRedis(given: RedisArguments, terminal: Terminal, work: (side: RedisSide) => Promise<number>, words = 'stopping ...'): Promise<number> {
  const launched = launchHost({
    face: 'browser',
    given: { demo: false, keys: undefined, rate: undefined, url: given.url, pg: undefined, dataFolder: given.dataFolder },
    vault: sessionVault,
    environment: process.env,
    say: terminal.say,
  });
  const { host } = launched;
  const listening = listenForSignals(terminal, words);
  try {
    const workspace = await workspaceOf(host, given);
    const password = process.env['LOOKASIDE_PASSWORD'] || process.env['REDISCLI_AUTH'];
    const isKnown = workspace.secrets['redis.password'] !== undefined && workspace.secrets['redis.password'] !== 'none';
    host.services.keys.prepare();
    await host.services.connections.open(workspace.id, password && !isKnown ? { 'redis.password': password } : {});
    return await work({ host, workspace, db: given.db ?? workspace.redis?.db ?? 0, signal: listening.signal, terminal });
  } finally {
    terminal.progress?.(null);
    const closed = await Promise.race([launched.close().then(() => true), delay(closeDeadlineMs, false, { ref: false })]);
    if (!closed) launched.log.error(new Error(`Not everything ended within ${closeDeadlineMs / 1000} s`));
    listening.stop();
  }
}
