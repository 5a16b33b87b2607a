import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import type { Problem } from '../../../shared/contract/errors.ts';
import type { Workspace } from '../../../shared/contract/workspaces.ts';
import { navigate } from '../../lib/navigation.ts';
import { useOpenings } from '../../lib/workspaces.ts';
import { ProblemView } from '../../ui/problem-view.tsx';
import { secretFor } from './open-row.ts';
import classes from './connection-list.module.css';

interface OpenProblemProps {
  workspace: Workspace;
  problem: Problem;
  onRetry: () => void;
  onEdit: () => void;
}

/** Why a workspace did not open, under its row; asks for the password where one would help. */
export function OpenProblem({ workspace, problem, onRetry, onEdit }: OpenProblemProps) {
  const openings = useOpenings();
  const [secret, setSecret] = useState('');
  const prompt = secretFor(workspace, problem.code);
  const openWithSecret = async () => {
    if (prompt === null || secret === '') return;
    if (await openings.open(workspace.id, { [prompt.slot]: secret })) navigate({ screen: 'keys', workspaceId: workspace.id });
  };
  return (
    <div role="row">
      <div role="gridcell" aria-colspan={6} className={classes['problem']}>
        <ProblemView
          problem={problem}
          onRetry={onRetry}
          actions={
            <>
              {prompt !== null && (
                <form
                  className={classes['password']}
                  onSubmit={(event) => {
                    event.preventDefault();
                    void openWithSecret();
                  }}
                >
                  <PasswordInput
                    label={prompt.label}
                    description="For this session only; edit the connection to store it"
                    w={320}
                    autoComplete="off"
                    value={secret}
                    onChange={(event) => setSecret(event.currentTarget.value)}
                    autoFocus
                  />
                  <Button type="submit" disabled={secret === ''}>
                    Open with this {prompt.label.startsWith('Passphrase') ? 'passphrase' : 'password'}
                  </Button>
                </form>
              )}
              {!workspace.demo && (
                <Button variant="default" onClick={onEdit}>
                  Edit and test
                </Button>
              )}
            </>
          }
        />
      </div>
    </div>
  );
}
