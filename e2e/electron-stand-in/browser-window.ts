import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Frame, Page, Request as PlaywrightRequest, Route } from '@playwright/test';
import { app, Preventable } from './app.ts';
import { ipcMain, type StandInPort } from './message-ports.ts';
import { bridgePage, type PageBridge } from './page-bridge.ts';
import { recorded } from './services.ts';

/** Chromium knows no `app://`: it sees this origin, the app's code sees its own. */
const shownOrigin = 'https://lookaside.test';
const appOrigin = 'app://lookaside';
const toShown = (url: string): string => (url.startsWith(appOrigin) ? shownOrigin + url.slice(appOrigin.length) : url);
const toApp = (url: string): string => (url.startsWith(shownOrigin) ? appOrigin + url.slice(shownOrigin.length) : url);

interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}
interface WindowOptions extends Partial<Rectangle> {
  title?: string;
  show?: boolean;
  webPreferences: { preload: string } & Record<string, unknown>;
}

let nextId = 1;

class StandInFrame {
  readonly parent = null;
  readonly processId = 1;
  readonly routingId: number;
  private readonly contents: StandInContents;
  constructor(contents: StandInContents) {
    this.contents = contents;
    this.routingId = contents.id;
  }
  get url(): string {
    return this.contents.getURL();
  }
  postMessage(channel: string, value: unknown, transfer: StandInPort[] = []): void {
    this.contents.bridge?.post(channel, value, transfer);
  }
}

/** The frame that navigates; `null` for a new window, whose frame is not there yet. */
function frameOf(request: PlaywrightRequest): Frame | null {
  try {
    return request.frame();
  } catch {
    return null;
  }
}

export class StandInContents extends EventEmitter {
  readonly id = nextId++;
  readonly mainFrame = new StandInFrame(this);
  page: Page | null = null;
  bridge: PageBridge | null = null;
  /** A load that the main process began: `will-navigate` is for the page's own only. */
  loading = false;
  private openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });

  getURL(): string {
    return toApp(this.page?.url() ?? '');
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }

  async open(preload: string): Promise<Page> {
    if (app.browser === null) throw new Error('The app is not ready');
    const context = await app.browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    this.page = page;
    await context.route('**/*', (route) => this.answer(route).catch(() => undefined));
    context.on('page', (popup) => {
      if (popup !== page) void popup.close();
    });
    this.bridge = await bridgePage(page, preload, (channel, values) => {
      ipcMain.emit(channel, { sender: this, senderFrame: this.mainFrame }, ...values);
    });
    return page;
  }

  private forbids(url: string, isMainFrame: boolean): boolean {
    const details = () => Object.assign(new Preventable(), { url, isMainFrame });
    const events = [...(isMainFrame ? (['will-navigate'] as const) : []), 'will-frame-navigate'] as const;
    return events.some((name) => {
      const event = details();
      this.emit(name, event, url);
      return event.defaultPrevented;
    });
  }

  private async answer(route: Route): Promise<void> {
    const request = route.request();
    const url = toApp(request.url());
    if (request.isNavigationRequest()) {
      const frame = frameOf(request);
      if (frame?.page() !== this.page || frame === null || this.page === null) {
        if (this.openHandler({ url }).action === 'deny') return route.abort('aborted');
      } else {
        const isMainFrame = frame === this.page.mainFrame();
        const begun = this.loading && isMainFrame;
        this.loading = false;
        if (!begun && this.forbids(url, isMainFrame)) return route.abort('aborted');
        this.emit('did-start-navigation', { url, isMainFrame, isSameDocument: false });
      }
    }
    const handler = recorded.handlers.get(new URL(url).protocol.slice(0, -1));
    // The network belongs to nobody here: what no handler serves fails.
    if (!handler) return route.abort('failed');
    const response = await handler(new Request(url, { method: request.method() }));
    return route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body: Buffer.from(await response.arrayBuffer()) });
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly all: BrowserWindow[] = [];
  readonly webContents = new StandInContents();
  readonly options: WindowOptions;
  readonly seen = { shown: 0, focused: 0 };
  title: string;
  private bounds: Rectangle;
  private maximized = false;
  private destroyed = false;

  constructor(options: WindowOptions) {
    super();
    this.options = options;
    this.title = options.title ?? '';
    this.bounds = { x: options.x ?? 100, y: options.y ?? 100, width: options.width ?? 800, height: options.height ?? 600 };
    BrowserWindow.all.push(this);
    app.windows.add(this);
    app.emit('web-contents-created', {}, this.webContents);
  }

  async loadURL(url: string): Promise<void> {
    const page = await this.webContents.open(readFileSync(this.options.webPreferences.preload, 'utf8'));
    page.on('load', () => {
      this.readTitle(page).catch(() => undefined);
    });
    this.webContents.loading = true;
    await page.goto(toShown(url));
    this.emit('ready-to-show');
  }

  private async readTitle(page: Page): Promise<void> {
    const title = await page.title();
    const event = new Preventable();
    this.emit('page-title-updated', event, title);
    if (!event.defaultPrevented) this.title = title;
  }

  reload(): void {
    this.webContents.loading = true;
    this.webContents.page?.reload().catch(() => undefined);
  }
  getNormalBounds(): Rectangle {
    return this.bounds;
  }
  setBounds(bounds: Rectangle): void {
    this.bounds = bounds;
    this.emit('resize');
    this.emit('move');
  }
  isMaximized(): boolean {
    return this.maximized;
  }
  maximize(): void {
    this.maximized = true;
    this.emit('resize');
  }
  isMinimized(): boolean {
    return false;
  }
  restore(): void {}
  show(): void {
    this.seen.shown += 1;
  }
  focus(): void {
    this.seen.focused += 1;
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  close(): void {
    if (this.destroyed) return;
    const event = new Preventable();
    this.emit('close', event);
    if (event.defaultPrevented) return;
    this.destroyed = true;
    app.windows.delete(this);
    this.webContents.emit('destroyed');
    // When the app ends, the browser may be gone before its page.
    this.webContents.page?.context().close().catch(() => undefined);
    this.emit('closed');
    if (app.windows.size === 0) app.emit('window-all-closed');
  }
}
