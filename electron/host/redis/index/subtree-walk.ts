import type { KeyStore } from './key-store.ts';
import type { ViewLayout } from './view-layout.ts';

interface Level {
  folders: Uint32Array;
  keys: Uint32Array;
  cuts: Uint32Array | null;
  nextFolder: number;
  nextKey: number;
}

/**
 * All keys below a folder that pass a view's filter, in the order of its list. It may take long: what the index
 * gains or loses meanwhile disturbs nothing. Keys that came to a folder after the walk entered it are left out, keys
 * that are gone by their turn too.
 */
export class SubtreeWalk {
  readonly #layout: ViewLayout;
  readonly #store: KeyStore;
  readonly #levels: Level[] = [];

  /** `layout` must be one in `list` mode. */
  constructor(layout: ViewLayout, store: KeyStore, folder: number) {
    this.#layout = layout;
    this.#store = store;
    this.#enter(folder);
  }

  /** The next key's id, or `null` at the end. The layout must be refreshed after changes, before this. */
  next(): number | null {
    for (;;) {
      const level = this.#levels.at(-1);
      if (level === undefined) return null;
      if (level.nextFolder < level.folders.length && level.nextKey >= (level.cuts?.[level.nextFolder] ?? 0)) {
        const folder = level.folders[level.nextFolder] as number;
        level.nextFolder += 1;
        this.#enter(folder);
      } else if (level.nextKey < level.keys.length) {
        const key = level.keys[level.nextKey] as number;
        level.nextKey += 1;
        if (this.#store.isAlive(key)) return key;
      } else {
        this.#levels.pop();
      }
    }
  }

  #enter(folder: number): void {
    const { folders, keys, cuts } = this.#layout.children(folder);
    this.#levels.push({
      folders: folders.ids.slice(0, folders.count),
      keys: keys.ids.slice(0, keys.count),
      cuts: cuts === null ? null : cuts.slice(),
      nextFolder: 0,
      nextKey: 0,
    });
  }
}
