import { Button, Checkbox, Group, Modal, Progress, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { RunSummary } from '../../../../shared/contract/bulk.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import type { UndoPreview } from '../../../../shared/contract/invalidate.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { ofWords, unitWords } from '../../../lib/bulk-words.ts';
import { formatBytes, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { nameFromInput } from '../../../lib/name-input.ts';
import { useSnapshotStream } from '../../../lib/streams.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { VirtualRows } from '../../../ui/virtual-rows.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { wireLabel } from '../../../lib/wire-text.ts';
import { modeOf, modes, nameField } from '../choose/way-fields.tsx';
import { useInvalidatePlace } from '../place.ts';
import { LockNotice } from '../run/lock-notice.tsx';
import { Notice } from '../step.tsx';
import { SplitTable } from '../preview/split-table.tsx';
import classes from '../invalidate.module.css';

type Run = Pick<RunSummary, 'runId' | 'title' | 'kind'>;

interface UndoDialogProps {
  run: Run | null;
  onClose: () => void;
  onUndo: () => void;
}

/** Counts what an undo would bring back before it brings anything back. */
export function UndoDialog({ run, onClose, onUndo }: UndoDialogProps) {
  return (
    <Modal opened={run !== null} onClose={onClose} title="Undo an invalidation" size={640}>
      {run !== null && <UndoBody run={run} onClose={onClose} onUndo={onUndo} />}
    </Modal>
  );
}

function UndoBody({ run, onClose, onUndo }: UndoDialogProps & { run: Run }) {
  const { client } = useHost();
  const { workspaceName, readOnly } = useInvalidatePlace();
  const [pattern, setPattern] = useState('');
  const [mode, setMode] = useState<KeyFilter['mode']>('glob');
  const [overNewer, setOverNewer] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [settled] = useDebouncedValue(pattern, 400);
  const part = { runId: run.runId, overNewer, ...(settled === '' ? {} : { filter: { pattern: nameFromInput(settled), mode } }) };
  const stream = useSnapshotStream<UndoPreview>((signal) => client.invalidate.undoPreview(part, { signal }), [client, JSON.stringify(part)]);
  const preview = stream.snapshot;
  const ready = preview?.state === 'ready' && preview.refusal === null && settled === pattern;
  const takes = preview === null ? 0 : preview.restorable + (overNewer ? preview.newer : 0);
  const undo = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await client.invalidate.undo(part);
      onUndo();
      onClose();
    } catch (error) {
      setProblem(toProblem(error));
      setBusy(false);
    }
  };
  return (
    <div className={classes['stack']}>
      <p className={classes['words']}>{run.title}</p>
      <LockNotice />
      <Group gap={8} align="flex-end" wrap="nowrap">
        <Select label="Only names that" w={128} data={[...modes]} allowDeselect={false} value={mode} onChange={(value) => setMode(modeOf(value))} />
        <TextInput {...nameField} aria-label="Pattern of what is brought back" placeholder="Everything that the run took" className={classes['spring'] ?? ''} value={pattern} onChange={(event) => setPattern(event.currentTarget.value)} />
      </Group>
      {preview === null ? (
        stream.problem === null ? <LoadingRows rows={4} label="Counting what comes back" /> : <ProblemView problem={stream.problem} onRetry={stream.restart} />
      ) : (
        <PreviewOfUndo preview={preview} />
      )}
      {preview !== null && preview.newer > 0 && (
        <Checkbox
          label={`Also over ${unitWords(preview.newer, 'keys')} that exist again with another value, which is lost then`}
          checked={overNewer}
          onChange={(event) => setOverNewer(event.currentTarget.checked)}
        />
      )}
      {preview !== null && preview.newerNames.length > 0 && <NewerNames preview={preview} />}
      {problem !== null && <ProblemView problem={problem} />}
      <Group justify="flex-end" gap={8} mt={8}>
        <Button variant="default" data-autofocus onClick={onClose}>
          Cancel
        </Button>
        <Button color={overNewer ? 'red' : 'accent'} loading={busy} disabled={!ready || takes === 0 || readOnly} onClick={() => void undo()}>
          Restore {unitWords(takes, 'keys')} on {workspaceName}
        </Button>
      </Group>
    </div>
  );
}

function PreviewOfUndo({ preview }: { preview: UndoPreview }) {
  const counting = preview.state !== 'ready';
  const rows = [
    { id: 'back', name: 'come back', keys: preview.restorable },
    { id: 'newer', name: 'exist again with another value', keys: preview.newer },
    { id: 'so', name: 'are there as they were', keys: preview.alreadySo },
    { id: 'expired', name: 'have expired meanwhile', keys: preview.expired },
    { id: 'filtered', name: 'are left by the pattern', keys: preview.filtered },
  ];
  return (
    <>
      <div className={classes['row']} role="status" aria-label="Undo preview">
        <span className="la-number">
          {counting ? `${preview.state === 'waiting-for-server' ? 'Waiting for the server' : 'Counting'}: ${ofWords(preview.walked, preview.total)}` : `${formatExact(preview.total)} of the run looked at, ${formatBytes(preview.bytes)} come back`}
        </span>
      </div>
      {counting && <Progress value={preview.total === 0 ? 100 : (preview.walked / preview.total) * 100} size={3} aria-label="Progress of the undo preview" />}
      {preview.refusal !== null && (
        <Notice tone="red" title={preview.refusal.message}>
          {preview.refusal.hint}
        </Notice>
      )}
      {preview.server === 'other' && <Notice tone="amber" title="Another server, or one that was restarted">The run worked on {preview.ranOn}.</Notice>}
      {preview.cut && <Notice tone="amber" title="The end of the journal is missing">What stands before it is whole and comes back.</Notice>}
      {preview.altered.length > 0 && (
        <Notice tone="red" title={`${formatExact(preview.altered.length)} records do not have their checksum`}>
          They are not restored:{' '}
          {preview.altered.slice(0, 5).map(({ at, name }) => (
            <div key={at} className="la-cut">
              {name === null ? `unreadable, at byte ${formatExact(at)}` : <WireText value={name} limit={80} />}
            </div>
          ))}
        </Notice>
      )}
      <SplitTable title="Of what the run took" rows={rows.filter(({ keys, id }) => keys > 0 || id === 'back')} />
    </>
  );
}

function NewerNames({ preview }: { preview: UndoPreview }) {
  const names = preview.newerNames;
  const [active, setActive] = useState(0);
  return (
    <div className={classes['list']} style={{ height: Math.min(6, names.length) * 26 + 30 }}>
      <div className={classes['listHead']}>
        <span className={classes['dim']}>
          Exist again with another value
          {preview.newer > names.length && `, the first ${formatExact(names.length)}`}
        </span>
      </div>
      <VirtualRows
        label="Keys that exist again"
        role="listbox"
        count={names.length}
        active={active}
        onMove={setActive}
        rowAria={(index) => ({ 'aria-label': wireLabel(names[index]?.name ?? '') })}
        renderRow={(index) => <span className={`${classes['planRow']} la-cut`}>{names[index] !== undefined && <WireText value={names[index].name} limit={200} />}</span>}
      />
    </div>
  );
}
