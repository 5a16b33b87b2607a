import { MessageChannel } from 'node:worker_threads';
import { createORPCClient, type ClientContext, type ClientLink } from '@orpc/client';
import { RPCLink as PortLink, type SupportedMessagePort } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { WebSocket, WebSocketServer } from 'ws';
import type { HostClient } from '../../../../shared/contract/contract.ts';
import { createTranslatingLink, type HostTransport } from '../../../../renderer/lib/transport/host-transport.ts';
import type { HostRouter } from '../../router.ts';
import { servePort, serveSocket } from '../../serve-port.ts';
import type { ServeOptions } from '../../serve-peer.ts';

/** A client of a host over one kind of port, with what a test needs to misuse it. */
export interface OpenedPort {
  client: HostClient;
  /** Any path, also one that the contract does not know. */
  call(path: readonly string[], input: unknown, signal?: AbortSignal): Promise<unknown>;
  /** A frame as it is. */
  sendFrame(frame: string): void;
  /** Everything that the host sent, as text. */
  received: string[];
  /** Cuts the connection from the client's side, without a goodbye. */
  drop(): void;
  /** Resolves when the client saw the connection end. */
  ended: Promise<void>;
  /** Stops taking bytes from the wire; only where the port can do that. */
  stall: { pause(): void; resume(): void } | null;
  close(): Promise<void>;
}

export type OpenPort = (router: HostRouter, options: ServeOptions) => Promise<OpenedPort>;

interface Wire {
  /** Called after the end is listened to, so that the client learns of it before its calls are rejected. */
  connect: () => ClientLink<ClientContext>;
  sendFrame: (frame: string) => void;
  received: string[];
  drop: () => void;
  onEnd: (listener: () => void) => void;
  stall: OpenedPort['stall'];
  close: () => Promise<void>;
}

function opened({ connect, onEnd, ...rest }: Wire): OpenedPort {
  let open = true;
  const ended = new Promise<void>((resolve) => {
    onEnd(() => {
      open = false;
      resolve();
    });
  });
  const transport: HostTransport = {
    link: connect(),
    isOpen: () => open,
    onClose: onEnd,
    onMenuCommand: () => undefined,
    close: rest.drop,
  };
  const translating = createTranslatingLink(() => transport);
  return {
    ...rest,
    ended,
    client: createORPCClient<HostClient>(translating),
    call: (path, input, signal) => translating.call(path, input, { context: {}, ...(signal === undefined ? {} : { signal }) }),
  };
}

type Listener = (event: { data?: unknown }) => void;

/** One end of a pair in memory, with the part of MessagePort's ways that is used. */
class MemoryPort {
  peer: MemoryPort | null = null;
  #listeners = { message: new Set<Listener>(), close: new Set<Listener>() };
  #open = true;

  addEventListener(type: 'message' | 'close', listener: Listener): void {
    this.#listeners[type].add(listener);
  }

  postMessage(data: unknown): void {
    const { peer } = this;
    queueMicrotask(() => peer?.emit('message', { data: structuredClone(data) }));
  }

  close(): void {
    for (const end of [this, this.peer]) queueMicrotask(() => end?.end());
  }

  emit(type: 'message' | 'close', event: { data?: unknown }): void {
    if (type === 'message' && !this.#open) return;
    for (const listener of this.#listeners[type]) listener(event);
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.emit('close', {});
  }
}

interface PortEnds {
  host: unknown;
  page: { addEventListener(type: string, listener: (event: { data?: unknown }) => void): void; postMessage(data: unknown): void; close(): void };
}

function overPorts({ host, page }: PortEnds, router: HostRouter, options: ServeOptions): OpenedPort {
  const stop = servePort(router, host as SupportedMessagePort, options);
  const received: string[] = [];
  page.addEventListener('message', ({ data }) => received.push(String(data)));
  return opened({
    connect: () => new PortLink({ port: page }),
    sendFrame: (frame) => page.postMessage(frame),
    received,
    drop: () => page.close(),
    onEnd: (listener) => page.addEventListener('close', listener),
    stall: null,
    close: async () => {
      stop();
      page.close();
    },
  });
}

const memory: OpenPort = async (router, options) => {
  const host = new MemoryPort();
  const page = new MemoryPort();
  host.peer = page;
  page.peer = host;
  return overPorts({ host, page: page }, router, options);
};

const messageChannel: OpenPort = async (router, options) => {
  const { port1, port2 } = new MessageChannel();
  const opening = overPorts({ host: port1, page: port2 as unknown as PortEnds['page'] }, router, options);
  port2.start();
  return opening;
};

const webSocket: OpenPort = async (router, options) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => serveSocket(router, socket, options));
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('No port');
  const socket = new WebSocket(`ws://127.0.0.1:${address.port}`);
  const received: string[] = [];
  socket.on('message', (data: Buffer) => received.push(data.toString()));
  const port = opened({
    connect: () => new SocketLink({ websocket: socket }),
    sendFrame: (frame) => socket.send(frame),
    received,
    drop: () => socket.terminate(),
    onEnd: (listener) => socket.addEventListener('close', listener),
    stall: { pause: () => socket.pause(), resume: () => socket.resume() },
    close: async () => {
      socket.terminate();
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return port;
};

export const portKinds: { kind: string; open: OpenPort }[] = [
  { kind: 'memory', open: memory },
  { kind: 'MessageChannel', open: messageChannel },
  { kind: 'WebSocket', open: webSocket },
];
