import { Button } from '@mantine/core';
import { IconFlask, IconPlus, IconUpload } from '@tabler/icons-react';
import { useDemo } from '../../lib/demo.ts';
import { formatExact } from '../../lib/format.ts';
import { ProblemView } from '../../ui/problem-view.tsx';
import classes from './connections-screen.module.css';

function DemoCard() {
  const { snapshot, problem, start } = useDemo();
  const state = snapshot?.state ?? 'off';
  const shown = problem ?? snapshot?.problem ?? null;
  const busy = state === 'starting' || state === 'seeding' || state === 'stopping';
  return (
    <section className={classes['card']}>
      <h2 className={classes['cardTitle']}>Try the demo</h2>
      <p className={classes['cardText']}>
        Starts a real Redis and a real Postgres on this machine, with a sample shop and live traffic. Nothing else is touched; stopping removes them.
      </p>
      {shown !== null && <ProblemView problem={shown} />}
      {busy && (
        <p className={classes['cardText']} role="status">
          {snapshot?.step || state}
          {snapshot !== null && snapshot.targetKeys > 0 && `, ${formatExact(snapshot.keys)} of ${formatExact(snapshot.targetKeys)} keys`}
        </p>
      )}
      <Button variant="default" leftSection={<IconFlask size={14} />} loading={busy} onClick={start}>
        Start the demo
      </Button>
    </section>
  );
}

/** The first thing a new user sees: three ways in. */
export function EmptyConnections({ hasDemo, onCreate, onImport }: { hasDemo: boolean; onCreate: () => void; onImport: () => void }) {
  return (
    <div className={classes['empty']}>
      <section className={classes['card']}>
        <h2 className={classes['cardTitle']}>Connect to a server</h2>
        <p className={classes['cardText']}>
          A workspace pairs a Redis with the Postgres behind it; one of them is enough. Paste a URL, a redis-cli line, a line of an .env file or a libpq string, or fill in a form.
        </p>
        <Button leftSection={<IconPlus size={14} />} onClick={onCreate}>
          New connection
        </Button>
      </section>
      {!hasDemo && <DemoCard />}
      <section className={classes['card']}>
        <h2 className={classes['cardTitle']}>Bring connections along</h2>
        <p className={classes['cardText']}>Reads the exports of RedisInsight, Another Redis Desktop Manager, Tiny RDM and Lookaside. A preview shows what would be added.</p>
        <Button variant="default" leftSection={<IconUpload size={14} />} onClick={onImport}>
          Import
        </Button>
      </section>
    </div>
  );
}
