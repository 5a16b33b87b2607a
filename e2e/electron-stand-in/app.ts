import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from '@playwright/test';
import { chromiumLaunch } from '../fixtures/chromium.ts';

/** An event of Electron's whose listener may forbid what is about to happen. */
export class Preventable {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

interface Closable {
  close(): void;
  isDestroyed(): boolean;
}

const secondStartPollMs = 50;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

class StandInApp extends EventEmitter {
  readonly isPackaged = false;
  readonly windows = new Set<Closable>();
  sandboxEnabledBeforeReady = false;
  readonly commandLine = { removeSwitch: () => undefined };
  browser: Browser | null = null;
  private ready = false;
  private userData = '';
  private timer: NodeJS.Timeout | undefined;

  enableSandbox(): void {
    this.sandboxEnabledBeforeReady = !this.ready;
  }

  setPath(name: string, path: string): void {
    if (name === 'userData') this.userData = path;
  }

  requestSingleInstanceLock(): boolean {
    mkdirSync(this.userData, { recursive: true });
    const lock = join(this.userData, 'stand-in-lock');
    const second = join(this.userData, 'stand-in-second');
    if (existsSync(lock) && isAlive(Number(readFileSync(lock, 'utf8')))) {
      writeFileSync(second, '');
      return false;
    }
    writeFileSync(lock, String(process.pid));
    this.timer = setInterval(() => {
      if (!existsSync(second)) return;
      rmSync(second);
      this.emit('second-instance', {}, [], '', null);
    }, secondStartPollMs);
    this.timer.unref();
    return true;
  }

  async whenReady(): Promise<void> {
    this.browser ??= await chromium.launch({ ...chromiumLaunch(), headless: true, handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false });
    this.ready = true;
  }

  /** As Electron does: every window may refuse; `will-quit` may wait; only then the process ends. */
  quit(): void {
    this.emit('before-quit', new Preventable());
    for (const window of this.windows) window.close();
    if (this.windows.size > 0) return;
    const event = new Preventable();
    this.emit('will-quit', event);
    if (!event.defaultPrevented) this.exit(0);
  }

  exit(code: number): void {
    clearInterval(this.timer);
    const closing = this.browser?.close() ?? Promise.resolve();
    void closing.finally(() => process.exit(code));
  }
}

export const app = new StandInApp();
