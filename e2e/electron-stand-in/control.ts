import { app } from './app.ts';
import { BrowserWindow } from './browser-window.ts';
import { ipcMain } from './message-ports.ts';
import { recorded } from './services.ts';

function window(): BrowserWindow {
  const last = BrowserWindow.all.at(-1);
  if (!last) throw new Error('No window is open');
  return last;
}

function clickMenu(id: string): void {
  const find = (items: typeof recorded.menu): boolean =>
    items.some((item) => {
      if (item.id === id) item.click?.();
      return item.id === id || find(item.submenu ?? []);
    });
  if (!find(recorded.menu)) throw new Error(`No menu item ${id}`);
}

/** What a spec can do from outside. The same process holds the real main code; nothing here reaches into it. */
export const operations = {
  /** Runs an expression in the window's page. */
  evaluate: async (expression: string): Promise<unknown> => window().webContents.page?.evaluate(expression),
  windowState: async () => ({
    windows: app.windows.size,
    title: window().title,
    bounds: window().getNormalBounds(),
    seen: window().seen,
    url: window().webContents.getURL(),
    webPreferences: window().options.webPreferences,
    sandboxEnabledBeforeReady: app.sandboxEnabledBeforeReady,
  }),
  setBounds: async (bounds: { x: number; y: number; width: number; height: number }) => window().setBounds(bounds),
  closeWindow: async () => window().close(),
  /** Ends the page's process, as a crash does, and reports it as Electron would. */
  crash: async () => void window().webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 }),
  recorded: async () => ({ schemes: recorded.schemes, opened: recorded.opened, dialogs: recorded.dialogs }),
  answerDialogsWith: async (button: number) => void (recorded.dialogAnswer = button),
  menu: async (id: string) => clickMenu(id),
  requestPermission: async (permission: string): Promise<boolean> =>
    new Promise((resolve) => {
      recorded.requestHandler?.(window().webContents, permission, resolve);
    }),
  checkPermission: async (permission: string, origin: string) => recorded.checkHandler?.(null, permission, origin),
  /** Asks for ports as another frame would; resolves to how many the main process handed over. */
  askForPortsAs: async (frame: { url: string; child: boolean; sender: 'window' | 'stranger' }): Promise<number> => {
    let handed = 0;
    const main = window().webContents.mainFrame;
    const sender = frame.sender === 'window' ? window().webContents : { id: 9999, mainFrame: main };
    const senderFrame = {
      url: frame.url,
      parent: frame.child ? main : null,
      processId: main.processId,
      routingId: frame.child ? 4242 : main.routingId,
      postMessage: (_channel: string, _value: unknown, ports: unknown[]) => void (handed += ports.length),
    };
    ipcMain.emit('lookaside:hand-off', { sender, senderFrame }, 'a-nonce-of-the-right-form');
    return handed;
  },
} as const;

export type Operations = typeof operations;

/** Answers `{ id, name, values }` from the parent process with `{ id, result }` or `{ id, error }`. */
export function listenForControl(): void {
  process.on('message', (message: { id: number; name: keyof Operations; values: unknown[] }) => {
    const run = operations[message.name] as (...values: unknown[]) => Promise<unknown>;
    run(...message.values).then(
      (result) => process.send?.({ id: message.id, result }),
      (error: unknown) => process.send?.({ id: message.id, error: String(error) }),
    );
  });
  process.channel?.unref();
}
