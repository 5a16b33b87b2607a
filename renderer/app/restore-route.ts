import { useEffect, useRef } from 'react';
import { useDemo } from '../lib/demo.ts';
import { redirect, useRoute } from '../lib/navigation.ts';
import { useSetting } from '../lib/settings.ts';
import { useWorkspaces } from '../lib/workspaces.ts';
import { screenOf } from './screens.tsx';

interface LastPlace {
  screen: string;
  workspaceId: string | null;
}

const nowhere: LastPlace = { screen: 'connections', workspaceId: null };

function isPlace(value: unknown): value is LastPlace {
  return typeof value === 'object' && value !== null && 'screen' in value && typeof value.screen === 'string' && 'workspaceId' in value;
}

/**
 * Where the page begins: the address' own place, else the workspace that the start names, else where the last
 * session ended. A place that does not exist any more leads to the connections.
 */
export function useRestoredRoute({ startWorkspaceId, openDemo }: { startWorkspaceId: string | null; openDemo: boolean }): void {
  const route = useRoute();
  const { data: workspaces } = useWorkspaces();
  const [last, setLast] = useSetting('app.lastPlace', nowhere, isPlace);
  const begun = useRef(false);

  useEffect(() => {
    if (workspaces === undefined) return;
    const exists = (workspaceId: string | null) => workspaces.some((workspace) => workspace.id === workspaceId);
    if (!begun.current) {
      begun.current = true;
      if (window.location.hash.length <= 2) {
        if (startWorkspaceId !== null) redirect({ screen: 'keys', workspaceId: startWorkspaceId });
        else if (!openDemo && exists(last.workspaceId) && screenOf(last.screen) !== null) redirect(last);
        else redirect(nowhere);
        return;
      }
    }
    const screen = screenOf(route.screen);
    const broken = screen === null || (route.workspaceId !== null && !exists(route.workspaceId)) || (screen.needsWorkspace && route.workspaceId === null);
    if (broken) redirect(nowhere);
    else setLast({ screen: route.screen, workspaceId: route.workspaceId });
  }, [workspaces, route, startWorkspaceId, openDemo, last, setLast]);

  const demoOpened = useRef(!openDemo);
  const { snapshot } = useDemo();
  // Not before all keys are in: the first pass over them would stop at half.
  const demo = snapshot?.seeded === true ? workspaces?.find((workspace) => workspace.demo) : undefined;
  useEffect(() => {
    if (demoOpened.current || demo === undefined) return;
    demoOpened.current = true;
    // Whoever has gone somewhere by then stays there.
    if (route.screen === nowhere.screen) redirect({ screen: 'keys', workspaceId: demo.id });
  }, [demo, route]);
}
