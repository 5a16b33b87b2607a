import { ipcMain, MessageChannelMain, type IpcMainEvent, type MessagePortMain, type WebContents } from 'electron';
import * as v from 'valibot';
import type { HostRouter } from '../host/router.ts';
import { servePort } from '../host/serve-port.ts';
import { handOffChannel, handOffNonce, portsChannel } from '../../shared/hand-off.ts';
import type { MenuCommand } from '../../shared/menu-commands.ts';
import { isAppUrl } from './app-origin.ts';

interface Pair {
  menu: MessagePortMain;
  close(): void;
}

/** The one thing that main and page say to each other outside the ports. */
export interface PortDesk {
  /** Lets the window's page ask for ports; they end with its page and with the window. */
  register(contents: WebContents): void;
  /** Sends a menu command to the page of a window, if it listens. */
  command(contents: WebContents, command: MenuCommand): void;
  close(): void;
}

/** Registered window, its main frame, our origin by parsed URL: all three, or the message is not ours. */
function isTrusted(event: IpcMainEvent, registered: ReadonlyMap<number, Pair | null>): boolean {
  const frame = event.senderFrame;
  if (frame === null || !registered.has(event.sender.id)) return false;
  const main = event.sender.mainFrame;
  return frame.parent === null && frame.processId === main.processId && frame.routingId === main.routingId && isAppUrl(frame.url);
}

/** Hands each page that proves to be ours a pair of ports: the host's contract and the menu's commands. */
export function openPortDesk(router: HostRouter, report: (error: unknown) => void): PortDesk {
  const pairs = new Map<number, Pair | null>();
  const end = (id: number): void => {
    pairs.get(id)?.close();
    if (pairs.has(id)) pairs.set(id, null);
  };

  const handOver = (event: IpcMainEvent, nonce: unknown): void => {
    const asked = v.safeParse(handOffNonce, nonce);
    if (!asked.success || !isTrusted(event, pairs)) {
      report(new Error('A request for ports was refused: its sender is not the page of a window of this app'));
      return;
    }
    end(event.sender.id);
    const host = new MessageChannelMain();
    const menu = new MessageChannelMain();
    const endHost = servePort(router, host.port1, { report });
    pairs.set(event.sender.id, {
      menu: menu.port1,
      close: () => {
        endHost();
        menu.port1.close();
      },
    });
    event.senderFrame?.postMessage(portsChannel, asked.output, [host.port2, menu.port2]);
  };
  ipcMain.on(handOffChannel, handOver);

  return {
    register: (contents) => {
      const { id } = contents;
      pairs.set(id, null);
      contents.on('did-start-navigation', (details) => {
        if (details.isMainFrame && !details.isSameDocument) end(id);
      });
      contents.on('render-process-gone', () => end(id));
      contents.on('destroyed', () => {
        end(id);
        pairs.delete(id);
      });
    },
    command: (contents, command) => pairs.get(contents.id)?.menu.postMessage({ command }),
    close: () => {
      ipcMain.removeListener(handOffChannel, handOver);
      for (const id of pairs.keys()) end(id);
    },
  };
}
