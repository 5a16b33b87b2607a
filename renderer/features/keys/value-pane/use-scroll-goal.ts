import { useLayoutEffect, useState, type RefObject } from 'react';
import type { VirtualRowsHandle } from '../../../ui/virtual-rows.tsx';

/** Scrolls to a row once the rows that were opened with it are drawn: before, the list is too short to go there. */
export function useScrollGoal(list: RefObject<VirtualRowsHandle | null>): (row: number) => void {
  const [goal, setGoal] = useState<{ row: number } | null>(null);
  useLayoutEffect(() => {
    if (goal !== null) list.current?.scrollToRow(goal.row, 'center');
  }, [goal, list]);
  return (row) => setGoal({ row });
}
