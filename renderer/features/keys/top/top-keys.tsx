import { Button, SegmentedControl } from '@mantine/core';
import { IconTrophy } from '@tabler/icons-react';
import { useState } from 'react';
import { wireKey } from '../../../../shared/bytes.ts';
import { useSetting } from '../../../lib/settings.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { TypeBadge } from '../../../ui/badge.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { VirtualRows } from '../../../ui/virtual-rows.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { ColumnHead } from '../columns/column-head.tsx';
import { fieldList } from '../facts/fact-words.ts';
import { useKeysPlace, type Opened } from '../keys-context.ts';
import { placeOfPicked, type Picked } from '../namespaces/picked.ts';
import { useDelayedOpen } from '../namespaces/use-delayed-open.ts';
import { useSignal } from '../signal.ts';
import { knownWords, Measure, measureWords, topMeasures, useTop, type TopMeasure } from './top-list.tsx';
import columnClasses from '../columns/columns.module.css';
import classes from '../namespaces/namespaces.module.css';

interface TopKeysProps {
  indexId: string;
  viewId: string | null;
  onOpen: (opened: Opened) => void;
  onActivateKey: () => void;
}

const most = 500;

/** The keys with the most bytes, elements, idle time or accesses of all that pass the filter. */
export function TopKeys({ indexId, viewId, onOpen, onActivateKey }: TopKeysProps) {
  const { index } = useKeysPlace();
  const facts = useSignal(index.facts, (value) => value);
  const [wanted, setWanted] = useSetting<TopMeasure>('keys.top.by', 'bytes', (value): value is TopMeasure => (topMeasures as readonly unknown[]).includes(value));
  const offered = topMeasures.filter((measure) => measure !== (facts?.recency === 'frequency' ? 'idle' : 'frequency'));
  const by = offered.includes(wanted) ? wanted : (offered.at(-1) as TopMeasure);
  const [picked, setPicked] = useState<Picked | null>(null);
  const open = useDelayedOpen(onOpen);
  const { field, head } = measureWords[by];
  const unread = !(facts?.fields.includes(field) ?? false);
  const query = useTop(indexId, viewId, by, most);
  const keys = query.data?.keys ?? [];
  const active = placeOfPicked(picked, keys.length, (at) => keys[at]?.name ?? null);
  return (
    <div className={classes['view']}>
      <div className={classes['bar']} role="group" aria-label="Top keys shown">
        <SegmentedControl
          size="xs"
          aria-label="Most of"
          value={by}
          onChange={(value) => {
            setWanted(value);
            setPicked(null);
          }}
          data={offered.map((measure) => ({ value: measure, label: measureWords[measure].label }))}
        />
      </div>
      {unread ? (
        <EmptyState
          icon={<IconTrophy size={28} stroke={1.5} />}
          title={`${head} is not read yet`}
          actions={<Button onClick={() => index.enrich(['type', field], false)}>Read type and {fieldList([field])}</Button>}
        >
          The keys with the most of it show here as soon as it is read, in one pass over the keyspace.
        </EmptyState>
      ) : (
        <>
          <div className={columnClasses['headRow']} aria-hidden>
            <span style={{ width: 40 }}>Rank</span>
            <ColumnHead label="Name" />
            <ColumnHead label="Type" width="96px" />
            <ColumnHead label={head} width="96px" align="right" />
          </div>
          {query.error && <ProblemView problem={toProblem(query.error)} onRetry={() => void query.refetch()} />}
          {query.data === undefined && !query.error && <LoadingRows rows={12} label="Finding the top keys" />}
          {query.data !== undefined && keys.length === 0 && (
            <EmptyState icon={<IconTrophy size={28} stroke={1.5} />} title="No key has it yet">
              Keys show here as the pass reads them, or when the filter lets them through.
            </EmptyState>
          )}
          {keys.length > 0 && (
            <VirtualRows
              label="Top keys"
              role="listbox"
              count={keys.length}
              active={active}
              onMove={(at, { by: how }) => {
                const key = keys[at];
                setPicked({ at, key: key === undefined ? null : wireKey(key.name) });
                if (key) open({ kind: 'key', name: key.name }, how);
              }}
              onActivate={onActivateKey}
              rowAria={(at) => ({ 'aria-label': `${at + 1}. ${wireLabel(keys[at]?.name ?? '', 160)}` })}
              renderRow={(at) => {
                const key = keys[at];
                return key === undefined ? null : (
                  <div className={classes['cells']}>
                    <span className={`${columnClasses['cell']} la-number`} style={{ width: 40, padding: 0 }}>
                      {at + 1}
                    </span>
                    <span className={classes['name']}>
                      <span className="la-cut">
                        <WireText value={key.name} limit={160} empty="(empty name)" />
                      </span>
                    </span>
                    <span className={columnClasses['cell']} style={{ width: 96 }}>
                      {key.facts.type !== null && <TypeBadge type={key.facts.type} />}
                    </span>
                    <span className={columnClasses['cell']} data-align="right" style={{ width: 96, color: 'var(--la-text)' }}>
                      <Measure by={by} facts={key.facts} />
                    </span>
                  </div>
                );
              }}
            />
          )}
          {query.data !== undefined && (
            <div className={`${classes['foot']} la-number`} role="status">
              {head}, {knownWords(query.data.known, query.data.of)}
            </div>
          )}
        </>
      )}
    </div>
  );
}
