import { RPCLink } from '@orpc/client/websocket';
import { transportError, type HostTransport } from './host-transport.ts';

const openTimeoutMs = 10_000;

/**
 * Opens the browser face's socket.
 * @throws HOST_UNREACHABLE when it does not open within 10 s
 */
export function openWebSocket(url: string, create: (url: string) => WebSocket = (address) => new WebSocket(address)): Promise<HostTransport> {
  return new Promise((resolve, reject) => {
    const socket = create(url);
    let open = true;
    const closeListeners = new Set<() => void>();
    const tooLate = setTimeout(() => socket.close(), openTimeoutMs);
    // Registered before oRPC's own listener: when that one rejects the calls in flight, `isOpen` is already false.
    socket.addEventListener('close', () => {
      open = false;
      clearTimeout(tooLate);
      reject(transportError('HOST_UNREACHABLE', 'Lookaside does not answer'));
      for (const listener of closeListeners) listener();
    });
    const link = new RPCLink({ websocket: socket });
    socket.addEventListener('open', () => {
      clearTimeout(tooLate);
      resolve({
        link,
        isOpen: () => open,
        onClose: (listener) => closeListeners.add(listener),
        onMenuCommand: () => undefined,
        close: () => socket.close(),
      });
    });
  });
}
