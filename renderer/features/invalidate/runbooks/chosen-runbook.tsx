import { Button } from '@mantine/core';
import { formatExact } from '../../../lib/format.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { FactList } from '../../../ui/fact-list.tsx';
import { useInvalidatePlace, useSessionState } from '../place.ts';
import type { ResolvedRunbook } from '../session.ts';
import { Step } from '../step.tsx';
import { actionWords, selectionWords } from '../words.ts';
import classes from '../invalidate.module.css';

/** A runbook with its values in place of the form: what it takes, and what cannot be widened. */
export function ChosenRunbook({ runbook }: { runbook: ResolvedRunbook }) {
  const { session } = useInvalidatePlace();
  const { plan } = useSessionState();
  const { selection } = runbook;
  const excluded = selection.exclude.map(({ pattern }) => wireLabel(pattern, 60));
  return (
    <Step
      number={1}
      title="Choose"
      aside={
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => session.take(null)}>
          Leave the runbook
        </Button>
      }
    >
      <div className={classes['body']} tabIndex={0} role="region" aria-label="Runbook">
        <strong>{runbook.name}</strong>
        {runbook.description !== '' && <p className={classes['words']} style={{ whiteSpace: 'pre-wrap' }}>{runbook.description}</p>}
        <FactList
          facts={[
            ['Takes', selectionWords(selection)],
            ['Left alone', excluded.length === 0 ? 'nothing' : excluded.join(', ')],
            ['Databases', (selection.dbs ?? [selection.db]).map((db) => `db ${db}`).join(', ')],
            ['Action', actionWords(runbook.action)],
            ['At most', runbook.maxKeys === null ? 'any number of keys' : `${formatExact(runbook.maxKeys)} keys`],
          ]}
        />
      </div>
      <div className={classes['foot']}>
        <Button fullWidth loading={plan.state === 'counting'} onClick={() => void session.count(runbook.action)}>
          Count again
        </Button>
      </div>
    </Step>
  );
}
