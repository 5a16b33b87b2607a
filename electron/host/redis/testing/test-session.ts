import { Cluster, Redis } from 'ioredis';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { RedisFacts } from '../../../../shared/contract/connections.ts';
import type { CallOptions, Command, MasterNode, RedisReply, RedisSession, WorkerEndpoint } from '../session.ts';

interface TestTarget {
  host: string;
  port: number;
  /** Ask this node for the cluster it belongs to. */
  cluster?: boolean;
}

function translated(error: unknown): LookasideError {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith('WRONGTYPE')) return new LookasideError('REDIS_WRONG_TYPE', message);
  if (message.startsWith('NOPERM')) return new LookasideError('REDIS_NO_PERMISSION', message);
  return new LookasideError('REDIS_COMMAND_FAILED', message, { details: { reply: message } });
}

/** A bare `RedisSession` for tests of what stands above it: no read-only gate, no impact accounting, no reconnect. */
export class TestSession implements RedisSession {
  readonly workspaceId = 'test';
  /** Every command sent, by name, for tests that count round trips or look for forbidden commands. */
  readonly sent: Command[] = [];
  #target: TestTarget;
  #driver: Redis | Cluster;
  #byDb = new Map<number, Redis>();
  #masters: MasterNode[];

  private constructor(target: TestTarget, driver: Redis | Cluster, masters: MasterNode[]) {
    this.#target = target;
    this.#driver = driver;
    this.#masters = masters;
  }

  static async open(target: TestTarget): Promise<TestSession> {
    const { host, port } = target;
    if (target.cluster === true) {
      const driver = new Cluster([{ host, port }], { clusterRetryStrategy: () => null, redisOptions: { protocol: 2 } });
      await driver.ping();
      const masters = driver.nodes('master').map((node) => {
        const address = { host: node.options.host ?? host, port: node.options.port ?? port };
        return { id: `${address.host}:${address.port}`, ...address };
      });
      return new TestSession(target, driver, masters);
    }
    const driver = new Redis({ host, port, protocol: 2, lazyConnect: true, retryStrategy: () => null });
    await driver.connect();
    return new TestSession(target, driver, [{ id: `${host}:${port}`, host, port }]);
  }

  facts(): RedisFacts {
    return {
      flavour: 'redis',
      version: '',
      topology: this.#driver instanceof Cluster ? 'cluster' : 'standalone',
      nodes: this.#masters.map((node) => ({ ...node, role: 'master', slots: 0, up: true })),
      user: 'default',
      databases: 16,
      keyspace: [],
      maxmemoryPolicy: null,
      modules: [],
      missing: [],
    };
  }

  async call(db: number, command: Command, options: CallOptions = {}): Promise<RedisReply> {
    const [outcome] = await this.batch(db, [command], options);
    if (outcome instanceof LookasideError) throw outcome;
    return outcome as RedisReply;
  }

  async batch(db: number, commands: readonly Command[], options: CallOptions = {}): Promise<(RedisReply | LookasideError)[]> {
    if (commands.length === 0) return [];
    this.sent.push(...commands);
    const pipeline = this.#client(db, options.node).pipeline();
    for (const [name, ...parts] of commands) pipeline.callBuffer(name, ...parts);
    const outcomes = (await pipeline.exec()) ?? [];
    return outcomes.map(([error, reply]) => (error === null ? (reply as RedisReply) : translated(error)));
  }

  async transaction(): Promise<never> {
    throw new LookasideError('UNSUPPORTED', 'This session of the tests has one connection');
  }

  assertWritable(): void {
    // No read-only gate here.
  }

  async masters(): Promise<MasterNode[]> {
    return this.#masters;
  }

  async workerEndpoint(nodeId: string, db: number): Promise<WorkerEndpoint> {
    const node = this.#masters.find((master) => master.id === nodeId) ?? this.#target;
    return { target: { host: node.host, port: node.port }, tls: null, username: '', password: null, db };
  }

  onTopologyChange(): () => void {
    return () => undefined;
  }

  noteWork(): void {
    // No impact meter here.
  }

  latencyMs(): number | null {
    return null;
  }

  close(): void {
    this.#driver.disconnect();
    for (const client of this.#byDb.values()) client.disconnect();
  }

  #client(db: number, node: string | undefined): Redis | Cluster {
    if (this.#driver instanceof Cluster) {
      if (node === undefined) return this.#driver;
      const found = this.#driver.nodes('master').find((each) => `${each.options.host}:${each.options.port}` === node);
      if (found === undefined) throw new LookasideError('NOT_FOUND', `No node ${node}`);
      return found;
    }
    if (db === 0) return this.#driver;
    let client = this.#byDb.get(db);
    if (client === undefined) {
      client = new Redis({ host: this.#target.host, port: this.#target.port, db, protocol: 2, retryStrategy: () => null });
      this.#byDb.set(db, client);
    }
    return client;
  }
}
