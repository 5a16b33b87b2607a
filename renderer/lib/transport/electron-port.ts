import { RPCLink } from '@orpc/client/message-port';
import * as v from 'valibot';
import { handOffReply } from '../../../shared/hand-off.ts';
import { menuMessage, type MenuCommand } from '../../../shared/menu-commands.ts';
import { transportError, type HostTransport } from './host-transport.ts';

const handOffTimeoutMs = 10_000;

/** Asks the preload for the ports and waits for the answer that carries this request's nonce. */
function requestPorts(): Promise<readonly MessagePort[]> {
  const nonce = crypto.randomUUID();
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(tooLate);
      window.removeEventListener('message', listen);
    };
    const listen = (event: MessageEvent<unknown>) => {
      if (event.source !== window || event.origin !== window.location.origin) return;
      const reply = v.safeParse(handOffReply, event.data);
      if (!reply.success || reply.output.nonce !== nonce) return;
      stop();
      resolve(event.ports);
    };
    const tooLate = setTimeout(() => {
      stop();
      reject(transportError('HOST_UNREACHABLE', 'Lookaside does not answer'));
    }, handOffTimeoutMs);
    window.addEventListener('message', listen);
    window.postMessage({ lookaside: 'hand-off', nonce }, window.location.origin);
  });
}

/**
 * Opens the desktop app's port.
 * @throws HOST_UNREACHABLE when the main process does not hand one over within 10 s
 */
export async function openElectronPort(): Promise<HostTransport> {
  const [hostPort, menuPort] = await requestPorts();
  if (!hostPort || !menuPort) throw transportError('HOST_UNREACHABLE', 'Lookaside handed over no port');
  let open = true;
  const closeListeners = new Set<() => void>();
  const menuListeners = new Set<(command: MenuCommand) => void>();
  hostPort.addEventListener('close', () => {
    open = false;
    for (const listener of closeListeners) listener();
  });
  menuPort.addEventListener('message', (event: MessageEvent<unknown>) => {
    const message = v.safeParse(menuMessage, event.data);
    if (message.success) for (const listener of menuListeners) listener(message.output.command);
  });
  const link = new RPCLink({ port: hostPort });
  hostPort.start();
  menuPort.start();
  return {
    link,
    isOpen: () => open,
    onClose: (listener) => closeListeners.add(listener),
    onMenuCommand: (listener) => menuListeners.add(listener),
    close: () => {
      hostPort.close();
      menuPort.close();
    },
  };
}
