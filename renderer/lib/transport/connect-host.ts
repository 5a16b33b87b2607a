import { createORPCClient } from '@orpc/client';
import type { HostClient } from '../../../shared/contract/contract.ts';
import type { MenuCommand } from '../../../shared/menu-commands.ts';
import { openElectronPort } from './electron-port.ts';
import { createTranslatingLink, type HostTransport } from './host-transport.ts';
import { openWebSocket } from './web-socket.ts';

/** `session-ended`: the address that was opened is no longer valid (the command was started again); only a new address helps. */
export type HostLinkState =
  | { readonly kind: 'connected' }
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly nextAttemptAt: number }
  | { readonly kind: 'session-ended' };

export interface HostConnection {
  readonly face: 'electron' | 'browser';
  /** One client for the page's whole life; calls reject with HOST_UNREACHABLE while the link is down. */
  readonly client: HostClient;
  /** The same object until the state changes, so that it suits `useSyncExternalStore`. */
  state(): HostLinkState;
  /** Each returns what ends the subscription. */
  onState(listener: () => void): () => void;
  onMenuCommand(listener: (command: MenuCommand) => void): () => void;
  onDisconnect(listener: () => void): () => void;
  /** Tries now instead of at the next back-off. */
  reconnect(): void;
}

const firstDelayMs = 250;
const longestDelayMs = 5_000;

/** How a face opens its transport, and how to learn that opening can never work again. */
export interface TransportSource {
  readonly face: 'electron' | 'browser';
  open(): Promise<HostTransport>;
  sessionEnded(): Promise<boolean>;
}

function subscribable<T extends (...values: never[]) => void>(): { add: (listener: T) => () => void; all: Set<T> } {
  const all = new Set<T>();
  return {
    all,
    add: (listener) => {
      all.add(listener);
      return () => all.delete(listener);
    },
  };
}

/** Keeps one client over transports that come and go. Resolves when the first attempt has ended, either way. */
export async function keepConnected(source: TransportSource): Promise<HostConnection> {
  const stateListeners = subscribable<() => void>();
  const disconnectListeners = subscribable<() => void>();
  const menuListeners = subscribable<(command: MenuCommand) => void>();
  let transport: HostTransport | null = null;
  let state: HostLinkState = { kind: 'reconnecting', attempt: 0, nextAttemptAt: Date.now() };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let opening = false;

  const setState = (next: HostLinkState) => {
    state = next;
    for (const listener of stateListeners.all) listener();
  };
  const retryLater = (attempt: number) => {
    // Full jitter above a floor: many windows of one host do not come back at the same moment.
    const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt, 10));
    const delay = firstDelayMs + Math.random() * (ceiling - firstDelayMs);
    setState({ kind: 'reconnecting', attempt, nextAttemptAt: Date.now() + delay });
    timer = setTimeout(() => void attemptToOpen(attempt + 1), delay);
  };
  const attemptToOpen = async (attempt: number): Promise<void> => {
    if (opening) return;
    opening = true;
    clearTimeout(timer);
    try {
      const opened = await source.open();
      transport = opened;
      opened.onMenuCommand((command) => {
        for (const listener of menuListeners.all) listener(command);
      });
      opened.onClose(() => {
        if (transport !== opened) return;
        transport = null;
        retryLater(0);
        for (const listener of disconnectListeners.all) listener();
      });
      setState({ kind: 'connected' });
    } catch {
      // Why it failed is not told to pages; what matters is whether trying again makes sense.
      if (await source.sessionEnded()) setState({ kind: 'session-ended' });
      else retryLater(attempt);
    } finally {
      opening = false;
    }
  };

  await attemptToOpen(0);
  return {
    face: source.face,
    client: createORPCClient<HostClient>(createTranslatingLink(() => transport)),
    state: () => state,
    onState: stateListeners.add,
    onMenuCommand: menuListeners.add,
    onDisconnect: disconnectListeners.add,
    reconnect: () => {
      if (state.kind === 'reconnecting') void attemptToOpen(state.attempt + 1);
    },
  };
}

function browserSource(): TransportSource {
  const { protocol, host } = window.location;
  return {
    face: 'browser',
    open: () => openWebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/host`),
    sessionEnded: async () => {
      try {
        return (await fetch('/', { method: 'HEAD' })).status === 401;
      } catch {
        return false;
      }
    },
  };
}

function electronSource(): TransportSource {
  return { face: 'electron', open: openElectronPort, sessionEnded: async () => false };
}

/** Connects the page to its host, whichever face delivered it. The face says which it is in a meta element. */
export function connectHost(): Promise<HostConnection> {
  const face = document.querySelector('meta[name="lookaside-face"]')?.getAttribute('content');
  const connecting = keepConnected(face === 'electron' ? electronSource() : browserSource());
  void connecting.then((connection) => {
    window.addEventListener('online', () => connection.reconnect());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') connection.reconnect();
    });
  });
  return connecting;
}
