import { Button, FileButton, Group, Modal, Switch, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Problem } from '../../../shared/contract/errors.ts';
import { downloadText } from '../../lib/copy.ts';
import { formatExact } from '../../lib/format.ts';
import { useHost } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { FactList } from '../../ui/fact-list.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import { tellProblem } from '../../ui/tell-problem.ts';
import { useInvalidatePlace } from './place.ts';
import classes from './invalidate.module.css';

interface Approved {
  text: string;
  title: string;
  count: number;
  signedBy: string;
  fingerprint: string;
}

/** Approves a plan that somebody else signed, and says whether this workspace asks for that. */
export function ApproveDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Approval by a second person" size={560}>
      {opened && <ApproveBody onClose={onClose} />}
    </Modal>
  );
}

function ApproveBody({ onClose }: { onClose: () => void }) {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const { workspaceId, workspaceName } = useInvalidatePlace();
  const rule = useQuery(orpc.invalidate.approvalRule.queryOptions({ input: { workspaceId } }));
  const [file, setFile] = useState<File | null>(null);
  const [comment, setComment] = useState('');
  const [approved, setApproved] = useState<Approved | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const approve = async () => {
    if (file === null) return;
    setProblem(null);
    try {
      const answer = await client.invalidate.approve({ text: await file.text(), comment });
      setApproved(answer);
      downloadText(file.name.replace(/(?:\.lookaside-plan)?\.json$/u, '') + '.approved.json', answer.text);
    } catch (error) {
      setProblem(toProblem(error));
    }
  };
  const setRule = (needsApproval: boolean) => {
    client.invalidate.setApprovalRule({ workspaceId, needsApproval }).then(() => void queryClient.invalidateQueries({ queryKey: orpc.invalidate.key() }), tellProblem);
  };
  return (
    <div className={classes['stack']}>
      <Switch label={`Invalidations on ${workspaceName} need the approval of a second person`} disabled={rule.data === undefined} checked={rule.data?.needsApproval ?? false} onChange={(event) => setRule(event.currentTarget.checked)} />
      <fieldset className={classes['part']}>
        <legend className={classes['legend']}>Approve a plan of somebody else</legend>
        <div className={classes['row']}>
          <FileButton
            accept=".json,application/json"
            onChange={(next) => {
              setFile(next);
              setApproved(null);
            }}
          >
            {(props) => (
              <Button {...props} variant="default">
                {file === null ? 'Choose the plan file…' : file.name}
              </Button>
            )}
          </FileButton>
        </div>
        <Textarea label="Comment" rows={2} maxLength={1000} value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
        <p className={classes['words']}>The signature is checked first; an altered plan, or one of your own, is refused. The approval is saved as a file to give back.</p>
      </fieldset>
      {approved !== null && (
        <FactList
          facts={[
            ['Approved', approved.title],
            ['Keys', formatExact(approved.count)],
            ['Signed by', approved.signedBy],
            ['Fingerprint', <span key="f" className="la-mono">{approved.fingerprint}</span>],
          ]}
        />
      )}
      {problem !== null && <ProblemView problem={problem} />}
      <Group justify="flex-end" gap={8}>
        <Button variant="default" data-autofocus onClick={onClose}>
          {approved === null ? 'Cancel' : 'Close'}
        </Button>
        <Button disabled={file === null || approved !== null} onClick={() => void approve()}>
          Approve this plan
        </Button>
      </Group>
    </div>
  );
}
