import { startTransition, useCallback, useEffect, useRef } from 'react';
import type { Opened } from '../keys-context.ts';

/** While an arrow is held down, the pane beside does not open what passes. */
const keyRestMs = 150;

/** Opens at once by the pointer, by the keyboard after a moment of rest. */
export function useDelayedOpen(onOpen: (opened: Opened) => void): (opened: Opened, by: 'key' | 'pointer') => void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(onOpen);
  useEffect(() => {
    latest.current = onOpen;
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback((opened, by) => {
    clearTimeout(timer.current);
    // The pane that opens has much to draw: the rows stay at hand meanwhile.
    const open = () => startTransition(() => latest.current(opened));
    if (by === 'pointer') open();
    else timer.current = setTimeout(open, keyRestMs);
  }, []);
}
