import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type { PortBridge, StandInPort } from './message-ports.ts';

const inPage = readFileSync(new URL('./in-page.js', import.meta.url), 'utf8');

export interface PageBridge {
  /** Sends a message with ports to the preload, as `webFrameMain.postMessage` does. */
  post(channel: string, value: unknown, transfer: StandInPort[]): void;
}

/** Joins a page to the stand-in: `onSend` gets what the preload sends. */
export async function bridgePage(page: Page, preload: string, onSend: (channel: string, values: unknown[]) => void): Promise<PageBridge> {
  const ports = new Map<number, StandInPort>();
  let nextId = 1;
  let queue: Promise<unknown> = Promise.resolve();
  const inOrder = (work: () => Promise<unknown>): void => {
    // A page that has gone takes its ports along; there is nobody to deliver to.
    queue = queue.then(work).catch(() => undefined);
  };
  const call = (name: string, values: unknown[]): void =>
    inOrder(() => page.evaluate(([method, given]) => (window as unknown as Record<string, (...all: unknown[]) => void>)[method]?.(...given), [name, values] as const));

  await page.exposeFunction('standInSend', onSend);
  await page.exposeFunction('standInPort', (id: number, data: unknown) => ports.get(id)?.postMessage(data));
  await page.addInitScript({ content: inPage.replace('// PRELOAD', () => preload) });

  const lend = (port: StandInPort): number => {
    const id = nextId++;
    ports.set(id, port);
    const bridge: PortBridge = { deliver: (data) => call('standInPost', [id, data]), end: () => call('standInClose', [id]) };
    port.bridge = bridge;
    return id;
  };
  return { post: (channel, value, transfer) => call('standInDeliver', [channel, [value], transfer.map(lend)]) };
}
