import { createContext, useContext } from 'react';
import type { WireBytes } from '../../../../../shared/bytes.ts';

/** Opens the comparison with one key, or with two that were chosen. */
export interface Compare {
  ask: (left: WireBytes, right: WireBytes | null) => void;
}

export const CompareContext = createContext<Compare>({ ask: () => undefined });

export function useCompare(): Compare {
  return useContext(CompareContext);
}
