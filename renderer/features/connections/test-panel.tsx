import { Button, Loader } from '@mantine/core';
import { IconAlertTriangleFilled, IconCircle, IconCircleCheckFilled, IconCircleMinus, IconCircleXFilled, IconX } from '@tabler/icons-react';
import { useEffect, useRef, type ReactNode } from 'react';
import type { TestStep } from '../../../shared/contract/connections.ts';
import { formatDuration } from '../../lib/format.ts';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import { TlsFactsView } from '../../ui/tls-facts-view.tsx';
import type { ConnectionTest } from './use-connection-test.ts';
import classes from './test-panel.module.css';

const stepWords: Record<TestStep['id'], string> = {
  read: 'Settings',
  resolve: 'Name',
  ssh: 'SSH',
  tcp: 'Connection',
  tls: 'TLS',
  auth: 'Sign-in',
  server: 'Server',
  permissions: 'Permissions',
  nodes: 'Nodes',
};

const sideWords = { redis: 'Redis', postgres: 'Postgres' } as const;

const icons: Record<TestStep['state'], ReactNode> = {
  waiting: <IconCircle size={14} aria-label="waiting" />,
  running: <Loader size={12} aria-label="running" />,
  passed: <IconCircleCheckFilled size={15} color="var(--la-green)" aria-label="passed" />,
  warned: <IconAlertTriangleFilled size={15} color="var(--la-amber)" aria-label="passed with a warning" />,
  failed: <IconCircleXFilled size={15} color="var(--la-red)" aria-label="failed" />,
  skipped: <IconCircleMinus size={14} aria-label="not needed" />,
};

interface StepLineProps {
  step: TestStep;
  /** Ways out of a problem that change the form or trust a key. */
  remedies: (step: TestStep) => ReactNode;
}

function StepLine({ step, remedies }: StepLineProps) {
  return (
    <li className={classes['step']} data-state={step.state} data-step={step.id}>
      <span className={classes['icon']}>{icons[step.state]}</span>
      <span>{stepWords[step.id]}</span>
      <span className={classes['detail']}>{step.detail === step.problem?.message ? '' : step.detail || (step.state === 'skipped' ? 'not needed' : '')}</span>
      <span className={`${classes['time']} la-number`}>{step.durationMs === null ? '' : formatDuration(step.durationMs)}</span>
      {step.problem !== null && (
        <div className={classes['more']}>
          <ProblemView problem={step.problem} tone={step.state === 'warned' ? 'warning' : 'error'} actions={remedies(step)} />
        </div>
      )}
      {step.tls !== null && (
        <div className={classes['more']}>
          <TlsFactsView tls={step.tls} />
        </div>
      )}
    </li>
  );
}

function Verdict({ test }: { test: ConnectionTest }) {
  if (test.running) return <Badge>running</Badge>;
  if (test.snapshot?.ok === true) return <Badge tone="green">works</Badge>;
  return <Badge tone="red">fails</Badge>;
}

interface TestPanelProps {
  test: ConnectionTest;
  remedies: (step: TestStep) => ReactNode;
  onAgain: () => void;
  onClose: () => void;
}

/** A connection test as it goes: each step with what was found, how long it took, and what to do about a failure. */
export function TestPanel({ test, remedies, onAgain, onClose }: TestPanelProps) {
  const { snapshot } = test;
  const name = sideWords[test.side];
  const panel = useRef<HTMLElement>(null);
  // The button that starts a test can be far below the place where its result appears.
  useEffect(() => {
    panel.current?.scrollIntoView({ block: 'nearest' });
  }, [test.side, test.running]);
  return (
    <section ref={panel} className={classes['panel']} aria-label={`Test of ${name}`}>
      <div className={classes['head']}>
        <h2 className={classes['title']}>Test of {name}</h2>
        <span role="status">
          <Verdict test={test} />
        </span>
        <div className={classes['spring']} />
        <Button variant="default" onClick={onAgain}>
          {test.running ? 'Start over' : 'Test again'}
        </Button>
        <IconButton label="Close the test" icon={<IconX size={14} />} onClick={onClose} />
      </div>
      {test.problem !== null && <ProblemView problem={test.problem} onRetry={onAgain} />}
      {snapshot !== null && (
        <ol className={classes['steps']}>
          {snapshot.steps.map((step) => (
            <StepLine key={step.id} step={step} remedies={remedies} />
          ))}
        </ol>
      )}
      {snapshot !== null && snapshot.denied.length > 0 && (
        <div>
          <h3 className={classes['sub']}>What this user may not do</h3>
          <ul className={classes['denied']}>
            {snapshot.denied.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
