import { Button, Checkbox, Group, Menu, Modal, Select } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { IconCamera, IconChevronDown, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Problem } from '../../../../shared/contract/errors.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import type { SketchInfo } from '../../../../shared/contract/key-sketches.ts';
import { samePart } from '../../../../shared/redis/compare-sketches.ts';
import { formatDateTime, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { Bytes } from '../../../ui/bytes.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { Count } from '../../../ui/count.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { filterSentence } from '../filter/saved-menu.tsx';
import { useKeysPlace } from '../keys-context.ts';
import { useSignal } from '../signal.ts';
import { CompareSketches } from './compare-sketches.tsx';
import classes from './snapshots.module.css';

/** What of the database the next snapshot may be of, beside all of it. */
export interface SnapshotParts {
  /** The folder or template that the dialog was asked for from. */
  group: KeyFilter | null;
  /** What the keys are filtered to; `null` when they are not. */
  filter: KeyFilter | null;
}

/** Pictures of the keyspace that were kept: save one, compare two, also of two connections. */
export function SnapshotsDialog({ opened, parts, onClose }: { opened: boolean; parts: SnapshotParts; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyspace snapshots" size={1020}>
      {opened && <Snapshots parts={parts} />}
    </Modal>
  );
}

type Part = keyof SnapshotParts | 'all';

function Snapshots({ parts }: { parts: SnapshotParts }) {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const { index } = useKeysPlace();
  const indexId = useSignal(index.feed, (feed) => feed.snapshot?.indexId ?? null);
  const state = useSignal(index.feed, (feed) => feed.snapshot?.state ?? 'scanning');
  const facts = useSignal(index.facts, (value) => value);
  const list = useQuery(orpc.keys.sketches.queryOptions({ staleTime: 0 }));
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [comparing, setComparing] = useState<{ a: string; b: string } | null>(null);
  const [removing, setRemoving] = useState<SketchInfo | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [saving, setSaving] = useState(false);
  const [part, setPart] = useState<Part>(parts.group === null ? 'all' : 'group');
  const refresh = () => queryClient.invalidateQueries({ queryKey: orpc.keys.sketches.key() });

  const save = async (templates: boolean) => {
    if (indexId === null) return;
    setSaving(true);
    setProblem(null);
    try {
      const filter = part === 'all' ? null : parts[part];
      if (filter === null) await client.keys.saveSketch({ indexId, templates });
      else {
        const { viewId } = await client.keys.openView({ index: indexId, mode: 'list', filter, expanded: [] });
        try {
          await client.keys.saveSketch({ indexId, viewId, templates });
        } finally {
          // A view that is gone already needs no closing.
          await client.keys.closeView({ viewId }).catch(() => undefined);
        }
      }
      await refresh();
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setSaving(false);
    }
  };
  if (comparing !== null) return <CompareSketches {...comparing} onBack={() => setComparing(null)} />;

  const sketches = list.data ?? [];
  const pair = sketches.filter(({ sketchId }) => chosen.includes(sketchId)).toSorted((a, b) => a.at - b.at);
  const [older, newer] = pair;
  const unlike = older === undefined || newer === undefined ? '' : unlikeWords(older, newer);
  const toggle = (sketchId: string, on: boolean) => setChosen((before) => (on ? [...before, sketchId].slice(-2) : before.filter((one) => one !== sketchId)));
  const choices = [
    { value: 'all', label: 'Whole database' },
    ...(parts.group === null ? [] : [{ value: 'group', label: `Keys here: ${filterSentence(parts.group)}` }]),
    ...(parts.filter === null ? [] : [{ value: 'filter', label: `Keys in view: ${filterSentence(parts.filter)}` }]),
  ];
  const saveButton = (
    <Group gap={8}>
      {choices.length > 1 && <Select aria-label="Snapshot of" w={300} data={choices} value={part} allowDeselect={false} onChange={(value) => setPart((value ?? 'all') as Part)} />}
      <Menu position="bottom-end" width={280}>
        <Button.Group>
          <Button leftSection={<IconCamera size={14} />} loading={saving} disabled={indexId === null} onClick={() => void save(false)}>
            Save a snapshot now
          </Button>
          <Menu.Target>
            <Button aria-label="Other ways to save" px={6} disabled={indexId === null || saving}>
              <IconChevronDown size={14} />
            </Button>
          </Menu.Target>
        </Button.Group>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void save(false)}>By prefix, three levels deep</Menu.Item>
          <Menu.Item onClick={() => void save(true)}>By template, ids folded</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
  return (
    <div className={classes['body']}>
      <p className={classes['intro']}>
        A snapshot keeps counts, sizes and TTL quantiles of the 5,000 biggest namespaces, and no key; of the whole database, or of a folder or a filter. {state === 'done' ? '' : 'The scan is not complete: its counts are lower bounds. '}
        {facts?.fields.includes('bytes') === true ? '' : 'Sizes are not read, so a snapshot taken now has none.'}
      </p>
      {(problem ?? null) !== null && <ProblemView problem={problem as Problem} />}
      {list.error && <ProblemView problem={toProblem(list.error)} onRetry={() => void list.refetch()} />}
      {list.data === undefined && !list.error && <LoadingRows rows={4} label="Loading snapshots" />}
      {list.data !== undefined && sketches.length === 0 && (
        <EmptyState icon={<IconCamera size={28} stroke={1.5} />} title="No snapshots yet" actions={saveButton}>
          Save one now and another later, or one on each of two connections; then compare them: what grew, what shrank, what is new, what vanished.
        </EmptyState>
      )}
      {sketches.length > 0 && (
        <>
          <div className={classes['scroll']}>
            <table className={classes['table']}>
              <thead>
                <tr>
                  <th scope="col" aria-label="Compare" />
                  <th scope="col">Taken</th>
                  <th scope="col">Connection</th>
                  <th scope="col">Part</th>
                  <th scope="col">By</th>
                  <th scope="col" data-number>
                    Keys
                  </th>
                  <th scope="col" data-number>
                    Size
                  </th>
                  <th scope="col" data-number>
                    Namespaces
                  </th>
                  <th scope="col" aria-label="Delete" />
                </tr>
              </thead>
              <tbody>
                {sketches.map((sketch) => (
                  <tr key={sketch.sketchId} data-chosen={chosen.includes(sketch.sketchId) || undefined}>
                    <td>
                      <Checkbox aria-label={`Compare the snapshot of ${sketch.workspaceName}, ${formatDateTime(sketch.at)}`} checked={chosen.includes(sketch.sketchId)} onChange={(event) => toggle(sketch.sketchId, event.currentTarget.checked)} />
                    </td>
                    <td className="la-number">{formatDateTime(sketch.at)}</td>
                    <td>
                      <span className={`${classes['connection']} la-cut`} title={sketch.workspaceName}>
                        {sketch.workspaceName}, db {sketch.db}
                      </span>
                    </td>
                    <td>
                      <span className={`${classes['part']} la-cut`} title={partWords(sketch.part)}>
                        {partWords(sketch.part)}
                      </span>
                    </td>
                    <td>{sketch.templates ? 'template' : 'prefix'}</td>
                    <td data-number>
                      <Count value={sketch.keys} exactness={sketch.exactness} />
                    </td>
                    <td data-number>{sketch.bytes === null ? <span title="Sizes were not read">–</span> : <Bytes value={sketch.bytes} exactness="estimated" />}</td>
                    <td data-number className="la-number">
                      {formatExact(sketch.namespaces)}
                    </td>
                    <td>
                      <IconButton label={`Delete the snapshot of ${formatDateTime(sketch.at)}`} icon={<IconTrash size={14} />} onClick={() => setRemoving(sketch)} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Group gap={8} justify="flex-end">
            <span className={classes['hint']} role="status">
              {unlike !== '' ? unlike : chosen.length === 2 ? '' : sketches.length === 1 ? 'Save another to compare.' : 'Choose two to compare.'}
            </span>
            <Button variant="default" disabled={older === undefined || newer === undefined || unlike !== ''} onClick={() => older && newer && setComparing({ a: older.sketchId, b: newer.sketchId })}>
              Compare the two
            </Button>
            {saveButton}
          </Group>
        </>
      )}
      <ConfirmDialog
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title="Delete snapshot"
        confirmLabel="Delete the snapshot"
        danger
        onConfirm={async () => {
          if (removing === null) return;
          await client.keys.removeSketch({ sketchId: removing.sketchId });
          toggle(removing.sketchId, false);
          await refresh();
        }}
      >
        {removing !== null && `The snapshot of ${removing.workspaceName}, db ${removing.db}, taken ${formatDateTime(removing.at)}, is deleted for good. No key is touched.`}
      </ConfirmDialog>
    </div>
  );
}

function partWords(part: KeyFilter | null): string {
  return part === null ? 'whole database' : filterSentence(part);
}

/** Why two snapshots are not compared; empty when they are. */
function unlikeWords(a: SketchInfo, b: SketchInfo): string {
  if (a.templates !== b.templates) return 'One is by template, the other by prefix: choose two of a kind.';
  return samePart(a.part, b.part) ? '' : 'They are of different parts of a database: choose two of the same part.';
}
