import type { LookasideError } from '../../../shared/contract/errors.ts';
import type { RedisFacts } from '../../../shared/contract/connections.ts';

/** A reply as the server sent it (RESP2 shapes): bulk strings and simple strings (`OK`, TYPE) both arrive as bytes, errors reject. */
export type RedisReply = Buffer | string | number | bigint | boolean | null | RedisReply[];
export type CommandPart = string | Buffer | number;
/** Command name first. */
export type Command = readonly [string, ...CommandPart[]];

export interface CallOptions {
  /** Give up waiting; a command that was sent may still run. */
  signal?: AbortSignal | undefined;
  /** Node id from `masters()`; without it a cluster routes by key. */
  node?: string | undefined;
}

export interface MasterNode {
  /** `host:port` as the cluster announces it, or the one server's address. */
  id: string;
  host: string;
  port: number;
}

/** TLS material for a socket that another thread opens; structured-cloneable. */
export interface SocketTls {
  ca?: string[] | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  passphrase?: string | undefined;
  serverName: string;
  mode: 'verify' | 'pin' | 'skip';
  pinSha256?: string | undefined;
}

/**
 * How a worker thread reaches one master by itself: TCP, a unix socket, or (through SSH) a private socket that the
 * host forwards. Structured-cloneable. Holds credentials: never log it.
 */
export interface WorkerEndpoint {
  target: { host: string; port: number } | { path: string };
  tls: SocketTls | null;
  username: string;
  password: string | null;
  db: number;
}

/**
 * One open Redis, whatever its topology. The read-only gate, error translation and impact accounting happen here,
 * below every feature: nothing else in the host may hold a driver's client.
 */
export interface RedisSession {
  readonly workspaceId: string;
  facts(): RedisFacts;
  /** Rejects with a LookasideError only. Throws READ_ONLY before anything is sent. */
  call(db: number, command: Command, options?: CallOptions): Promise<RedisReply>;
  /** Pipelined; one outcome per command, in order. The gate is asked for all before anything is sent. */
  batch(db: number, commands: readonly Command[], options?: CallOptions): Promise<(RedisReply | LookasideError)[]>;
  /**
   * On a connection of its own: watches the keys, lets `work` read and name the writes, and makes them only if nobody touched
   * the keys meanwhile. `null`: nothing was written. One outcome per write else. Every command passes the gate. Rejects with
   * OUTCOME_UNKNOWN when the answer to EXEC is lost.
   */
  transaction(
    db: number,
    keys: readonly Buffer[],
    work: (read: (command: Command) => Promise<RedisReply>) => Promise<readonly Command[] | null>,
  ): Promise<(RedisReply | LookasideError)[] | null>;
  /** Throws READ_ONLY, and sends nothing, when the gate would refuse this command now. */
  assertWritable(command: Command): void;
  /** The nodes that hold keys now: all masters of a cluster, else the one (Sentinel: the present master). */
  masters(): Promise<MasterNode[]>;
  /** Resolves anew after a failover, so ask again for each connection attempt. */
  workerEndpoint(nodeId: string, db: number): Promise<WorkerEndpoint>;
  /** Called when the topology or the state changed (failover, slot migration, reconnect). Returns the unsubscribe. */
  onTopologyChange(listener: () => void): () => void;
  /** Adds what a worker sent and received on its own socket to the impact meter. */
  noteWork(work: { command: string; calls: number; bytesIn: number; bytesOut: number }): void;
  /** Median of the last pings in ms, for scans that back off. */
  latencyMs(): number | null;
}
