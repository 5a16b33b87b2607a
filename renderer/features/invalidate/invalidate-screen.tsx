import { Button, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconUserCheck } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useCommands } from '../../lib/commands.ts';
import { useHost } from '../../lib/host.ts';
import { invalidateStartOf } from '../../lib/invalidate-link.ts';
import { parseRouteParams, redirect, useRouteQuery } from '../../lib/navigation.ts';
import { useRedisStatus } from '../../lib/redis-status.ts';
import { useSetting } from '../../lib/settings.ts';
import { useWorkspace } from '../../lib/workspaces.ts';
import { Split } from '../../ui/split.tsx';
import { tellProblem } from '../../ui/tell-problem.ts';
import { Spring, Toolbar } from '../../ui/toolbar.tsx';
import { ApproveDialog } from './approve-dialog.tsx';
import { formOf } from './choose/choose-form.ts';
import { ChoosePanel } from './choose/choose-panel.tsx';
import { JournalPanel } from './journal/journal-panel.tsx';
import { InvalidatePlaceContext, useSession, type InvalidatePlace } from './place.ts';
import { PreviewPanel } from './preview/preview-panel.tsx';
import { RunStep } from './run/run-step.tsx';
import { RunbooksPanel } from './runbooks/runbooks-panel.tsx';
import { RunsPanel } from './runs/runs-panel.tsx';
import { UnfinishedBanner } from './runs/unfinished-banner.tsx';
import classes from './invalidate.module.css';

const tabs = [
  { id: 'invalidate', label: 'Invalidate' },
  { id: 'runs', label: 'Runs' },
  { id: 'journal', label: 'Journal' },
  { id: 'runbooks', label: 'Runbooks' },
] as const;
type Tab = (typeof tabs)[number]['id'];

function isTab(value: unknown): value is Tab {
  return tabs.some(({ id }) => id === value);
}

/** Takes exactly the keys in question away: choose, count, run, and back again. */
export function InvalidateScreen({ workspaceId }: { workspaceId: string }) {
  const workspace = useWorkspace(workspaceId);
  // The database is the one of the key browser.
  const [db] = useSetting(`keys.db.${workspaceId}`, 0);
  const { facts, readOnly } = useRedisStatus(workspaceId);
  const session = useSession(workspaceId, db);
  const [tab, setTab] = useSetting<Tab>(`invalidate.tab.${workspaceId}`, 'invalidate', isTab);
  const [picked, setPicked] = useState<string | null>(null);
  const [approving, setApproving] = useState(false);
  const [wanted, setWanted] = useState<string | null>(null);
  const { orpc } = useHost();
  const { data: runbooks } = useQuery(orpc.runbooks.list.queryOptions());
  const openRun = useCallback(
    (runId: string) => {
      setPicked(runId);
      setTab('runs');
    },
    [setTab],
  );
  const name = workspace?.name ?? 'the workspace';
  const environment = workspace?.environment ?? 'local';
  const place = useMemo<InvalidatePlace>(() => ({ workspaceId, workspaceName: name, environment, db, facts, readOnly, session, openRun }), [workspaceId, name, environment, db, facts, readOnly, session, openRun]);
  useEffect(() => {
    session.find().catch(tellProblem);
  }, [session]);
  const query = useRouteQuery();
  useEffect(() => {
    const start = invalidateStartOf(parseRouteParams(query));
    if (start === null) return;
    if (start.kind === 'run') openRun(start.runId);
    else {
      session.change(formOf(start));
      setTab('invalidate');
    }
    redirect({ screen: 'invalidate', workspaceId });
  }, [query, workspaceId, session, openRun, setTab]);
  useCommands([
    ...tabs.map(({ id, label }, at) => ({ id: `invalidate.tab.${id}`, title: `Invalidate: ${label.toLowerCase()}`, group: 'Invalidate', shortcut: String(at + 1), run: () => setTab(id) })),
    ...(runbooks ?? []).map(({ name, description }) => ({
      id: `invalidate.runbook.${name}`,
      title: `Run runbook: ${name}`,
      group: 'Invalidate',
      keywords: description.slice(0, 100),
      run: () => {
        setTab('runbooks');
        setWanted(name);
      },
    })),
    { id: 'invalidate.approve', title: 'Approve a plan file', group: 'Invalidate', keywords: 'second person four eyes signature', run: () => setApproving(true) },
  ]);
  return (
    <InvalidatePlaceContext value={place}>
      <div className={classes['screen']}>
        <Toolbar label="Invalidate" title="Invalidate">
          <Spring />
          <Button variant="default" leftSection={<IconUserCheck size={14} />} onClick={() => setApproving(true)}>
            Approval…
          </Button>
        </Toolbar>
        <UnfinishedBanner />
        <Tabs value={tab} onChange={(value) => setTab(isTab(value) ? value : 'invalidate')} className={classes['tabs'] ?? ''} keepMounted={false}>
          <Tabs.List aria-label="Views" className={classes['tabList'] ?? ''}>
            {tabs.map(({ id, label }) => (
              <Tabs.Tab key={id} value={id}>
                {label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="invalidate" className={classes['panel'] ?? ''}>
            <Split
              name="invalidate.steps"
              panes={[
                { id: 'choose', label: 'choose', size: 32, minSize: '340px', children: <ChoosePanel /> },
                { id: 'preview', label: 'preview', size: 40, minSize: '340px', children: <PreviewPanel /> },
                { id: 'run', label: 'run', size: 28, minSize: '300px', children: <RunStep /> },
              ]}
            />
          </Tabs.Panel>
          <Tabs.Panel value="runs" className={classes['panel'] ?? ''}>
            <RunsPanel picked={picked} onPick={setPicked} />
          </Tabs.Panel>
          <Tabs.Panel value="journal" className={classes['panel'] ?? ''}>
            <JournalPanel />
          </Tabs.Panel>
          <Tabs.Panel value="runbooks" className={classes['panel'] ?? ''}>
            <RunbooksPanel wanted={wanted} onWanted={setWanted} onTaken={() => setTab('invalidate')} />
          </Tabs.Panel>
        </Tabs>
      </div>
      <ApproveDialog opened={approving} onClose={() => setApproving(false)} />
    </InvalidatePlaceContext>
  );
}
