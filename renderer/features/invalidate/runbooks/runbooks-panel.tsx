import { Button, FileButton, Group, Modal, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { IconDownload, IconNotebook, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Problem } from '../../../../shared/contract/errors.ts';
import type { SavedRunbook } from '../../../../shared/contract/runbooks.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { downloadText } from '../../../lib/copy.ts';
import { formatAgo, formatDateTime, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { NameLines, plainLines } from '../../../lib/name-lines.ts';
import { useNow } from '../../../lib/now.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { tellProblem } from '../../../ui/tell-problem.ts';
import { useInvalidatePlace } from '../place.ts';
import classes from '../invalidate.module.css';

interface RunbooksPanelProps {
  /** Name of the one whose values are asked for. */
  wanted: string | null;
  onWanted: (name: string | null) => void;
  onTaken: () => void;
}

/** Saved invalidations: run with values, share as files. */
export function RunbooksPanel({ wanted, onWanted, onTaken }: RunbooksPanelProps) {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const list = useQuery(orpc.runbooks.list.queryOptions());
  const [removing, setRemoving] = useState<SavedRunbook | null>(null);
  const now = useNow(30_000);
  const refresh = () => void queryClient.invalidateQueries({ queryKey: orpc.runbooks.key() });
  const running = list.data?.find(({ name }) => name === wanted) ?? null;
  if (list.data === undefined) return list.error === null ? <LoadingRows rows={5} label="Reading the runbooks" /> : <ProblemView problem={toProblem(list.error)} onRetry={() => void list.refetch()} fills />;
  const load = (file: File | null) => {
    if (file === null) return;
    file
      .text()
      .then((text) => client.runbooks.importFile({ text }))
      .then(refresh, tellProblem);
  };
  const share = (name: string) => {
    client.runbooks.exportFile({ name }).then(({ fileName, text }) => downloadText(fileName, text), tellProblem);
  };
  return (
    <div className={classes['panel']}>
      <div className={classes['strip']} role="group" aria-label="Runbooks">
        <span className={classes['dim']}>{list.data.length === 0 ? '' : `${formatExact(list.data.length)} saved on this machine`}</span>
        <span className={classes['spring']} />
        <FileButton accept=".json,application/json" onChange={load}>
          {(props) => (
            <Button {...props} variant="default">
              Load from a file…
            </Button>
          )}
        </FileButton>
      </div>
      {list.data.length === 0 ? (
        <EmptyState icon={<IconNotebook size={28} stroke={1.5} />} title="No runbooks yet">
          Choose keys under Invalidate and save them with a name. Words in braces become variables; guard rails say how many keys it may take and where it may run.
        </EmptyState>
      ) : (
        <div className={classes['scroll']} tabIndex={0} role="region" aria-label="Saved runbooks">
          <table className={classes['table']}>
            <thead>
              <tr>
                <th>Runbook</th>
                <th>Takes</th>
                <th>Action</th>
                <th>Guard rails</th>
                <th>Saved</th>
                <th aria-label="Actions" />
              </tr>
            </thead>
            <tbody>
              {list.data.map((one) => (
                <tr key={one.name}>
                  <td title={one.description}>{one.name}</td>
                  <td className={`${classes['cellName']} la-cut la-mono`}>{takesWords(one)}</td>
                  <td>{one.action.kind}</td>
                  <td>{guardWords(one)}</td>
                  <td title={formatDateTime(one.savedAt)}>{formatAgo(one.savedAt, now)}</td>
                  <td>
                    <div className={classes['row']} style={{ gap: 2 }}>
                      <IconButton label={`Run: ${one.name}`} icon={<IconPlayerPlay size={15} />} onClick={() => onWanted(one.name)} />
                      <IconButton label={`Save as a file: ${one.name}`} icon={<IconDownload size={15} />} onClick={() => share(one.name)} />
                      <IconButton label={`Remove: ${one.name}`} icon={<IconTrash size={15} />} onClick={() => setRemoving(one)} />
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Modal opened={running !== null} onClose={() => onWanted(null)} title={`Run ${running?.name ?? ''}`} size={480}>
        {running !== null && <RunForm key={running.name} runbook={running} onClose={() => onWanted(null)} onTaken={onTaken} />}
      </Modal>
      <ConfirmDialog
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title="Remove a runbook"
        confirmLabel={`Remove ${removing?.name ?? ''}`}
        danger
        onConfirm={async () => {
          if (removing !== null) await client.runbooks.remove({ name: removing.name });
          refresh();
        }}
      >
        “{removing?.name}” is gone then. What it did stays in the journal. Save it as a file first to keep a copy.
      </ConfirmDialog>
    </div>
  );
}

function takesWords({ selection: { keys } }: SavedRunbook): string {
  if (keys.kind === 'pattern') return wireLabel(keys.pattern, 80);
  if (keys.kind === 'prefix') return `${wireLabel(keys.prefix, 80)}…`;
  return keys.kind === 'set' ? `members of ${wireLabel(keys.name, 60)}` : `${formatExact(keys.names.length)} names`;
}

function guardWords({ guards }: SavedRunbook): string {
  const parts = [
    guards.maxKeys === null ? '' : `at most ${formatExact(guards.maxKeys)} keys`,
    guards.environments.length === 0 ? '' : `only ${guards.environments.join(', ')}`,
    guards.minIdleSeconds === null ? '' : `idle ${formatExact(guards.minIdleSeconds)} s or more`,
    guards.staged === null ? '' : 'staged',
    guards.maxKeysPerSecond === null ? '' : `${formatExact(guards.maxKeysPerSecond)} keys/s`,
    guards.undo ? 'undo kept' : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** Asks for the values of the variables, then counts with them. */
function RunForm({ runbook, onClose, onTaken }: { runbook: SavedRunbook; onClose: () => void; onTaken: () => void }) {
  const { client } = useHost();
  const { session, workspaceId, db } = useInvalidatePlace();
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const begin = async () => {
    setProblem(null);
    const given = runbook.variables.map(({ name }) => {
      const lines = new NameLines(plainLines);
      return { name, values: [...lines.push(new TextEncoder().encode(texts[name] ?? '')), ...lines.end()] };
    });
    try {
      const variables = Object.fromEntries(given.filter(({ values }) => values.length > 0).map(({ name, values }) => [name, values]));
      session.take(await client.runbooks.resolve({ runbook: runbook.name, variables, workspaceId, db }));
      onClose();
      onTaken();
    } catch (error) {
      setProblem(toProblem(error));
    }
  };
  return (
    <form
      className={classes['stack']}
      onSubmit={(event) => {
        event.preventDefault();
        void begin();
      }}
    >
      {runbook.description !== '' && <p className={classes['words']} style={{ whiteSpace: 'pre-wrap' }}>{runbook.description}</p>}
      {runbook.variables.map(({ name, description, allow, fallback }, at) => (
        <Textarea
          key={name}
          label={`Values of {${name}}, one a line`}
          description={[description, allow === '' ? '' : `Each matches ${allow}`].filter((part) => part !== '').join('. ')}
          placeholder={fallback === null ? '' : wireLabel(fallback)}
          classNames={{ input: 'la-mono' }}
          rows={3}
          spellCheck={false}
          {...(at === 0 ? { 'data-autofocus': true } : {})}
          value={texts[name] ?? ''}
          onChange={(event) => setTexts({ ...texts, [name]: event.currentTarget.value })}
        />
      ))}
      <p className={classes['words']}>Counts first. Nothing is changed before you confirm the count.</p>
      {problem !== null && <ProblemView problem={problem} />}
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit">Count with these values</Button>
      </Group>
    </form>
  );
}
