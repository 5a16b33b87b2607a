import { Button, Checkbox, SegmentedControl, Select } from '@mantine/core';
import { IconPlayerStop, IconRadar } from '@tabler/icons-react';
import { useState } from 'react';
import { blastMethods, type BlastMethod } from '../../../shared/contract/blast-radius.ts';
import { formatDateTime, formatDuration } from '../../lib/format.ts';
import { LoadingRows } from '../loading-rows.tsx';
import { ProblemView } from '../problem-view.tsx';
import { BlastResult } from './blast-result.tsx';
import { costWords, methodNames, progressWords } from './blast-words.ts';
import type { BlastRadius } from './use-blast-radius.ts';
import classes from './blast-radius.module.css';

const windows = [1000, 2000, 5000, 10_000];

function isMethod(value: string): value is BlastMethod {
  return (blastMethods as readonly string[]).includes(value);
}

/** Reads that would miss if keys were gone: choose how to measure with its cost in words, measure, cancel, the answer. */
export function BlastRadiusView({ blast }: { blast: BlastRadius }) {
  const { check, checkProblem, state, snapshot, problem } = blast;
  if (check === null) return checkProblem === null ? <LoadingRows rows={3} label="Asking what can be measured" /> : <ProblemView problem={checkProblem} onRetry={blast.recheck} />;
  return (
    <div className={classes['blast']} role="group" aria-label="Blast radius">
      <Choice blast={blast} />
      {state === 'measuring' && (
        <>
          <div className={classes['progress']} aria-hidden>
            <div style={{ width: `${snapshot === null ? 0 : Math.min(100, (snapshot.elapsedMs / snapshot.windowMs) * 100)}%` }} />
          </div>
          <p className={`${classes['words']} la-number`} role="status">
            {snapshot === null ? 'Beginning' : progressWords(snapshot)}
          </p>
        </>
      )}
      {state === 'idle' && <p className={classes['words']}>Never measured: how many reads these keys get is not known.</p>}
      {state === 'cancelled' && (
        <p className={classes['words']} role="status">
          Cancelled before its end: nothing is known.
        </p>
      )}
      {state === 'failed' && problem !== null && <ProblemView problem={problem} onRetry={blast.start} retryLabel="Measure again" />}
      {state === 'done' && snapshot !== null && blast.measuredAt !== null && <BlastResult snapshot={snapshot} at={formatDateTime(blast.measuredAt).slice(11)} />}
    </div>
  );
}

function Choice({ blast }: { blast: BlastRadius }) {
  const { check, method, state, windowMs } = blast;
  const [accepted, setAccepted] = useState(false);
  if (check === null) return null;
  const refused = check.methods.filter((each) => each.problem !== null);
  const asks = method === 'monitor' && check.environment === 'production';
  const measuring = state === 'measuring';
  const reasons = refused.map((each) => `${methodNames[each.method]} cannot be used: ${each.problem?.message ?? ''}.`).join(' ');
  if (method === null) {
    return (
      <p className={classes['words']} role="status">
        <span className={classes['amber']}>Reads cannot be measured here.</span> {reasons}
      </p>
    );
  }
  return (
    <>
      <div className={classes['bar']}>
        <SegmentedControl
          aria-label="Method"
          value={method}
          disabled={measuring}
          onChange={(value) => {
            if (isMethod(value)) blast.setMethod(value);
          }}
          data={check.methods.map((each) => ({ value: each.method, label: methodNames[each.method], disabled: each.problem !== null }))}
        />
        <Select
          aria-label="Time window"
          w={88}
          value={String(windowMs)}
          allowDeselect={false}
          disabled={measuring}
          data={windows.map((ms) => ({ value: String(ms), label: formatDuration(ms) }))}
          onChange={(value) => blast.setWindowMs(Number(value ?? windowMs))}
        />
        {measuring ? (
          <Button variant="default" leftSection={<IconPlayerStop size={14} />} onClick={blast.cancel}>
            Cancel
          </Button>
        ) : (
          <Button leftSection={<IconRadar size={14} />} disabled={asks && !accepted} onClick={blast.start}>
            {state === 'done' ? 'Measure again' : 'Measure'} for {formatDuration(windowMs)}
          </Button>
        )}
      </div>
      {asks && <Checkbox size="xs" disabled={measuring} checked={accepted} onChange={(event) => setAccepted(event.currentTarget.checked)} label="Accept the cost of MONITOR on a production server" />}
      <p className={classes['words']}>
        {costWords(method, check, windowMs)} {reasons}
      </p>
    </>
  );
}
