import { createContext, useContext } from 'react';
import type { WireBytes } from '../../../shared/bytes.ts';
import type { MetaCache } from './meta-cache.ts';
import type { KeyIndex } from './use-key-index.ts';

/** What the right pane shows. */
export type Opened =
  | { readonly kind: 'key'; readonly name: WireBytes }
  /** All keys below a prefix, its closing delimiter included. */
  | { readonly kind: 'folder'; readonly prefix: WireBytes }
  /** All names of one make: `user:{id}:profile`. */
  | { readonly kind: 'template'; readonly template: WireBytes };

/** What every part of the screen works on. Its parts keep their identity until the place changes. */
export interface KeysPlace {
  readonly workspaceId: string;
  readonly db: number;
  readonly index: KeyIndex;
  readonly meta: MetaCache;
}

export const KeysContext = createContext<KeysPlace | null>(null);

export function useKeysPlace(): KeysPlace {
  const place = useContext(KeysContext);
  if (place === null) throw new Error('useKeysPlace is used outside of the keys screen');
  return place;
}
