import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocket } from 'ws';
import { LookasideError } from '../../shared/contract/errors.ts';
import type { Bundle } from '../page/bundle.ts';
import { loopbackAddress } from './own-address.ts';
import { createRequestHandler } from './request-handler.ts';
import { createSessions } from './sessions.ts';
import { createSocketGate } from './socket-gate.ts';

/** More than a page needs, few enough that a runaway client cannot take all descriptors. */
const maxConnections = 256;
const closeGraceMs = 500;

export interface WebFaceOptions {
  bundle: Bundle;
  /** Loopback only: `127.0.0.1`, `localhost` or `::1`. */
  listen?: string;
  /** 0 takes any free port. */
  port?: number;
  /** Ports under which a browser reaches us through a tunnel. */
  publicPorts?: readonly number[];
  /** A client that was let in. */
  onClient: (socket: WebSocket) => void;
  /** Ends by itself after this many minutes without a client; 0 never does. */
  idleExitMinutes?: number;
  onIdle?: () => void;
  report: (error: unknown) => void;
  /** How often a client must answer a ping. */
  pingEveryMs?: number;
}

export interface WebFace {
  port: number;
  /** A new address with a one-time token, as the browser must open it (through the tunnel, where one is named). */
  mintUrl(): string;
  close(): Promise<void>;
}

function bind(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        reject(new LookasideError('CONFLICT', `Port ${port} is in use`, { hint: 'Choose another with --port, or leave it out to take a free one.' }));
      } else if (error.code === 'EACCES') {
        reject(new LookasideError('INVALID_INPUT', `Port ${port} needs more rights than this user has`, { hint: 'Choose one above 1023.' }));
      } else reject(error);
    });
    server.listen({ host: address, port, exclusive: true }, () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Starts the loopback server of the browser face.
 * @throws INVALID_INPUT for an address that is not loopback, CONFLICT for a port in use
 */
export async function startWebFace(options: WebFaceOptions): Promise<WebFace> {
  const { address, urlHost } = loopbackAddress(options.listen ?? '127.0.0.1');
  const publicPorts = options.publicPorts ?? [];
  const ports = new Set(publicPorts);
  const sessions = createSessions();
  const gate = { sessions, ports: () => ports };
  const idleMs = (options.idleExitMinutes ?? 0) * 60_000;
  let idleTimer: NodeJS.Timeout | undefined;
  const watchIdle = (clients: number): void => {
    clearTimeout(idleTimer);
    if (idleMs > 0 && clients === 0) idleTimer = setTimeout(() => options.onIdle?.(), idleMs);
  };

  const server = createServer(createRequestHandler(options.bundle, gate, options.report));
  server.maxConnections = maxConnections;
  const sockets = createSocketGate({
    gate,
    onClient: options.onClient,
    onClientsChange: watchIdle,
    ...(options.pingEveryMs === undefined ? {} : { pingEveryMs: options.pingEveryMs }),
  });
  server.on('upgrade', sockets.upgrade);
  const port = await bind(server, address, options.port ?? 0);
  ports.add(port);
  server.on('error', options.report);
  watchIdle(0);
  const urlPort = publicPorts[0] ?? port;

  return {
    port,
    mintUrl: () => `http://${urlHost}${urlPort === 80 ? '' : `:${urlPort}`}/?token=${sessions.mintToken()}`,
    close: async () => {
      clearTimeout(idleTimer);
      sockets.close(false);
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeIdleConnections();
      const force = setTimeout(() => {
        sockets.close(true);
        server.closeAllConnections();
      }, closeGraceMs);
      await closed;
      clearTimeout(force);
    },
  };
}
