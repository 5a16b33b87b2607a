import { IconAlertTriangle, IconFlame } from '@tabler/icons-react';
import type { InvalidatePlan } from '../../../../shared/contract/invalidate.ts';
import { bucketWords } from '../../../lib/bulk-words.ts';
import { formatBytes, formatDuration, formatExact } from '../../../lib/format.ts';
import { TypeBadge } from '../../../ui/badge.tsx';
import { FactList } from '../../../ui/fact-list.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { Notice } from '../step.tsx';
import { excludedWords, graveWarnings, warningWords } from '../words.ts';
import { SplitTable } from './split-table.tsx';
import classes from '../invalidate.module.css';

/** What a person must know before saying yes, the grave first. */
export function Warnings({ plan }: { plan: InvalidatePlan }) {
  const ordered = [...plan.warnings.filter(({ kind }) => graveWarnings.has(kind)), ...plan.warnings.filter(({ kind }) => !graveWarnings.has(kind))];
  return (
    <>
      {plan.everything && plan.state === 'ready' && (
        <Notice tone="red" icon={<IconFlame size={15} aria-hidden />} title="This is a flush">
          The selection takes every key of its databases. It is confirmed by the word FLUSH.
        </Notice>
      )}
      {ordered.map(({ kind, fact }) => (
        <Notice key={kind} tone={graveWarnings.has(kind) ? 'red' : 'amber'} icon={<IconAlertTriangle size={15} aria-hidden />} title={warningWords[kind]}>
          {fact}
        </Notice>
      ))}
    </>
  );
}

function undoWords(plan: InvalidatePlan): string {
  if (plan.undoBytes === null) return 'not known';
  return plan.undoBytes === 0 ? 'next to nothing' : `about ${formatBytes(plan.undoBytes)} on this machine`;
}

function Alive({ plan }: { plan: InvalidatePlan }) {
  const { alive } = plan;
  if (alive === null) return <>not known here</>;
  const words = alive.by === 'idle' ? `read or written within ${formatDuration(alive.below * 1000)}` : `access frequency of ${formatExact(alive.below)} or more`;
  return (
    <>
      {formatExact(alive.count)} {words}
      {alive.sample.slice(0, 3).map((name, at) => (
        <div key={at} className="la-cut">
          <WireText value={name} limit={80} />
        </div>
      ))}
    </>
  );
}

/** How the selection is made up, what is left out and why, what looks alive, what an undo would take. */
export function PlanFacts({ plan }: { plan: InvalidatePlan }) {
  const left = plan.excluded.filter(({ count }) => count > 0);
  return (
    <>
      <FactList
        facts={[
          ['In use', <Alive key="alive" plan={plan} />],
          ['Undo takes', undoWords(plan)],
        ]}
      />
      <div className={classes['splits']}>
        <SplitTable title="By type" rows={plan.byType.map(({ type, keys, bytes }) => ({ id: type, name: <TypeBadge type={type} />, keys, bytes }))} />
        <SplitTable title="By time left" rows={plan.byTtl.filter(({ keys }) => keys > 0).map(({ bucket, keys, bytes }) => ({ id: bucket, name: bucketWords[bucket], keys, bytes }))} />
        {plan.byNode.length > 1 && <SplitTable title="By node" rows={plan.byNode.map(({ node, keys, bytes }) => ({ id: node, name: node, keys, bytes }))} />}
        {plan.byDb.length > 1 && <SplitTable title="By database" rows={plan.byDb.map(({ db, keys, bytes }) => ({ id: String(db), name: `db ${db}`, keys, bytes }))} />}
        <SplitTable title="Left out" rows={left.map(({ reason, count }) => ({ id: reason, name: excludedWords[reason], keys: count }))} />
      </div>
    </>
  );
}
