import { Button, Checkbox, Group, Modal, Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import type { WireBytes } from '../../../shared/bytes.ts';
import type { Problem } from '../../../shared/contract/errors.ts';
import { useHost } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { ProblemView } from '../../ui/problem-view.tsx';
import { WireText } from '../../ui/wire-text-view.tsx';
import { fieldList } from './facts/fact-words.ts';
import { useKeysPlace } from './keys-context.ts';
import { useSignal } from './signal.ts';
import classes from './keys.module.css';

/** What to write: every key of a view, or of one folder in it. */
export interface ExportTarget {
  viewId: string;
  folderId: number | null;
  /** The folder, or the prefix that the whole view is filtered to; `null` = every key in view. */
  prefix: WireBytes | null;
}

type Format = 'lines' | 'csv' | 'jsonl';

const formats: readonly { value: Format; label: string; description: string }[] = [
  { value: 'lines', label: 'Text, a name a line', description: 'Bytes that cannot be shown as \\xNN in quotes, as redis-cli prints them' },
  { value: 'csv', label: 'CSV', description: 'With a header. A name that begins with = + - or @ stays as it is: tell the spreadsheet that the column is text' },
  { value: 'jsonl', label: 'JSON Lines', description: 'A JSON value a line; bytes that are no text as base64' },
];

interface ExportDialogProps {
  target: ExportTarget | null;
  onClose: () => void;
  onStarted: () => void;
}

/** Names, or names with what is known of each key, to a file, as a job. */
export function ExportDialog({ target, onClose, onStarted }: ExportDialogProps) {
  return (
    <Modal opened={target !== null} onClose={onClose} title={target === null || target.prefix === null ? 'Export the keys in view' : 'Export a folder'} size={520}>
      {target !== null && <ExportForm target={target} onClose={onClose} onStarted={onStarted} />}
    </Modal>
  );
}

function ExportForm({ target, onClose, onStarted }: { target: ExportTarget; onClose: () => void; onStarted: () => void }) {
  const { client } = useHost();
  const { index } = useKeysPlace();
  const facts = useSignal(index.facts, (value) => value);
  const done = useSignal(index.feed, (feed) => feed.snapshot?.state === 'done');
  const [format, setFormat] = useState<Format>('lines');
  const [wanted, setWanted] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const canHaveFacts = format !== 'lines' && facts !== null;
  const withFacts = canHaveFacts && wanted;
  const start = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await client.keys.exportNames({ viewId: target.viewId, folderId: target.folderId, format, facts: withFacts });
      onStarted();
      onClose();
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <p className={classes['dialogText']}>
        {target.prefix === null ? 'All keys in view, folded or not, are written' : 'All keys below '}
        {target.prefix !== null && <WireText value={target.prefix} limit={120} />}
        {target.prefix !== null && ' are written'} to a file in the data folder, as a job that can be paused and cancelled.
      </p>
      {!done && <p className={classes['dialogText']}>The scan is not complete: the file holds what is found so far.</p>}
      <Radio.Group label="Format" value={format} onChange={(value) => setFormat(value)}>
        <Stack gap={6} mt={4}>
          {formats.map((one, at) => (
            <Radio key={one.value} value={one.value} label={one.label} description={one.description} {...(at === 0 ? { 'data-autofocus': true } : {})} />
          ))}
        </Stack>
      </Radio.Group>
      <Checkbox
        mt={12}
        label="With what is known of each key"
        description={facts === null ? 'No facts are read yet: read them from the scan line first.' : format === 'lines' ? 'Text lines hold names only.' : `Read: ${fieldList(facts.fields, facts.recency)}.`}
        disabled={!canHaveFacts}
        checked={withFacts}
        onChange={(event) => setWanted(event.currentTarget.checked)}
      />
      {problem && <ProblemView problem={problem} />}
      <Group justify="flex-end" gap={8} mt={16}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          {withFacts ? 'Export names and facts' : 'Export names'}
        </Button>
      </Group>
    </form>
  );
}
