import type * as net from 'node:net';
import type { Duplex } from 'node:stream';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { SecretChanges, SshProfile } from '../../../../shared/contract/workspaces.ts';
import { createForwards, type Forwards } from './forward.ts';
import { translateNetworkError, type NetworkTarget } from './network-errors.ts';
import { createSshChain, type SshChain } from './ssh-chain.ts';
import { connectSocket, withinDial } from './tcp.ts';

/** What a dial does, for the steps of a connection test. Durations in ms. */
export type DialStep =
  | { kind: 'resolved'; host: string; address: string; durationMs: number }
  | { kind: 'connected'; target: NetworkTarget; durationMs: number }
  | { kind: 'ssh-hop'; hop: string; index: number; count: number; state: 'connecting' | 'ready'; durationMs: number }
  /** Something to know that does not stop the connection. */
  | { kind: 'note'; text: string };

export interface DialOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds for the whole dial, SSH included; 10,000 when absent. */
  timeoutMs?: number | undefined;
}

/** A byte stream with the socket options that drivers set; on SSH channels these do nothing. */
export type DialedSocket = Duplex & Pick<net.Socket, 'setNoDelay' | 'setKeepAlive' | 'setTimeout' | 'ref' | 'unref'>;

export interface DialerOptions {
  ssh: SshProfile | null;
  secrets: SecretChanges;
  /** Whose SSH password and passphrase to use. */
  slotPrefix: 'redis' | 'postgres';
  /** This app's own known_hosts, read beside the user's; need not exist. */
  knownHostsFile: string;
  /** HOME, USER, SSH_AUTH_SOCK are read from here. */
  environment: NodeJS.ProcessEnv;
  onStep?: ((step: DialStep) => void) | undefined;
}

/** Opens byte streams to servers, directly or through one shared chain of SSH connections. */
export interface Dialer {
  /** Connected, not yet TLS. Through SSH the name is resolved by the last hop. Rejects with LookasideError. */
  dial(host: string, port: number, options?: DialOptions): Promise<DialedSocket>;
  /** A unix socket, on this machine or on the last SSH hop. */
  dialPath(path: string, options?: DialOptions): Promise<DialedSocket>;
  /**
   * A private unix socket (a named pipe on Windows) whose connections are dialled to the target, for worker
   * threads and libraries that need an address. One per target, kept until `close`.
   */
  forward(host: string, port: number): Promise<{ path: string }>;
  forwardPath(path: string): Promise<{ path: string }>;
  /** `user@host` of each SSH hop, outermost first; what the profile says until ssh_config is read. */
  readonly sshPath: string[];
  /** Opens the SSH chain now, for a test step; nothing to do without SSH. */
  openSsh(options?: DialOptions): Promise<void>;
  /** Called when the SSH chain drops; the next dial opens it anew. Returns the unsubscribe. */
  onDrop(listener: (error: LookasideError) => void): () => void;
  /** Ends the forwards and the SSH chain. Sockets that were dialled directly stay with their owners. */
  close(): Promise<void>;
}

const ignoreStep = (): void => undefined;

/** The one way for the host to reach a server: TCP, unix sockets, and both through SSH. */
export function createDialer(options: DialerOptions): Dialer {
  const onStep = options.onStep ?? ignoreStep;
  const chain: SshChain | null = options.ssh === null ? null : createSshChain({ ...options, ssh: options.ssh, onStep });
  let closed = false;

  async function open(target: NetworkTarget, dialOptions: DialOptions): Promise<DialedSocket> {
    if (closed) throw new LookasideError('NOT_CONNECTED', 'This connection is closed');
    if (chain === null) return connectSocket(target, dialOptions, onStep);
    const started = performance.now();
    const channel = await withinDial(chain.channel(target), target, dialOptions, (late) => late.destroy());
    onStep({ kind: 'connected', target, durationMs: performance.now() - started });
    return channel;
  }

  const forwards: Forwards = createForwards((target) => open(target, {}));

  return {
    dial: (host, port, dialOptions = {}) => open({ host, port }, dialOptions),
    dialPath: (path, dialOptions = {}) => open({ path }, dialOptions),
    forward: (host, port) => forwards.to({ host, port }),
    forwardPath: (path) => forwards.to({ path }),
    get sshPath() {
      return chain?.path() ?? [];
    },
    openSsh: async (dialOptions = {}) => {
      if (chain === null) return;
      const target = chain.target();
      await withinDial(chain.ready(), target, dialOptions, ignoreStep).catch((error: unknown) => {
        throw translateNetworkError(error, target);
      });
    },
    onDrop: (listener) => chain?.onDrop(listener) ?? ignoreStep,
    close: async () => {
      closed = true;
      await forwards.close();
      await chain?.close();
    },
  };
}
