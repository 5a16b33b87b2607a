import type { ViewLayout, Place } from './view-layout.ts';

/** Walks a view's rows from a place on. The view must not change meanwhile. */
export class RowWalk {
  readonly #layout: ViewLayout;
  readonly #isOpen: (folder: number) => boolean;
  readonly #places: Place[];
  kind: 'folder' | 'key' = 'key';
  id = 0;
  depth = 0;

  constructor(layout: ViewLayout, isOpen: (folder: number) => boolean, row: number) {
    this.#layout = layout;
    this.#isOpen = isOpen;
    this.#places = layout.locate(row);
  }

  /** Steps to the next row (the first one at first); false at the end. */
  next(): boolean {
    const places = this.#places;
    for (;;) {
      const place = places.at(-1);
      if (place === undefined) return false;
      const { folders, keys, cuts } = place.children;
      const depth = places.length - 1;
      if (place.nextFolder < folders.count && place.nextKey >= (cuts?.[place.nextFolder] ?? 0)) {
        const folder = folders.ids[place.nextFolder] as number;
        place.nextFolder += 1;
        if (this.#layout.mode === 'list' || this.#isOpen(folder)) {
          places.push({ folder, children: this.#layout.children(folder), nextFolder: 0, nextKey: 0 });
        }
        if (this.#layout.mode === 'list') continue;
        this.#found('folder', folder, depth);
        return true;
      }
      if (place.nextKey < keys.count) {
        this.#found('key', keys.ids[place.nextKey] as number, this.#layout.mode === 'list' ? 0 : depth);
        place.nextKey += 1;
        return true;
      }
      places.pop();
    }
  }

  #found(kind: 'folder' | 'key', id: number, depth: number): void {
    this.kind = kind;
    this.id = id;
    this.depth = depth;
  }
}
