import { Button, Checkbox, FileButton, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { RunPace } from '../../../../shared/contract/bulk.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { flushWord, type InvalidatePlan } from '../../../../shared/contract/invalidate.ts';
import { downloadText } from '../../../lib/copy.ts';
import { unitWords } from '../../../lib/bulk-words.ts';
import { formatBytes, formatDuration, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useNow } from '../../../lib/now.ts';
import { useSetting } from '../../../lib/settings.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { EnvironmentBadge } from '../../../ui/environment.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { useInvalidatePlace } from '../place.ts';
import { Notice } from '../step.tsx';
import { confirmWords } from '../words.ts';
import type { ResolvedRunbook } from '../session.ts';
import { LockNotice } from './lock-notice.tsx';
import { PaceFields } from './pace-fields.tsx';
import { isPace, noPace, paceWords, slower } from './pace.ts';
import { StagedFields } from './staged-fields.tsx';
import { isStaged, stagedOf, usualStaged } from './staged.ts';
import classes from '../invalidate.module.css';

interface Typed {
  count: string;
  name: string;
  word: string;
  /** No undo, and that is understood. */
  forGood: boolean;
}

/** What is still missing before the run may begin; empty when nothing is. */
function missing(plan: InvalidatePlan, typed: Typed, workspaceName: string, production: boolean, undo: boolean): string {
  const flush = plan.confirmation === 'flush';
  const asksCount = plan.confirmation === 'count' || plan.confirmation === 'count-and-name';
  const asksName = plan.confirmation === 'count-and-name' || (flush && production);
  if (asksCount && Number(typed.count.replaceAll(/[,\s]/gu, '')) !== plan.selected) return 'Type the count first';
  if (flush && typed.word !== flushWord) return `Type ${flushWord} first`;
  if (asksName && typed.name !== workspaceName) return 'Type the name first';
  if (!undo && !typed.forGood) return 'Tick that nothing can be brought back';
  return '';
}

/** Everything between the count and the run: undo, pace, stages, and a confirmation that grows with what is at stake. */
export function ConfirmForm({ plan, runbook }: { plan: InvalidatePlan; runbook: ResolvedRunbook | null }) {
  const { client } = useHost();
  const { session, workspaceName, environment, readOnly, workspaceId } = useInvalidatePlace();
  const [typed, setTyped] = useState<Typed>({ count: '', name: '', word: '', forGood: false });
  const [undo, setUndo] = useState(true);
  const [pace, setPace] = useSetting<RunPace>(`invalidate.pace.${workspaceId}`, noPace, isPace);
  const [staged, setStaged] = useSetting(`invalidate.staged.${workspaceId}`, usualStaged, isStaged);
  const [limits, setLimits] = useState(false);
  const [approval, setApproval] = useState<{ name: string; text: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const now = useNow(1000);
  const forced = runbook?.staged ?? null;
  const flush = plan.confirmation === 'flush';
  const asksCount = plan.confirmation === 'count' || plan.confirmation === 'count-and-name';
  const asksName = plan.confirmation === 'count-and-name' || (flush && environment === 'production');
  const old = plan.expiresAt !== null && plan.expiresAt <= now;
  const open = missing(plan, typed, workspaceName, environment === 'production', undo);
  const tooMany = runbook !== null && runbook.maxKeys !== null && plan.selected > runbook.maxKeys;
  const why = tooMany ? `The runbook allows at most ${formatExact(runbook.maxKeys ?? 0)} keys` : readOnly ? `${workspaceName} is read-only` : old ? 'The count is too old: count again' : forced === null && staged.on && stagedOf(staged) === null ? 'The wait between the stages is no length of time' : plan.needsApproval && approval === null ? 'A second person has to approve the plan' : open;
  const grave = plan.confirmation !== 'click' || !undo;

  const run = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const { runId } = await client.invalidate.run({
        planId: plan.planId,
        confirm: { count: plan.selected, ...(asksName ? { name: typed.name } : {}), ...(flush ? { word: typed.word } : {}), ...(approval === null ? {} : { approval: approval.text }) },
        undo,
        pace: slower(pace, runbook?.pace ?? noPace),
        staged: runbook?.staged ?? stagedOf(staged),
      });
      session.taken(runId);
    } catch (error) {
      setProblem(toProblem(error));
      setBusy(false);
    }
  };
  return (
    <form
      className={classes['step']}
      onSubmit={(event) => {
        event.preventDefault();
        if (why === '' && !busy) void run();
      }}
    >
      <div className={classes['body']} tabIndex={-1}>
        <LockNotice />
        <div className={classes['row']}>
          <EnvironmentBadge environment={environment} />
          <span className="la-cut" title={workspaceName}>
            {workspaceName}
          </span>
        </div>
        <fieldset className={classes['part']}>
          <legend className={classes['legend']}>Undo</legend>
          <Switch label="Keep everything that an undo needs" checked={undo} disabled={runbook?.undo === true} onChange={(event) => setUndo(event.currentTarget.checked)} />
          {undo ? (
            <p className={classes['words']}>Each value is on the disk of this machine before its key goes{plan.undoBytes === null || plan.undoBytes === 0 ? '' : `: about ${formatBytes(plan.undoBytes)}`}.</p>
          ) : (
            <Checkbox label={`${unitWords(plan.selected, 'keys')} cannot be brought back`} checked={typed.forGood} onChange={(event) => setTyped({ ...typed, forGood: event.currentTarget.checked })} />
          )}
        </fieldset>
        <fieldset className={classes['part']}>
          <legend className={classes['legend']}>Pace</legend>
          <div className={classes['row']}>
            <p className={`${classes['words']} ${classes['spring']}`}>Goes {paceWords(pace)}. It slows down by itself while the server&rsquo;s latency rises.</p>
            <Button variant="subtle" color="gray" size="compact-xs" aria-expanded={limits} onClick={() => setLimits(!limits)}>
              {limits ? 'Hide limits' : 'Limits…'}
            </Button>
          </div>
          {limits && <PaceFields pace={pace} onChange={setPace} />}
          {runbook !== null && runbook.pace.keysPerSecond !== null && <p className={classes['words']}>The runbook allows at most {formatExact(runbook.pace.keysPerSecond)} keys/s.</p>}
        </fieldset>
        <fieldset className={classes['part']}>
          <legend className={classes['legend']}>Stages</legend>
          <Switch label="A few keys first, then look at the hit rate" checked={forced !== null || staged.on} disabled={forced !== null} onChange={(event) => setStaged({ ...staged, on: event.currentTarget.checked })} />
          {forced === null && staged.on && <StagedFields form={staged} onChange={setStaged} />}
          {forced !== null && <p className={classes['words']}>The runbook says: {formatExact(forced.canary)} keys first, then {formatDuration(forced.waitMs)}.</p>}
        </fieldset>
        {plan.needsApproval && <Approval plan={plan} approval={approval} onApproval={setApproval} />}
        {problem !== null && <ProblemView problem={problem} />}
      </div>
      <div className={classes['foot']} style={{ display: 'grid' }}>
        {asksCount && (
          <TextInput label={`Type ${formatExact(plan.selected)} to confirm the count`} inputMode="numeric" autoComplete="off" value={typed.count} onChange={(event) => setTyped({ ...typed, count: event.currentTarget.value })} />
        )}
        {flush && <TextInput label={`Type ${flushWord} to confirm that everything goes`} autoComplete="off" spellCheck={false} value={typed.word} onChange={(event) => setTyped({ ...typed, word: event.currentTarget.value })} />}
        {asksName && <TextInput label={`Type ${workspaceName} to confirm where`} autoComplete="off" spellCheck={false} value={typed.name} onChange={(event) => setTyped({ ...typed, name: event.currentTarget.value })} />}
        <Button type="submit" fullWidth color={grave ? 'red' : 'accent'} loading={busy} disabled={why !== ''} styles={{ label: { whiteSpace: 'normal', lineHeight: '17px' }, root: { height: 'auto', minHeight: 26, paddingBlock: 3 } }}>
          {confirmWords(plan, workspaceName)}
        </Button>
        {why !== '' && (
          <span className={classes['dim']} role="status" aria-label="Why not yet">
            {why}.
          </span>
        )}
      </div>
    </form>
  );
}

/** A plan goes to a second person as a signed file and comes back approved. */
function Approval({ plan, approval, onApproval }: { plan: InvalidatePlan; approval: { name: string } | null; onApproval: (approval: { name: string; text: string } | null) => void }) {
  const { client } = useHost();
  const [problem, setProblem] = useState<Problem | null>(null);
  const save = () => {
    setProblem(null);
    client.invalidate.planFile({ planId: plan.planId }).then(
      ({ text }) => downloadText(`plan-${plan.selected}-keys.lookaside-plan.json`, text),
      (error: unknown) => setProblem(toProblem(error)),
    );
  };
  return (
    <Notice tone="amber" title="A second person approves">
      <p style={{ margin: '0 0 6px' }}>Save the signed plan, have someone else approve it with “Approve a plan file” on their machine, and load what they give back.</p>
      <div className={classes['row']}>
        <Button variant="default" size="compact-xs" onClick={save}>
          Save the plan
        </Button>
        <FileButton
          accept=".json,application/json"
          onChange={(file) => {
            if (file === null) return;
            file.text().then(
              (text) => onApproval({ name: file.name, text }),
              (error: unknown) => setProblem(toProblem(error)),
            );
          }}
        >
          {(props) => (
            <Button {...props} variant="default" size="compact-xs">
              {approval === null ? 'Load the approval…' : `Approval: ${approval.name}`}
            </Button>
          )}
        </FileButton>
      </div>
      {problem !== null && <ProblemView problem={problem} />}
    </Notice>
  );
}
