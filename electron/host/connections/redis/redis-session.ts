import type { RedisFacts, RedisStatus } from '../../../../shared/contract/connections.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { RedisProfile, SecretChanges } from '../../../../shared/contract/workspaces.ts';
import { coreCommandTable, type CommandTable } from '../../../../shared/redis/command-table.ts';
import type { CallOptions, Command, RedisReply, RedisSession } from '../../redis/session.ts';
import type { ReadOnlyGate } from '../read-only/gate.ts';
import { createAccess } from './access.ts';
import { backoffMs } from './backoff.ts';
import { connectRedis } from './connect.ts';
import { createImpactMeter } from './impact-meter.ts';
import { findPermissions, missingFrom, probeCapabilities, readKeyspace, type Capabilities } from './probe.ts';
import { isPermanent } from './redis-errors.ts';
import { sendRouted } from './router.ts';
import { checkShareable } from './shared-connection.ts';
import type { Topology } from './topology.ts';
import { runTransaction } from './transaction.ts';
import { createVitals } from './vitals.ts';

export interface RedisSessionOptions {
  workspaceId: string;
  profile: RedisProfile;
  secrets: SecretChanges;
  environment: NodeJS.ProcessEnv;
  knownHostsFile: string;
  /** Made by the owner of the session, who also unlocks it. */
  gate: ReadOnlyGate;
  /** Gets faults of this program that no caller waits for. */
  report: (error: unknown) => void;
}

/** A session with what its owner needs: state, retry, close. */
export interface LiveRedisSession extends RedisSession {
  status(): RedisStatus;
  /** Told of every change of `status`. */
  onChange(listener: () => void): () => void;
  /** First attempt; rejects with its problem, and the session is of no use then. */
  open(): Promise<void>;
  /** Tries again now. Resolves when that attempt has ended, whatever came of it. */
  retry(): Promise<void>;
  /** How many are looking: the state is refreshed more often then. */
  setWatched(watched: boolean): void;
  close(): Promise<void>;
}

/** Opens, keeps and guards one Redis. */
export function createRedisSession(options: RedisSessionOptions): LiveRedisSession {
  const meter = createImpactMeter();
  const access = createAccess({ ...options, onBytes: (bytesIn, bytesOut) => meter.countBytes(bytesIn, bytesOut) });
  const listeners = new Set<() => void>();
  const topologyListeners = new Set<() => void>();
  const over = new AbortController();
  let state: RedisStatus['state'] = 'connecting';
  let since = Date.now();
  let attempt = 0;
  let nextAttemptAt: number | null = null;
  let problem: LookasideError | null = null;
  let timer: NodeJS.Timeout | undefined;
  let topology: Topology | null = null;
  let capabilities: Capabilities | null = null;
  let keyspace: RedisFacts['keyspace'] = [];
  let table: CommandTable = coreCommandTable();
  let running: Promise<void> | null = null;
  // what was last seen, for the screen while nothing is connected
  let lastKind: RedisFacts['topology'] = 'standalone';
  let lastNodes: RedisFacts['nodes'] = [];

  function tell(set: ReadonlySet<() => void>): void {
    for (const listener of set) {
      try {
        listener();
      } catch (error) {
        options.report(error);
      }
    }
  }
  const changed = (): void => tell(listeners);

  const vitals = createVitals({
    topology: () => topology,
    mayReadStats: () => capabilities?.mayReadStats === true,
    meter,
    onKeyspace: (seen) => {
      keyspace = seen ?? [];
    },
    onChange: changed,
  });

  function enter(next: RedisStatus['state'], why: LookasideError | null): void {
    if (state === 'closed') return;
    if (state !== next) since = Date.now();
    state = next;
    problem = why;
    if (next !== 'reconnecting') nextAttemptAt = null;
    changed();
  }

  function dropTopology(): void {
    const old = topology;
    if (old === null) return;
    lastKind = old.kind;
    lastNodes = old.nodes().map((node) => ({ ...node, up: false }));
    topology = null;
    vitals.stop();
    old.close();
  }

  async function attemptOnce(): Promise<void> {
    let standing: Topology | null = null;
    let broke: LookasideError | null = null;
    standing = await connectRedis(access, over.signal, {
      changed: () => {
        if (topology === null || topology !== standing) return;
        changed();
        tell(topologyListeners);
      },
      broken: (why) => {
        broke ??= why;
        if (topology !== null && topology === standing) lost(why);
      },
    });
    try {
      const node = standing.masters()[0];
      if (node === undefined) throw new LookasideError('CONNECTION_LOST', 'No master is connected');
      const [probed, permissions] = await Promise.all([
        probeCapabilities(node.main, options.profile.username, meter),
        findPermissions(access, node.main, over.signal),
      ]);
      const missing = [...probed.facts.missing, ...missingFrom(permissions, probed.facts.user)];
      capabilities = { ...probed, facts: { ...probed.facts, missing } };
      table = capabilities.table;
      keyspace = (await readKeyspace(standing, meter)) ?? [];
      if (broke !== null) throw broke;
      if (over.signal.aborted) throw new LookasideError('CANCELLED', 'Cancelled');
    } catch (error) {
      standing.close();
      throw error;
    }
    topology = standing;
    attempt = 0;
    vitals.start();
    enter('ready', null);
    tell(topologyListeners);
  }

  function lost(why: LookasideError): void {
    if (over.signal.aborted) return;
    dropTopology();
    enter('reconnecting', why);
    tell(topologyListeners);
    schedule();
  }

  function schedule(): void {
    attempt += 1;
    const wait = backoffMs(attempt);
    nextAttemptAt = Date.now() + wait;
    clearTimeout(timer);
    timer = setTimeout(() => void reconnect(), wait);
    timer.unref();
    changed();
  }

  /** One attempt; plans the next when it fails and waiting may help. */
  function reconnect(): Promise<void> {
    if (running !== null) return running;
    clearTimeout(timer);
    nextAttemptAt = null;
    running = attemptOnce()
      .catch((error: unknown) => {
        if (over.signal.aborted) return;
        if (!(error instanceof LookasideError)) options.report(error);
        const why = error instanceof LookasideError ? error : new LookasideError('INTERNAL', 'Connecting failed inside Lookaside');
        if (isPermanent(why.code)) enter('failed', why);
        else {
          enter('reconnecting', why);
          schedule();
        }
      })
      .finally(() => {
        running = null;
      });
    return running;
  }

  function standing(): Topology {
    if (topology !== null) return topology;
    if (state === 'closed') throw new LookasideError('NOT_CONNECTED', 'This connection is closed');
    throw new LookasideError(state === 'reconnecting' ? 'CONNECTION_LOST' : 'NOT_CONNECTED', 'Redis is not connected right now', {
      hint: problem === null ? 'It is being connected.' : problem.message,
      details: problem === null ? {} : { cause: problem.code },
    });
  }

  async function batch(db: number, commands: readonly Command[], callOptions: CallOptions = {}): Promise<(RedisReply | LookasideError)[]> {
    for (const command of commands) {
      options.gate.check(table, command);
      checkShareable(table, command);
    }
    if (commands.length === 0) return [];
    return sendRouted(standing(), table, meter, db, commands, callOptions);
  }

  function facts(): RedisFacts | null {
    if (capabilities === null) return null;
    return { ...capabilities.facts, topology: topology?.kind ?? lastKind, nodes: topology?.nodes() ?? lastNodes, keyspace };
  }

  return {
    workspaceId: options.workspaceId,
    facts: () => {
      const known = facts();
      if (known === null) throw new LookasideError('NOT_CONNECTED', 'Redis has not been connected yet');
      return known;
    },
    call: async (db, command, callOptions) => {
      const [outcome] = await batch(db, [command], callOptions);
      if (outcome instanceof LookasideError) throw outcome;
      return outcome as RedisReply;
    },
    batch,
    transaction: async (db, keys, work) => {
      const now = standing();
      const { target } = now.route(now.kind === 'cluster' ? (keys[0] ?? null) : null);
      const link = await access.open(target, { signal: over.signal, db });
      try {
        return await runTransaction(link, keys, (command) => options.gate.check(table, command), work);
      } finally {
        link.close();
      }
    },
    assertWritable: (command) => options.gate.check(table, command),
    masters: async () => standing().masters().map(({ id, host, port }) => ({ id, host, port })),
    workerEndpoint: async (id, db) => {
      const node = standing().byId(id);
      if (node === null) {
        throw new LookasideError('CONNECTION_LOST', `${id} is not connected, or holds no keys any more`, {
          hint: 'Ask for the masters again: the topology may have changed.',
          details: { node: id },
        });
      }
      return access.workerEndpoint(node.target, db);
    },
    onTopologyChange: (listener) => {
      topologyListeners.add(listener);
      return () => topologyListeners.delete(listener);
    },
    noteWork: ({ command, calls, bytesIn, bytesOut }) => {
      meter.count(command.toLowerCase(), calls);
      meter.countBytes(bytesIn, bytesOut);
    },
    latencyMs: () => vitals.latencyMs(),
    status: () => {
      const main = topology?.masters()[0]?.main;
      return {
        state,
        since,
        attempt,
        nextAttemptAt,
        problem: (problem ?? topology?.problem() ?? null)?.toProblem() ?? null,
        latencyMs: state === 'ready' ? vitals.latencyMs() : null,
        tls: main?.tls ?? null,
        sshPath: access.dialer.sshPath,
        facts: facts(),
        impact: meter.read(),
        readOnly: options.gate.state(),
      };
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open: attemptOnce,
    retry: async () => {
      if (state === 'ready' || state === 'closed') return;
      attempt = 0;
      if (state === 'failed') enter('reconnecting', problem);
      await reconnect();
    },
    setWatched: (watched) => vitals.setWatched(watched),
    close: async () => {
      if (state === 'closed') return;
      enter('closed', null);
      over.abort();
      clearTimeout(timer);
      dropTopology();
      options.gate.close();
      await access.close();
      tell(topologyListeners);
    },
  };
}
