import { createContext, useContext } from 'react';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import type { Exactness } from '../../../shared/contract/keys.ts';
import type { ChangeStart } from './change/change-form.ts';

/** Keys to list: what they are in words, and the filter at the moment of asking. */
export interface KeysQuestion {
  title: string;
  /** Made when the list opens: ranges of time left depend on when that is. */
  filter: () => KeyFilter;
}

/** What every panel works on; keeps its identity until the place, or what is known of it, changes. */
export interface TtlPlace {
  readonly workspaceId: string;
  readonly workspaceName: string;
  readonly db: number;
  /** The connection refuses writes now. */
  readonly readOnly: boolean;
  /** `null` until the index answers. */
  readonly indexId: string | null;
  /** Changes when figures can have changed, at most every few seconds. */
  readonly stamp: string;
  /** Expiries are read or being read. */
  readonly hasTtl: boolean;
  readonly hasBytes: boolean;
  readonly hasType: boolean;
  /** The pass that reads them has ended. */
  readonly whole: boolean;
  readonly exactness: Exactness;
  /** The server's clock less this machine's, ms. */
  readonly clockSkewMs: number;
  readonly delimiters: readonly string[];
  readonly openKeys: (question: KeysQuestion) => void;
  readonly openChange: (start: ChangeStart) => void;
  /** A run has changed expiries: what was read before is not so any more. */
  readonly onChanged: () => void;
}

export const TtlPlaceContext = createContext<TtlPlace | null>(null);

export function useTtlPlace(): TtlPlace {
  const place = useContext(TtlPlaceContext);
  if (place === null) throw new Error('useTtlPlace is used outside of the TTL screen');
  return place;
}
