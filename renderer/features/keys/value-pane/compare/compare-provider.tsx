import { Modal } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import { useKeysPlace } from '../../keys-context.ts';
import { usePlaceState } from '../../use-place-state.ts';
import { CompareContext } from './compare-context.ts';
import { CompareKeys } from './compare-keys.tsx';

/** Holds the comparison that is open over the keys. */
export function CompareProvider({ children }: { children: ReactNode }) {
  const { workspaceId, db } = useKeysPlace();
  const [asked, setAsked] = usePlaceState<{ left: WireBytes; right: WireBytes | null } | null>(`${workspaceId} ${db}`, null);
  const compare = useMemo(() => ({ ask: (left: WireBytes, right: WireBytes | null) => setAsked({ left, right }) }), [setAsked]);
  return (
    <CompareContext value={compare}>
      {children}
      <Modal opened={asked !== null} onClose={() => setAsked(null)} title="Compare two keys" size="min(1100px, 96vw)">
        {asked && <CompareKeys left={asked.left} right={asked.right} />}
      </Modal>
    </CompareContext>
  );
}
