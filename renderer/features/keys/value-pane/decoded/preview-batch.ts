import { wireKey, type WireBytes } from '../../../../../shared/bytes.ts';
import type { HostClient } from '../../../../../shared/contract/contract.ts';

export type Preview = Awaited<ReturnType<HostClient['decode']['previews']>>[number];

const waitMs = 30;
const perCall = 100;
const kept = 2000;

/**
 * Collects the values of the cells in view and asks for all of them together. What was asked is remembered by its bytes,
 * so that scrolling back asks nothing.
 */
export class PreviewBatch {
  readonly #ask: (values: WireBytes[]) => Promise<Preview[]>;
  readonly #known = new Map<string, Preview>();
  readonly #listeners = new Set<() => void>();
  #waiting = new Map<string, WireBytes>();
  #scheduled = false;

  constructor(ask: (values: WireBytes[]) => Promise<Preview[]>) {
    this.#ask = ask;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** `undefined` while it is not known. */
  read(value: WireBytes): Preview | undefined {
    return this.#known.get(wireKey(value));
  }

  want(value: WireBytes): void {
    const key = wireKey(value);
    if (this.#known.has(key)) return;
    this.#waiting.set(key, value);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => void this.#send(), waitMs);
  }

  async #send(): Promise<void> {
    this.#scheduled = false;
    const all = [...this.#waiting];
    this.#waiting = new Map();
    for (let at = 0; at < all.length; at += perCall) {
      const part = all.slice(at, at + perCall);
      try {
        const previews = await this.#ask(part.map(([, value]) => value));
        for (const [index, [key]] of part.entries()) this.#known.set(key, previews[index] ?? null);
      } catch {
        // A cell without a preview shows its bytes; opening the element says what is wrong.
        for (const [key] of part) this.#known.set(key, null);
      }
    }
    for (const key of [...this.#known.keys()].slice(0, Math.max(0, this.#known.size - kept))) this.#known.delete(key);
    for (const listener of this.#listeners) listener();
  }
}
