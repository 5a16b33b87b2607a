import { wireKey, type WireBytes } from '../../../shared/bytes.ts';
import type { KeyMeta } from '../../../shared/contract/keys.ts';

/** Type and expiry of a key as last read. */
export interface KnownMeta {
  readonly type: string;
  /** Unix ms at which it expires; `null` = no expiry. */
  readonly expiresAt: number | null;
  readonly readAt: number;
}

interface Options {
  fetch: (names: WireBytes[]) => Promise<KeyMeta[]>;
  now: () => number;
  /** Waits for scrolling to rest, so that rows that fly by cost nothing. */
  restMs?: number;
  /** Entries in view are read again when older. */
  maxAgeMs?: number;
}

const maxEntries = 5000;
/** The contract takes at most 500 names. */
const perCall = 200;

/** Type and expiry of the keys in view: asked in batches, remembered, read again while in view. */
export class MetaCache {
  private readonly fetch: Options['fetch'];
  private readonly now: Options['now'];
  private readonly restMs: number;
  private readonly maxAgeMs: number;
  private readonly entries = new Map<string, KnownMeta>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private wanted: readonly WireBytes[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private busy = false;

  constructor({ fetch, now, restMs = 60, maxAgeMs = 10_000 }: Options) {
    this.fetch = fetch;
    this.now = now;
    this.restMs = restMs;
    this.maxAgeMs = maxAgeMs;
  }

  get(name: WireBytes): KnownMeta | undefined {
    return this.entries.get(wireKey(name));
  }

  subscribe(name: WireBytes, listener: () => void): () => void {
    const key = wireKey(name);
    const set = this.listeners.get(key) ?? new Set();
    set.add(listener);
    this.listeners.set(key, set);
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.listeners.get(key) === set) this.listeners.delete(key);
    };
  }

  /** The keys in view now; replaces what was wanted before. */
  want(names: readonly WireBytes[]): void {
    this.wanted = names;
    this.schedule(this.restMs);
  }

  /** Something better known (an inspection, an expiry that was seen). */
  put(name: WireBytes, meta: KnownMeta): void {
    const key = wireKey(name);
    this.entries.delete(key);
    this.entries.set(key, meta);
    if (this.entries.size > maxEntries) this.entries.delete(this.entries.keys().next().value as string);
    for (const listener of this.listeners.get(key) ?? []) listener();
  }

  /** Nothing is in view any more. */
  close(): void {
    this.wanted = [];
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private schedule(delay: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.load();
    }, delay);
  }

  private stale(name: WireBytes): boolean {
    const known = this.get(name);
    const now = this.now();
    if (!known || now - known.readAt >= this.maxAgeMs) return true;
    // An expiry that has passed since the reading: ask whether the key is gone or was written anew.
    return known.type !== 'none' && known.expiresAt !== null && known.expiresAt <= now && known.readAt <= known.expiresAt;
  }

  private async load(): Promise<void> {
    if (this.busy) return;
    const names = this.wanted.filter((name) => this.stale(name)).slice(0, perCall);
    if (names.length > 0) {
      this.busy = true;
      try {
        const found = await this.fetch(names);
        const readAt = this.now();
        for (const meta of found) {
          this.put(meta.name, { type: meta.type, expiresAt: meta.ttlMs === null ? null : readAt + meta.ttlMs, readAt });
        }
      } catch {
        // Badges stay as they were; the connection's own state says what is wrong, and the next round asks again.
      } finally {
        this.busy = false;
      }
    }
    if (this.wanted.length > 0) this.schedule(names.length === perCall ? this.restMs : 1000);
  }
}
