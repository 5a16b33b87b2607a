import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { hasOwnOrigin, ownHost } from './own-address.ts';
import { commonHeaders } from './replies.ts';
import { hasSession, targetOf, type Gate } from './request-handler.ts';

export const socketPath = '/host';
const maxFrameBytes = 8 * 1024 * 1024;
const maxClients = 16;
const pingEveryMs = 20_000;
/** RFC 6455: the endpoint goes away. */
const goingAway = 1001;

const reasons: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [503, 'Service Unavailable'],
]);

function refuse(socket: Duplex, status: number, text: string): void {
  const body = `${text}\n`;
  const headers = { ...commonHeaders, 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${reasons.get(status) ?? 'Refused'}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}

export interface SocketGate {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Says goodbye to every client; with `force` without waiting for its answer. */
  close(force: boolean): void;
}

/** Lets WebSocket clients in: our Host, our Origin (never none), a session, a free place. Drops those that stop answering. */
export function createSocketGate(options: {
  gate: Gate;
  onClient: (socket: WebSocket) => void;
  onClientsChange: (clients: number) => void;
  pingEveryMs?: number;
}): SocketGate {
  const { gate } = options;
  const server = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false });
  const answered = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const client of server.clients) {
      if (!answered.delete(client)) client.terminate();
      else client.ping();
    }
  }, options.pingEveryMs ?? pingEveryMs);
  timer.unref();

  const refusal = (request: IncomingMessage): [status: number, text: string] | null => {
    const own = ownHost(request, gate.ports());
    if (own === null) return [403, 'Host not allowed'];
    if (!hasOwnOrigin(request, own)) return [403, 'Origin not allowed'];
    if (!hasSession(request, own, gate.sessions)) return [401, 'No session'];
    if (targetOf(request)?.path !== socketPath) return [404, 'Not found'];
    if (server.clients.size >= maxClients) return [503, 'Too many clients'];
    return null;
  };

  return {
    upgrade: (request, socket, head) => {
      // A peer that resets while it is being refused is no fault of ours, and has nobody to be told about it.
      socket.on('error', () => socket.destroy());
      const refused = refusal(request);
      if (refused !== null) {
        refuse(socket, ...refused);
        return;
      }
      server.handleUpgrade(request, socket, head, (client) => {
        answered.add(client);
        client.on('pong', () => answered.add(client));
        client.on('close', () => options.onClientsChange(server.clients.size));
        options.onClient(client);
        options.onClientsChange(server.clients.size);
      });
    },
    close: (force) => {
      clearInterval(timer);
      for (const client of server.clients) {
        if (force) client.terminate();
        else client.close(goingAway, 'Lookaside ends');
      }
    },
  };
}
