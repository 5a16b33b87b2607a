import { ipcRenderer } from 'electron';
import * as v from 'valibot';
import { handOffChannel, handOffRequest, portsChannel } from '../../shared/hand-off.ts';

/** The little of the page's window that is used here; the rest of the DOM stays out of this program. */
interface PageWindow {
  location: { origin: string };
  addEventListener(type: 'message', listener: (event: { source: unknown; origin: string; data: unknown }) => void): void;
  postMessage(message: unknown, targetOrigin: string, transfer: readonly unknown[]): void;
}
declare const window: PageWindow;

// The page asks with a nonce of its own; the ports come back with it. Nothing is exposed to the page but those ports.
window.addEventListener('message', (event) => {
  if (event.source !== window || event.origin !== window.location.origin) return;
  const request = v.safeParse(handOffRequest, event.data);
  if (request.success) ipcRenderer.send(handOffChannel, request.output.nonce);
});

ipcRenderer.on(portsChannel, (event, nonce: unknown) => {
  window.postMessage({ lookaside: 'ports', nonce }, window.location.origin, event.ports);
});
