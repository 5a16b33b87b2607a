import { useCallback, useLayoutEffect, useRef, useState } from 'react';

/**
 * State that belongs to a place (a database, say): another place begins with `initial`, in the same drawing, and what comes
 * late for an earlier one is dropped. So the screen can stay as it is while the place changes, which costs a fraction of
 * making it anew.
 */
export function usePlaceState<T>(place: string, initial: T): readonly [T, (next: T | ((before: T) => T)) => void] {
  const [held, setHeld] = useState({ place, value: initial });
  const [first] = useState(initial);
  const present = useRef(place);
  useLayoutEffect(() => {
    present.current = place;
  });
  const set = useCallback(
    (next: T | ((before: T) => T)) =>
      setHeld((before) => {
        if (present.current !== place) return before;
        const now = before.place === place ? before.value : first;
        const value = typeof next === 'function' ? (next as (before: T) => T)(now) : next;
        return before.place === place && Object.is(value, now) ? before : { place, value };
      }),
    [place, first],
  );
  // also what was held is forgotten, or it would be there again on the way back
  if (held.place !== place) setHeld({ place, value: first });
  return [held.place === place ? held.value : first, set];
}
