import { onMessagePortClose, onMessagePortMessage, postMessagePortMessage, type SupportedMessagePort } from '@orpc/client/message-port';
import { WebSocket } from 'ws';
import type { HostRouter } from './router.ts';
import { servePeer, type ServeOptions } from './serve-peer.ts';

/** Electron's MessagePortMain, a Node or a DOM MessagePort. */
export type HostPort = SupportedMessagePort & { start?: () => void; close?: () => void };

/**
 * Carries the contract over a message port. Returns the end of it: calls under way are aborted, the port is closed.
 * The other side's closing does the same. A malformed frame closes the port.
 */
export function servePort(router: HostRouter, port: HostPort, options: ServeOptions): () => void {
  const peer = servePeer(router, (frame) => postMessagePortMessage(port, frame), options);
  const end = (): void => {
    peer.close();
    port.close?.();
  };
  onMessagePortMessage(port, (data) => {
    if (peer.receive(data)) return;
    options.report(new Error('Malformed frame on a message port'));
    end();
  });
  onMessagePortClose(port, () => peer.close());
  port.start?.();
  return end;
}

/** RFC 6455: the endpoint received data that does not fit the type of the message. */
const closeInvalidPayload = 1007;
const closeGoingAway = 1001;

/**
 * Carries the contract over a WebSocket that the face has already let in (host, origin and cookie are checked there).
 * Frames wait for the socket to take them, so a client that does not read stops its own streams and nothing else.
 */
export function serveSocket(router: HostRouter, socket: WebSocket, options: ServeOptions): () => void {
  const peer = servePeer(
    router,
    (frame) =>
      new Promise((resolve) => {
        if (socket.readyState !== WebSocket.OPEN) resolve();
        // A frame that could not be sent means that the client is gone, which the close event tells.
        else socket.send(frame, () => resolve());
      }),
    options,
  );
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isBinary && peer.receive(data.toString('utf8'))) return;
    socket.close(closeInvalidPayload, 'Malformed frame');
    peer.close();
  });
  socket.on('close', () => peer.close());
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // A client that vanishes is no fault; one that breaks the protocol is worth a line in the log.
    if (error.code?.startsWith('WS_ERR') === true) options.report(error);
    socket.terminate();
  });
  return () => {
    peer.close();
    socket.close(closeGoingAway);
  };
}
