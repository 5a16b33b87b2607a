import { detectDelimiters } from '../../../../shared/redis/detect-delimiters.ts';
import type { KeyStore } from './key-store.ts';

/** Names that are looked at, and how much of each. */
const sampledNames = 2000;
const sampledBytes = 256;

/** Delimiters that the names of a store suggest; looked at anew when there are twice as many. */
export class DelimiterHints {
  #from = 0.5;
  #found: string[] = [];

  of(store: KeyStore): string[] {
    if (store.count < this.#from * 2) return this.#found;
    const step = Math.max(1, Math.floor(store.count / sampledNames));
    const names: Uint8Array[] = [];
    for (let key = 0; key < store.count; key += step) if (store.isAlive(key)) names.push(store.nameOf(key).subarray(0, sampledBytes));
    this.#from = Math.max(1, store.count);
    this.#found = detectDelimiters(names);
    return this.#found;
  }
}
