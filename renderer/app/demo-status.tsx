import { Button, Progress } from '@mantine/core';
import { IconFlask } from '@tabler/icons-react';
import { useCommands } from '../lib/commands.ts';
import { formatCompact, formatExact, formatRate } from '../lib/format.ts';
import { useDemo } from '../lib/demo.ts';
import { FactList } from '../ui/fact-list.tsx';
import { ProblemView } from '../ui/problem-view.tsx';
import { StatusItem } from './status-item.tsx';
import classes from './status-bar.module.css';

const words = { off: 'off', starting: 'starting', seeding: 'filling', running: 'running', stopping: 'stopping', failed: 'failed' } as const;

/** The demo's own servers: how far they are, how busy, and how to stop them. */
export function DemoStatus() {
  const { snapshot: demo, start, stop } = useDemo();
  const on = demo !== null && (demo.state === 'running' || demo.state === 'seeding');
  const off = demo !== null && (demo.state === 'off' || demo.state === 'failed');
  useCommands([
    { id: 'demo.start', title: 'Start the demo', group: 'Demo', keywords: 'sample shop', enabled: off, run: start },
    { id: 'demo.stop', title: 'Stop the demo', group: 'Demo', enabled: on, run: stop },
  ]);
  if (demo === null || demo.state === 'off') return null;
  const seeding = demo.state === 'seeding' && demo.keys < demo.targetKeys;
  const share = seeding ? Math.min(1, demo.keys / demo.targetKeys) : null;
  const short =
    demo.state === 'running' ? formatRate(demo.requestsPerSecond, 'requests') : seeding ? `${formatCompact(demo.keys)} of ${formatCompact(demo.targetKeys)} keys` : demo.step || words[demo.state];
  return (
    <StatusItem
      label={`Demo: ${words[demo.state]}, ${short}`}
      tone={demo.state === 'failed' ? 'red' : undefined}
      panel={(close) => (
        <>
          <h2 className={classes['heading']}>Demo: {words[demo.state]}</h2>
          {demo.problem !== null && <ProblemView problem={demo.problem} onRetry={start} />}
          <FactList
            facts={[
              ['Now', demo.step || words[demo.state]],
              ['Keys written', `${formatExact(demo.keys)} of ${formatExact(demo.targetKeys)}`],
              ['Traffic', formatRate(demo.requestsPerSecond, 'requests')],
            ]}
          />
          <p className={classes['note']}>A real Redis and a real Postgres run on this machine with a sample shop and its traffic. Stopping removes them.</p>
          {on && (
            <Button
              variant="default"
              onClick={() => {
                stop();
                close();
              }}
            >
              Stop the demo
            </Button>
          )}
        </>
      )}
    >
      <IconFlask size={13} aria-hidden />
      Demo
      <span className="la-number">{short}</span>
      {share !== null && <Progress className={classes['bar'] ?? ''} value={share * 100} size={4} aria-hidden />}
    </StatusItem>
  );
}
