import type { Duplex } from 'node:stream';
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { SshProfile } from '../../../../shared/contract/workspaces.ts';
import type { DialedSocket, DialerOptions, DialStep } from './dialer.ts';
import { targetDetails, targetText, translateNetworkError, type NetworkTarget } from './network-errors.ts';
import { planLogin, type HopSecrets, type LoginPlan } from './ssh-auth.ts';
import { hopText, resolveSshHops, type SshHop } from './ssh-hops.ts';
import { prepareHostKeyCheck, type HostKeyCheck } from './ssh-host-key.ts';
import { connectSocket } from './tcp.ts';

export interface SshChain {
  channel(target: NetworkTarget): Promise<DialedSocket>;
  ready(): Promise<void>;
  path(): string[];
  target(): { host: string; port: number };
  onDrop(listener: (error: LookasideError) => void): () => void;
  close(): Promise<void>;
}

/** Milliseconds that one hop may take from connect to login. */
const hopMs = 20_000;
const keepAliveMs = 15_000;

interface OpenChain {
  clients: Client[];
  /** Rejects when any hop closes; waited for beside every channel. */
  dropped: Promise<never>;
}

function nothing(): void {
  return undefined;
}

/** An ssh2 channel with the socket options that drivers set. */
function asSocket(channel: ClientChannel): DialedSocket {
  const socket = channel as unknown as DialedSocket;
  return Object.assign(socket, {
    setNoDelay: () => socket,
    setKeepAlive: () => socket,
    setTimeout: () => socket,
    ref: () => socket,
    unref: () => socket,
  } as unknown as Pick<DialedSocket, 'setNoDelay'>);
}

interface OpenFailure extends Error {
  /** RFC 4254, 5.1: 1 prohibited, 2 connect failed, 3 unknown type, 4 resource shortage. */
  reason?: number | string;
}

/** Why the last hop could not open the way to the target; the text is the SSH server's own. */
function channelProblem(error: OpenFailure, target: NetworkTarget, hop: string): LookasideError {
  const said = error.message.replace(/^\(SSH\) Channel open failure: /, '');
  const details = { ...targetDetails(target), hop, said };
  const where = targetText(target);
  if (String(error.reason) === '1' || /prohibited/i.test(said)) {
    return new LookasideError('SSH_FORWARD_REFUSED', `${hop} does not forward to ${where}`, {
      hint: 'The SSH server forbids it: see AllowTcpForwarding, AllowStreamLocalForwarding and PermitOpen in its sshd_config.',
      details,
      cause: error,
    });
  }
  const code = /refused/i.test(said)
    ? 'ECONNREFUSED'
    : /timed? ?out/i.test(said)
      ? 'ETIMEDOUT'
      : /no route|unreachable/i.test(said)
        ? 'EHOSTUNREACH'
        : /name or service|not known|resolve|nodename|temporary failure|no address/i.test(said)
          ? 'ENOTFOUND'
          : '';
  if (code === '') {
    return new LookasideError('SSH_FORWARD_REFUSED', `${hop} cannot reach ${where}`, { hint: 'Check the address as the SSH server sees it.', details, cause: error });
  }
  const plain = translateNetworkError(Object.assign(new Error(said), { code }), target);
  return new LookasideError(plain.code, `${plain.message}, as ${hop} sees it`, { hint: plain.hint, details, cause: error });
}

function openChannel(client: Client, target: NetworkTarget, hop: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | undefined, channel: ClientChannel): void => {
      if (error !== undefined && error !== null) reject(channelProblem(error, target, hop));
      else resolve(channel);
    };
    try {
      if ('path' in target) client.openssh_forwardOutStreamLocal(target.path, done);
      else client.forwardOut('127.0.0.1', 0, target.host, target.port, done);
    } catch (error) {
      reject(new LookasideError('CONNECTION_LOST', `The SSH connection to ${hop} is closed`, { cause: error }));
    }
  });
}

function loginProblem(error: Error & { level?: string }, hop: SshHop, plan: LoginPlan, check: HostKeyCheck): LookasideError {
  const refused = check.problem();
  if (refused !== null) return refused;
  if (error.level === 'client-authentication' || /too many authentication failures/i.test(error.message)) return plan.refusal();
  if (error.level === 'client-timeout') return translateNetworkError(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' }), hop);
  if (error.level === 'client-socket') return translateNetworkError(error, hop);
  const notSsh = /invalid (?:identification|header|packet)|bad packet|protocol version|expected/i.test(error.message);
  return new LookasideError('SSH_FAILED', notSsh ? `${hop.host}:${hop.port} answers, but not with SSH` : `The SSH handshake with ${hop.host} fails`, {
    hint: notSsh ? 'Check the port of the SSH server.' : 'The server may offer only algorithms that this app does not use.',
    details: { host: hop.host, port: hop.port, said: error.message.slice(0, 200) },
    cause: error,
  });
}

async function login(hop: SshHop, sock: Duplex, plan: LoginPlan, check: HostKeyCheck): Promise<Client> {
  const client = new ssh2.Client();
  const config: ConnectConfig = {
    sock,
    username: hop.user,
    authHandler: plan.handler,
    hostVerifier: check.verify,
    algorithms: { serverHostKey: check.algorithms },
    readyTimeout: hopMs,
    keepaliveInterval: hop.aliveSeconds > 0 ? hop.aliveSeconds * 1000 : keepAliveMs,
    keepaliveCountMax: 3,
  };
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.on('error', (error: Error & { level?: string }) => {
        // a failing agent key is not the end: the next method follows
        if (error.level !== 'agent') reject(loginProblem(error, hop, plan, check));
      });
      client.once('close', () => reject(check.problem() ?? loginProblem(new Error('closed during the handshake'), hop, plan, check)));
      client.connect(config);
    });
    return client;
  } catch (error) {
    client.destroy();
    sock.destroy();
    throw error;
  }
}

function secretsFor(hop: SshHop, options: DialerOptions): HopSecrets {
  const password = options.secrets[`${options.slotPrefix}.sshPassword`] ?? null;
  const passphrase = options.secrets[`${options.slotPrefix}.sshPassphrase`] ?? null;
  // the password is for the profile's own host: a jump host must not learn it
  return { password: hop.target ? password : null, passphrase };
}

function endAll(clients: readonly Client[]): void {
  for (const client of clients.toReversed()) {
    client.end();
    client.destroy();
  }
}

/** One chain of SSH connections, opened at the first need, shared by all channels, and opened anew after a drop. */
export function createSshChain(options: DialerOptions & { ssh: SshProfile; onStep: (step: DialStep) => void }): SshChain {
  const { ssh, onStep } = options;
  const listeners = new Set<(error: LookasideError) => void>();
  const alive = new Set<Client>();
  let hops: SshHop[] = [];
  let current: Promise<OpenChain> | null = null;
  let closed = false;

  async function openHop(hop: SshHop, index: number, previous: Client | undefined): Promise<Client> {
    const started = performance.now();
    const step = { kind: 'ssh-hop', hop: hopText(hop), index, count: hops.length } as const;
    onStep({ ...step, state: 'connecting', durationMs: 0 });
    const check = await prepareHostKeyCheck(hop, options.knownHostsFile, onStep);
    const plan = await planLogin(hop, secretsFor(hop, options));
    const before = hops[index - 1];
    const sock: Duplex =
      previous === undefined || before === undefined ? await connectSocket({ host: hop.host, port: hop.port }, {}, onStep) : await openChannel(previous, hop, hopText(before));
    const client = await login(hop, sock, plan, check);
    alive.add(client);
    client.on('error', nothing);
    client.once('close', () => alive.delete(client));
    onStep({ ...step, state: 'ready', durationMs: performance.now() - started });
    return client;
  }

  async function open(): Promise<OpenChain> {
    const resolved = await resolveSshHops(ssh, options.environment);
    hops = resolved.hops;
    for (const text of resolved.notes) onStep({ kind: 'note', text });
    const clients: Client[] = [];
    try {
      for (const [index, hop] of hops.entries()) {
        clients.push(await openHop(hop, index, clients.at(-1)));
        if (closed) throw new LookasideError('NOT_CONNECTED', 'This connection is closed');
      }
    } catch (error) {
      endAll(clients);
      throw error;
    }
    const dropped = new Promise<never>((_, reject) => {
      for (const [index, client] of clients.entries()) {
        const name = hops[index] === undefined ? '' : hopText(hops[index]);
        client.once('close', () => {
          reject(new LookasideError('CONNECTION_LOST', `The SSH connection to ${name} is closed`, { hint: 'It is opened anew with the next attempt.', details: { hop: name } }));
        });
      }
    });
    return { clients, dropped };
  }

  function chain(): Promise<OpenChain> {
    if (current !== null) return current;
    const opening = open();
    current = opening;
    const forget = (): void => {
      if (current === opening) current = null;
    };
    opening.then(
      ({ clients, dropped }) => {
        dropped.catch((error: unknown) => {
          forget();
          endAll(clients);
          if (!closed && error instanceof LookasideError) for (const listener of listeners) listener(error);
        });
      },
      forget,
    );
    return opening;
  }

  return {
    channel: async (target) => {
      const { clients, dropped } = await chain();
      const last = clients.at(-1);
      const hop = hops.at(-1);
      if (last === undefined || hop === undefined) throw new LookasideError('SSH_FAILED', 'The SSH connection has no hop');
      return asSocket(await Promise.race([openChannel(last, target, hopText(hop)), dropped]));
    },
    ready: async () => {
      await chain();
    },
    path: () => (hops.length > 0 ? hops.map(hopText) : [ssh.user === '' ? ssh.host : `${ssh.user}@${ssh.host}`]),
    target: () => ({ host: ssh.host, port: ssh.port === 0 ? 22 : ssh.port }),
    onDrop: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    close: async () => {
      closed = true;
      endAll([...alive]);
      if (current !== null) await current.then(({ clients }) => endAll(clients), nothing);
    },
  };
}
