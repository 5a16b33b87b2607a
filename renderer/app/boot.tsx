import { getDefaultZIndex, MantineProvider } from '@mantine/core';
import { Notifications, notifications } from '@mantine/notifications';
import { useEffect, useMemo, useState } from 'react';
import type { InferContractRouterOutputs } from '@orpc/contract';
import type { appContract } from '../../shared/contract/app.ts';
import type { Problem } from '../../shared/contract/errors.ts';
import { errorWords } from '../lib/error-words.ts';
import { HostProvider } from '../lib/host.ts';
import { createSettingsStore, SettingsProvider, type SettingsStore } from '../lib/settings.ts';
import { hintOf, toProblem } from '../lib/to-problem.ts';
import type { HostConnection } from '../lib/transport/connect-host.ts';
import { OpeningsProvider } from '../lib/workspaces.ts';
import { ProblemView } from '../ui/problem-view.tsx';
import { createColourSchemeManager } from './colour-scheme.ts';
import { Shell } from './shell.tsx';
import { styleNonce } from '../lib/style-nonce.ts';
import { theme, themeVariables } from './theme.ts';
import classes from './boot.module.css';

export type AppInfo = InferContractRouterOutputs<typeof appContract>['info'];

interface Started {
  connection: HostConnection;
  settings: SettingsStore;
  info: AppInfo;
}

function tellOfFailedSave(problem: Problem): void {
  notifications.show({ id: 'settings', color: 'red', title: 'Preferences are not saved', message: `${errorWords[problem.code].title}. ${hintOf(problem)}` });
}

/** Asks for what the first paint needs. While the host does not answer, each return of the link tries again. */
function useStart(connecting: Promise<HostConnection>): { started: Started | null; problem: Problem | null; retry: () => void } {
  const [started, setStarted] = useState<Started | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let left = false;
    let stop: (() => void) | undefined;
    const start = async () => {
      const connection = await connecting;
      const load = async () => {
        try {
          const [stored, info] = await Promise.all([connection.client.app.settings(), connection.client.app.info()]);
          if (!left) setStarted({ connection, info, settings: createSettingsStore(connection.client, stored, tellOfFailedSave) });
        } catch (error) {
          if (left) return;
          setProblem(
            connection.state().kind === 'session-ended'
              ? { code: 'HOST_UNREACHABLE', message: 'This address is no longer valid', hint: 'Open the address that the running Lookaside printed, or start it again.', details: {} }
              : toProblem(error),
          );
        }
      };
      stop = connection.onState(() => {
        if (connection.state().kind === 'connected') void load();
      });
      if (left) stop();
      else await load();
    };
    void start();
    return () => {
      left = true;
      stop?.();
    };
  }, [connecting, round]);
  return { started, problem: started === null ? problem : null, retry: () => setRound((before) => before + 1) };
}

function Providers({ started }: { started: Started }) {
  const manager = useMemo(() => createColourSchemeManager(started.settings), [started]);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={themeVariables} colorSchemeManager={manager} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      {/* below menus and popovers: what is said never covers what is being chosen */}
      <Notifications zIndex={getDefaultZIndex('popover') - 1} position="bottom-center" className={classes['notifications'] ?? ''} limit={3} autoClose={6000} transitionDuration={0} />
      <HostProvider connection={started.connection}>
        <SettingsProvider store={started.settings}>
          <OpeningsProvider>
            <Shell info={started.info} />
          </OpeningsProvider>
        </SettingsProvider>
      </HostProvider>
    </MantineProvider>
  );
}

/** The page from nothing to the shell: connect, read the settings, show. */
export function Boot({ connecting }: { connecting: Promise<HostConnection> }) {
  const { started, problem, retry } = useStart(connecting);
  if (started !== null) return <Providers started={started} />;
  return (
    <MantineProvider theme={theme} cssVariablesResolver={themeVariables} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <main className={classes['boot']}>{problem === null ? <p>Starting Lookaside</p> : <ProblemView problem={problem} onRetry={retry} />}</main>
    </MantineProvider>
  );
}
