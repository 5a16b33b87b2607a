import type { Problem } from '../../../../../shared/contract/errors.ts';
import { toProblem } from '../../../../lib/to-problem.ts';

/** Bytes read at a time. */
export const windowBytes = 65_536;
/** Windows held: 4 MiB. */
const maxWindows = 64;
const maxFlights = 2;

export interface FetchedWindow {
  bytes: Uint8Array;
  /** Length of the whole value when it was read. */
  total: number;
}

/**
 * The windows of one large value that are in view or were lately. What is asked for last is read first; windows that
 * went out of view before their turn are not read.
 */
export class ByteWindows {
  /** Length of the value, as the last reading told. */
  total: number;
  /** Whether the length changed since this was made. */
  changed = false;
  problem: Problem | null = null;
  version = 0;
  readonly #fetch: (from: number, bytes: number, signal: AbortSignal) => Promise<FetchedWindow>;
  #held = new Map<number, Uint8Array>();
  /** What was there before a refresh, shown until it is read again. */
  #stale = new Map<number, Uint8Array>();
  readonly #flying = new Set<number>();
  readonly #over = new AbortController();
  readonly #listeners = new Set<() => void>();
  #wanted: number[] = [];

  constructor(total: number, fetch: (from: number, bytes: number, signal: AbortSignal) => Promise<FetchedWindow>) {
    this.total = total;
    this.#fetch = fetch;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Bytes `from` to `to`, exclusive; `null` while they are not all here. */
  slice(from: number, to: number): Uint8Array | null {
    const end = Math.min(to, this.total);
    if (from >= end) return new Uint8Array();
    const first = Math.floor(from / windowBytes);
    const last = Math.floor((end - 1) / windowBytes);
    const parts: Uint8Array[] = [];
    for (let at = first; at <= last; at += 1) {
      const held = this.#held.get(at) ?? this.#stale.get(at);
      if (held === undefined) return null;
      parts.push(held.subarray(Math.max(0, from - at * windowBytes), end - at * windowBytes));
    }
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return only;
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  /** Says which bytes are in view. */
  want(from: number, to: number): void {
    const wanted = [];
    for (let at = Math.floor(from / windowBytes); at * windowBytes < Math.min(to, this.total); at += 1) wanted.push(at);
    this.#wanted = wanted;
    for (const at of wanted) this.#touch(at);
    this.#pump();
  }

  /** After a problem. */
  retry(): void {
    this.problem = null;
    this.#tell();
    this.#pump();
  }

  /** Reads what is in view again, of a value that has `total` bytes now. */
  refresh(total: number): void {
    this.#stale = this.#held;
    this.#held = new Map();
    this.total = total;
    this.changed = false;
    this.problem = null;
    this.#tell();
    this.#pump();
  }

  close(): void {
    this.#over.abort();
  }

  #touch(at: number): void {
    const held = this.#held.get(at);
    if (held === undefined) return;
    this.#held.delete(at);
    this.#held.set(at, held);
  }

  #tell(): void {
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }

  #pump(): void {
    if (this.problem !== null || this.#over.signal.aborted) return;
    for (const at of this.#wanted) {
      if (this.#flying.size >= maxFlights) return;
      if (!this.#held.has(at) && !this.#flying.has(at)) void this.#read(at);
    }
  }

  async #read(at: number): Promise<void> {
    this.#flying.add(at);
    const held = this.#held;
    try {
      const { bytes, total } = await this.#fetch(at * windowBytes, windowBytes, this.#over.signal);
      if (total !== this.total) {
        this.changed = true;
        this.total = total;
      }
      // What was under way at a refresh may be of before it.
      if (held !== this.#held) return;
      held.set(at, bytes);
      this.#stale.delete(at);
      for (const oldest of this.#held.keys()) {
        if (this.#held.size <= maxWindows) break;
        this.#held.delete(oldest);
      }
    } catch (error) {
      if (!this.#over.signal.aborted) this.problem = toProblem(error);
    } finally {
      this.#flying.delete(at);
      if (!this.#over.signal.aborted) {
        this.#tell();
        this.#pump();
      }
    }
  }
}
