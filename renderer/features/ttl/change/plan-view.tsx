import { Button, Progress } from '@mantine/core';
import { IconAlertTriangle, IconClockEdit } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { WireBytes } from '../../../../shared/bytes.ts';
import type { PlanSnapshot } from '../../../../shared/contract/bulk.ts';
import { bucketWords, leftWords, ofWords, unitWords } from '../../../lib/bulk-words.ts';
import { exactnessWords, formatBytes, formatDateTime, formatDuration, formatExact, formatRate } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { TypeBadge } from '../../../ui/badge.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { tellProblem } from '../../../ui/tell-problem.ts';
import { VirtualRows } from '../../../ui/virtual-rows.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import type { ChangeForm } from './change-form.ts';
import type { Plan } from './use-plan.ts';
import classes from './change.module.css';

interface PlanViewProps {
  plan: Plan;
  form: ChangeForm;
  onCancel: () => void;
  onPreview: () => void;
}

/** What the change would do, counted to the end before anything is changed. */
export function PlanView({ plan, form, onCancel, onPreview }: PlanViewProps) {
  const { state, snapshot, problem, gathered } = plan;
  if (state === 'failed' && problem !== null) return <ProblemView problem={problem} onRetry={onPreview} retryLabel="Preview again" fills />;
  if (state === 'gathering') {
    return (
      <EmptyState title="Gathering the listed keys" actions={<Button variant="default" onClick={onCancel}>Cancel the preview</Button>}>
        {ofWords(gathered, form.list?.count ?? null)} names
      </EmptyState>
    );
  }
  if (snapshot === null) {
    return (
      <EmptyState icon={<IconClockEdit size={28} stroke={1.5} />} title={state === 'counting' ? 'Counting' : state === 'cancelled' ? 'The preview was cancelled' : 'Nothing counted yet'}>
        {state === 'counting' ? 'The first keys are being read.' : 'The preview walks all keys in question, changes nothing, and counts exactly what would change and what would be left alone, and why.'}
      </EmptyState>
    );
  }
  return (
    <>
      <PlanHead snapshot={snapshot} cancelled={state === 'cancelled'} onCancel={onCancel} />
      <Warnings snapshot={snapshot} />
      <PlanFigures snapshot={snapshot} />
      {snapshot.state === 'ready' && snapshot.selected > 0 ? <PlanNames planId={snapshot.planId} unit={snapshot.unit} /> : <Sample names={snapshot.sample} />}
    </>
  );
}

function PlanHead({ snapshot, cancelled, onCancel }: { snapshot: PlanSnapshot; cancelled: boolean; onCancel: () => void }) {
  const ready = snapshot.state === 'ready';
  const share = snapshot.total === null || snapshot.total === 0 ? null : Math.min(1, snapshot.walked / snapshot.total);
  const words = ready
    ? `${exactnessWords(snapshot.exactness)}, counted in ${formatDuration(snapshot.durationMs)}`
    : cancelled
      ? 'cancelled'
      : { counting: 'counting', 'backing-off': 'waiting: the server is busy', 'waiting-for-server': 'waiting for the server', ready: '' }[snapshot.state];
  return (
    <>
      <div className={classes['head']}>
        <div className={classes['spring']}>
          <div className={classes['big']} role="status">
            {snapshot.exactness === 'exact' || ready ? '' : '≥ '}
            {unitWords(snapshot.wouldChange, snapshot.unit)} would change
          </div>
          <div className={`${classes['dim']} la-number`}>
            of {formatExact(snapshot.selected)} selected · {words}
            {!ready && !cancelled && ` · ${ofWords(snapshot.walked, snapshot.total)} walked, ${formatRate(snapshot.rate, snapshot.unit)}`}
            {!ready && !cancelled && snapshot.etaMs !== null && snapshot.etaMs > 500 && ` · ${formatDuration(Math.ceil(snapshot.etaMs / 1000) * 1000)} left`}
          </div>
        </div>
        {!ready && !cancelled && (
          <Button variant="default" onClick={onCancel}>
            Cancel the preview
          </Button>
        )}
      </div>
      {!ready && !cancelled && <Progress value={(share ?? 1) * 100} animated={share === null} size={3} radius={0} aria-label="Progress of the preview" />}
    </>
  );
}

function Warnings({ snapshot }: { snapshot: PlanSnapshot }) {
  const texts: string[] = [];
  if (snapshot.everything) texts.push(snapshot.unit === 'keys' ? 'Nothing narrows the selection: these are all keys of the database.' : 'These are all fields of the hash.');
  if (snapshot.unjudged > 0) texts.push(`${formatExact(snapshot.unjudged)} left out: what the filter asks about may not be read.`);
  if (snapshot.missing > 0) texts.push(`${formatExact(snapshot.missing)} of the names do not exist.`);
  if (snapshot.state === 'ready' && snapshot.method === 'two-steps') texts.push('This server takes no script: between the last look at a key and its change another writer may come, for a moment.');
  if (snapshot.exactness === 'estimated') texts.push('Slots were moving until the end: the counts are estimates.');
  return texts.map((text) => (
    <div key={text} className={classes['warning']}>
      <IconAlertTriangle size={14} aria-hidden />
      {text}
    </div>
  ));
}

function Lines({ title, rows }: { title: string; rows: readonly { key: string; name: React.ReactNode; count: number; of?: number }[] }) {
  if (rows.length === 0) return null;
  return (
    <div className={classes['block']}>
      <h3 className={classes['blockTitle']}>{title}</h3>
      <table className={classes['lines']}>
        <tbody>
          {rows.map(({ key, name, count, of }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              <td data-number>{of === undefined || of === count ? formatExact(count) : `${formatExact(count)} of ${formatExact(of)}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PlanFigures({ snapshot }: { snapshot: PlanSnapshot }) {
  const { earliestExpiry, latestExpiry } = snapshot;
  return (
    <div className={classes['grid']}>
      {snapshot.unit === 'keys' && <Lines title="By type, would change" rows={snapshot.byType.map(({ type, selected, wouldChange }) => ({ key: type, name: <TypeBadge type={type} />, count: wouldChange, of: selected }))} />}
      <Lines title="By the time left now" rows={snapshot.byTtl.filter(({ selected }) => selected > 0).map(({ bucket, selected }) => ({ key: bucket, name: bucketWords[bucket], count: selected }))} />
      <Lines title="Left alone" rows={snapshot.left.filter(({ count }) => count > 0).map(({ reason, count }) => ({ key: reason, name: leftWords[reason], count }))} />
      {snapshot.byNode.length > 1 && <Lines title="By node, would change" rows={snapshot.byNode.map(({ node, selected, wouldChange }) => ({ key: node, name: node, count: wouldChange, of: selected }))} />}
      {earliestExpiry !== null && latestExpiry !== null && (
        <div className={`${classes['block']} ${classes['wide']}`}>
          <h3 className={classes['blockTitle']}>Would expire, if it ran now</h3>
          <div className="la-number">{earliestExpiry === latestExpiry ? formatDateTime(earliestExpiry) : `${formatDateTime(earliestExpiry)} to ${formatDateTime(latestExpiry)}`}</div>
        </div>
      )}
      <div className={classes['block']}>
        <h3 className={classes['blockTitle']}>Undo journal on this machine</h3>
        <div className="la-number">about {formatBytes(snapshot.undoBytes)}</div>
      </div>
    </div>
  );
}

function Sample({ names }: { names: readonly WireBytes[] }) {
  if (names.length === 0) return null;
  return (
    <div className={classes['grid']}>
      <div className={classes['block']}>
        <h3 className={classes['blockTitle']}>Some that would change</h3>
        {names.slice(0, 8).map((name, at) => (
          <div key={at} className="la-mono la-cut">
            <WireText value={name} limit={120} />
          </div>
        ))}
      </div>
    </div>
  );
}

const pageNames = 200;

/** Every name that the plan took, in a list of any length. */
function PlanNames({ planId, unit }: { planId: string; unit: PlanSnapshot['unit'] }) {
  const { client } = useHost();
  const [total, setTotal] = useState<number | null>(null);
  const [pages, setPages] = useState<ReadonlyMap<number, readonly WireBytes[]>>(new Map());
  const [active, setActive] = useState(0);
  const asked = useRef(new Set<number>());
  const load = (page: number) => {
    if (asked.current.has(page)) return;
    asked.current.add(page);
    client.bulk.planNames({ planId, from: page * pageNames, count: pageNames }).then(
      (answer) => {
        setTotal(answer.total);
        setPages((before) => new Map(before).set(page, answer.names));
      },
      (error: unknown) => {
        asked.current.delete(page);
        tellProblem(error);
      },
    );
  };
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });
  useEffect(() => {
    asked.current = new Set();
    setPages(new Map());
    latest.current(0);
  }, [planId]);
  const nameAt = (index: number) => pages.get(Math.floor(index / pageNames))?.[index % pageNames];
  if (total === null || total === 0) return null;
  return (
    <>
      <h3 className={classes['blockTitle']} style={{ paddingLeft: 12 }}>
        All {unitWords(total, unit)} of the plan
      </h3>
      <div className={classes['names']}>
        <VirtualRows
          label={unit === 'keys' ? 'Keys of the plan' : 'Fields of the plan'}
          role="listbox"
          count={total}
          active={active}
          onMove={setActive}
          onRange={(from, to) => {
            for (let page = Math.floor(from / pageNames); page * pageNames < Math.min(to, total); page += 1) load(page);
          }}
          rowAria={(index) => ({ 'aria-label': nameAt(index) === undefined ? 'Not read yet' : wireLabel(nameAt(index) as WireBytes) })}
          renderRow={(index) => {
            const name = nameAt(index);
            return <span className={`${classes['nameLine']} la-mono la-cut`}>{name === undefined ? '…' : <WireText value={name} limit={200} />}</span>;
          }}
        />
      </div>
    </>
  );
}
