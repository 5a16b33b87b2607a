import { Button, FileButton, Group, Modal, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { InferContractRouterOutputs } from '@orpc/contract';
import { base64FromBytes } from '../../../shared/bytes.ts';
import type { Problem } from '../../../shared/contract/errors.ts';
import type { workspacesContract } from '../../../shared/contract/workspaces.ts';
import { plural } from '../../lib/format.ts';
import { useHost } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { EnvironmentBadge } from '../../ui/environment.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import { postgresTarget, redisTarget } from './target-words.ts';
import classes from './import-dialog.module.css';

type Found = InferContractRouterOutputs<typeof workspacesContract>['import'];

const sources: Record<Found['source'], string> = {
  redisinsight: 'RedisInsight',
  ardm: 'Another Redis Desktop Manager',
  tinyrdm: 'Tiny RDM',
  lookaside: 'Lookaside',
};
const previewDelayMs = 250;
const biggest = 4_000_000;
const tooBig: Problem = { code: 'LIMIT_EXCEEDED', message: 'The file is larger than 4 MB', hint: 'Export fewer connections at once.', details: {} };

/** A zip goes as base64, as the contract's import takes it; anything else is text. */
async function exportText(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
  return isZip ? base64FromBytes(bytes) : new TextDecoder().decode(bytes);
}

interface Preview {
  found: Found | null;
  problem: Problem | null;
}

function usePreview(text: string, fileName: string): Preview {
  const { client } = useHost();
  const [preview, setPreview] = useState<Preview>({ found: null, problem: null });
  useEffect(() => {
    setPreview({ found: null, problem: null });
    if (text.trim() === '') return undefined;
    const leaving = new AbortController();
    const timer = setTimeout(() => {
      client.workspaces.import({ text, fileName, dryRun: true }, { signal: leaving.signal }).then(
        (found) => setPreview({ found, problem: null }),
        (error: unknown) => {
          if (!leaving.signal.aborted) setPreview({ found: null, problem: toProblem(error) });
        },
      );
    }, previewDelayMs);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [client, text, fileName]);
  return preview;
}

function PreviewTable({ found }: { found: Found }) {
  return (
    <>
      <p className={classes['note']}>
        {plural(found.found.length, 'connection')} in this export of {sources[found.source]}
        {found.skipped.length > 0 && `, ${found.skipped.length} left out`}
      </p>
      <div className={classes['scroll']} tabIndex={0} role="region" aria-label="Preview of the import">
        <table className={classes['table']}>
          <thead>
            <tr>
              <th>Name</th>
              <th>Environment</th>
              <th>Points to</th>
              <th>Secrets</th>
              <th>Notes</th>
            </tr>
          </thead>
          <tbody>
            {found.found.map(({ draft, secrets, notes }, at) => (
              <tr key={at}>
                <td>{draft.name}</td>
                <td>
                  <EnvironmentBadge environment={draft.environment} />
                </td>
                <td className="la-mono">
                  {draft.redis !== null && <div>{redisTarget(draft.redis)}</div>}
                  {draft.postgres !== null && <div>{postgresTarget(draft.postgres)}</div>}
                </td>
                <td>{secrets.length === 0 ? 'none' : plural(secrets.length, 'secret')}</td>
                <td>{notes.map((note) => <div key={note}>{note}</div>)}</td>
              </tr>
            ))}
            {found.skipped.map(({ name, reason }, at) => (
              <tr key={`skipped ${at}`}>
                <td>{name}</td>
                <td colSpan={3}>left out</td>
                <td>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function ImportBody({ onClose }: { onClose: () => void }) {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const [fileName, setFileName] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Problem | null>(null);
  const { found, problem } = usePreview(text, fileName);
  const count = found?.found.length ?? 0;
  const readFile = async (file: File | null) => {
    if (file === null) return;
    setFailure(null);
    if (file.size > biggest) {
      setFailure(tooBig);
      return;
    }
    setFileName(file.name);
    setText(await exportText(file));
  };
  const save = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const { saved } = await client.workspaces.import({ text, fileName, dryRun: false });
      await queryClient.invalidateQueries({ queryKey: orpc.workspaces.list.key() });
      notifications.show({ message: `${plural(saved.length, 'connection')} imported` });
      onClose();
    } catch (error) {
      setFailure(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  const shown = failure ?? problem;
  return (
    <>
      <p className={classes['note']}>Exports of RedisInsight, Another Redis Desktop Manager, Tiny RDM and Lookaside. Nothing is saved before the preview is confirmed.</p>
      <Group gap={8} mb={8}>
        <FileButton onChange={(file) => void readFile(file)} accept=".json,.ano,.txt,.zip,.yaml,.yml" inputProps={{ 'aria-label': 'Export file' }}>
          {(props) => (
            <Button variant="default" {...props}>
              Choose a file
            </Button>
          )}
        </FileButton>
        <span className="la-mono">{fileName}</span>
      </Group>
      <Textarea
        label="Or paste the text of an export"
        classNames={{ input: 'la-mono' }}
        spellCheck={false}
        rows={5}
        maxLength={biggest}
        value={text.length > 20_000 ? `${text.slice(0, 20_000)}…` : text}
        readOnly={text.length > 20_000}
        data-autofocus
        onChange={(event) => {
          setFileName('');
          setText(event.currentTarget.value);
        }}
      />
      {shown !== null && <ProblemView problem={shown} />}
      {found !== null && <PreviewTable found={found} />}
      <Group justify="flex-end" gap={8} mt={16}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={count === 0} loading={busy} onClick={() => void save()}>
          {count === 0 ? 'Import' : `Import ${plural(count, 'connection')}`}
        </Button>
      </Group>
    </>
  );
}

/** Brings connections of other tools along, after a preview. */
export function ImportDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import connections" size={860}>
      <ImportBody onClose={onClose} />
    </Modal>
  );
}
