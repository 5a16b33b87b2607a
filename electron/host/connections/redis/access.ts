import type { TlsFacts } from '../../../../shared/contract/connections.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { RedisProfile, SecretChanges } from '../../../../shared/contract/workspaces.ts';
import type { SocketTls, WorkerEndpoint } from '../../redis/session.ts';
import { createDialer, type DialStep, type Dialer } from '../dial/dialer.ts';
import type { NetworkTarget } from '../dial/network-errors.ts';
import { loadSocketTls } from '../dial/tls.ts';
import { explainFailure } from './diagnose.ts';
import { openLink, type Link } from './link.ts';

export interface AccessOptions {
  profile: RedisProfile;
  secrets: SecretChanges;
  environment: NodeJS.ProcessEnv;
  knownHostsFile: string;
  onBytes: (bytesIn: number, bytesOut: number) => void;
  onDialStep?: ((step: DialStep) => void) | undefined;
}

export interface OpenOptions {
  signal: AbortSignal;
  /** Database; the profile's own when absent. */
  db?: number;
  /** Uses the sentinels' user and password, and no database. */
  sentinel?: boolean;
  onStage?: (stage: 'tcp' | 'tls' | 'auth', tls: TlsFacts | null) => void;
}

/** Everything needed to reach any node of one profile: the way, the encryption and the credentials. */
export interface RedisAccess {
  readonly profile: RedisProfile;
  readonly dialer: Dialer;
  open(target: NetworkTarget, options: OpenOptions): Promise<Link>;
  workerEndpoint(target: NetworkTarget, db: number): Promise<WorkerEndpoint>;
  tlsFor(target: NetworkTarget): Promise<SocketTls | null>;
  /** Reads certificate files anew at the next use. */
  forgetTls(): void;
  close(): Promise<void>;
}

/** Milliseconds for reaching one node and logging in. */
export const connectTimeoutMs = 10_000;

export function createAccess(options: AccessOptions): RedisAccess {
  const { profile, secrets } = options;
  const tlsByHost = new Map<string, Promise<SocketTls | null>>();
  const dialer = createDialer({
    ssh: profile.ssh,
    secrets,
    slotPrefix: 'redis',
    knownHostsFile: options.knownHostsFile,
    environment: options.environment,
    onStep: options.onDialStep,
  });

  function tlsFor(target: NetworkTarget): Promise<SocketTls | null> {
    const host = 'path' in target ? 'localhost' : target.host;
    const known = tlsByHost.get(host);
    if (known !== undefined) return known;
    const loading = loadSocketTls(profile.tls, host, secrets);
    tlsByHost.set(host, loading);
    loading.catch(() => tlsByHost.delete(host));
    return loading;
  }

  return {
    profile,
    dialer,
    tlsFor,
    forgetTls: () => tlsByHost.clear(),
    open: async (target, { signal, db, sentinel = false, onStage }) => {
      const tls = await tlsFor(target);
      let stage = '';
      try {
        return await openLink({
          target,
          dialer,
          tls,
          username: sentinel ? profile.sentinelUsername : profile.username,
          password: (sentinel ? secrets['redis.sentinelPassword'] : secrets['redis.password']) ?? null,
          db: sentinel ? 0 : (db ?? profile.db),
          signal,
          timeoutMs: connectTimeoutMs,
          onBytes: options.onBytes,
          onStage: (done, facts) => {
            stage = done;
            onStage?.(done, facts);
          },
        });
      } catch (error) {
        if (!(error instanceof LookasideError)) throw error;
        throw await explainFailure(error, { dialer, target, tls: tls !== null, reached: stage === 'tcp', signal });
      }
    },
    workerEndpoint: async (target, db) => ({
      target: profile.ssh === null ? target : 'path' in target ? await dialer.forwardPath(target.path) : await dialer.forward(target.host, target.port),
      tls: await tlsFor(target),
      username: profile.username,
      password: secrets['redis.password'] ?? null,
      db,
    }),
    close: async () => {
      tlsByHost.clear();
      await dialer.close();
    },
  };
}
