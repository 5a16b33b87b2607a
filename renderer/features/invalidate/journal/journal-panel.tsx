import { Button, Menu, Select, Switch } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useInfiniteQuery } from '@tanstack/react-query';
import { IconDownload, IconShieldCheck, IconTimeline } from '@tabler/icons-react';
import { useState } from 'react';
import { auditKinds, type AuditFilter, type AuditFormat, type AuditRecord, type AuditVerification } from '../../../../shared/contract/audit.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { formatBytes, formatDateTime, formatDuration, formatExact, formatRate } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useSetting } from '../../../lib/settings.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { FilterInput } from '../../../ui/filter-input.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { tellProblem } from '../../../ui/tell-problem.ts';
import { useInvalidatePlace } from '../place.ts';
import { Notice } from '../step.tsx';
import classes from '../invalidate.module.css';

const kindWords: Record<AuditRecord['kind'], string> = { access: 'access', edit: 'edit', bulk: 'bulk', runbook: 'runbook', other: 'other' };
const formats: readonly { format: AuditFormat; label: string }[] = [
  { format: 'markdown', label: 'Timeline of an incident (Markdown)' },
  { format: 'csv', label: 'CSV' },
  { format: 'jsonl', label: 'JSON Lines, as they stand in the journal' },
];
const pageEntries = 100;

/** Who did what, where and with which outcome: append-only, chained by hashes, searchable, exportable. */
export function JournalPanel() {
  const { client, orpc } = useHost();
  const { workspaceId, workspaceName, openRun } = useInvalidatePlace();
  const [text, setText] = useState('');
  const [kind, setKind] = useState('');
  const [here, setHere] = useSetting('invalidate.journal.here', true);
  const [settled] = useDebouncedValue(text, 300);
  const filter: AuditFilter = { text: settled, kinds: auditKinds.filter((one) => one === kind), workspaceId: here ? workspaceId : null };
  const entries = useInfiniteQuery(
    orpc.audit.entries.infiniteOptions({
      input: (cursor: string | null) => ({ ...filter, cursor, count: pageEntries }),
      initialPageParam: null as string | null,
      getNextPageParam: ({ next }) => next,
      refetchInterval: 5000,
    }),
  );
  const rows = entries.data?.pages.flatMap((page) => page.entries) ?? [];
  const write = (format: AuditFormat) => {
    client.audit.export({ ...filter, format }).then(() => notifications.show({ id: 'invalidate.journal', title: 'The journal is being written', message: 'The jobs in the status bar show where.' }), tellProblem);
  };
  return (
    <div className={classes['panel']}>
      <div className={classes['strip']} role="group" aria-label="Journal">
        <FilterInput label="Search the journal" width={260} value={text} onChange={setText} />
        <Select aria-label="Kind" w={120} allowDeselect={false} value={kind} data={[{ value: '', label: 'All kinds' }, ...auditKinds.map((one) => ({ value: one, label: kindWords[one] }))]} onChange={(value) => setKind(value ?? '')} />
        <Switch label={`Only ${workspaceName}`} checked={here} onChange={(event) => setHere(event.currentTarget.checked)} />
        <span className={classes['spring']} />
        <Menu position="bottom-end" width={290}>
          <Menu.Target>
            <Button variant="default" leftSection={<IconDownload size={14} />}>
              Export
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {formats.map(({ format, label }) => (
              <Menu.Item key={format} onClick={() => write(format)}>
                {label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      <Verify />
      {entries.data === undefined ? (
        entries.error === null ? <LoadingRows rows={8} label="Reading the journal" /> : <ProblemView problem={toProblem(entries.error)} onRetry={() => void entries.refetch()} fills />
      ) : rows.length === 0 ? (
        <EmptyState icon={<IconTimeline size={28} stroke={1.5} />} title={settled === '' && kind === '' ? 'Nothing is recorded yet' : 'Nothing in the journal matches'}>
          Unlocks, edits, bulk changes and invalidations are recorded on this machine with who, where, what and the outcome.
        </EmptyState>
      ) : (
        <div className={classes['scroll']} tabIndex={0} role="region" aria-label="Entries of the journal">
          <table className={classes['table']}>
            <thead>
              <tr>
                <th>When</th>
                <th>Who</th>
                <th>Where</th>
                <th>What</th>
                <th>Outcome</th>
                <th data-number>Changed</th>
                <th data-number>Took</th>
                <th data-number>Rate</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((entry, at) => (
                <Entry key={entry.seq ?? `old ${at}`} entry={entry} onRun={openRun} />
              ))}
            </tbody>
          </table>
          {entries.hasNextPage && (
            <div className={classes['foot']}>
              <Button variant="default" loading={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
                Earlier entries
              </Button>
            </div>
          )}
        </div>
      )}
    </div>
  );
}

function Entry({ entry, onRun }: { entry: AuditRecord; onRun: (runId: string) => void }) {
  const { runId, counts } = entry;
  const what = entry.key === null ? entry.title : `${entry.title} ${wireLabel(entry.key, 60)}`;
  return (
    <tr>
      <td className="la-number">{formatDateTime(entry.at)}</td>
      <td title={entry.machine}>{entry.who === '' ? 'not recorded' : entry.who}</td>
      <td title={entry.nodes.join(', ')}>
        {entry.workspaceName}
        {entry.db !== null && ` db ${entry.db}`}
      </td>
      <td className={classes['cellName']}>
        {runId === null ? (
          <div className="la-cut" title={what}>
            {what}
          </div>
        ) : (
          <button type="button" className={`${classes['link']} la-cut`} title={what} onClick={() => onRun(runId)}>
            {what}
          </button>
        )}
      </td>
      <td>{entry.outcome}</td>
      <td data-number>{counts === null ? '' : `${formatExact(counts.changed)} of ${formatExact(counts.total)}`}</td>
      <td data-number>{entry.durationMs === null ? '' : formatDuration(entry.durationMs)}</td>
      <td data-number>{entry.rate === null ? '' : formatRate(entry.rate)}</td>
    </tr>
  );
}

/** Checks the chain of hashes on demand. */
function Verify() {
  const { client } = useHost();
  const [result, setResult] = useState<AuditVerification | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const verify = async () => {
    setBusy(true);
    setProblem(null);
    try {
      setResult(await client.audit.verify({}));
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={classes['strip']} style={{ flexWrap: 'nowrap' }}>
      <Button variant="default" size="compact-xs" leftSection={<IconShieldCheck size={13} />} loading={busy} onClick={() => void verify()}>
        Verify
      </Button>
      {result === null && problem === null && <span className={classes['dim']}>Each entry carries the hash of the one before: a change, a gap or a cut end shows.</span>}
      {problem !== null && <ProblemView problem={problem} />}
      {result !== null && (
        <div className={classes['spring']} role="status" aria-label="Verification">
          {result.ok ? (
            <span className="la-number">
              {formatExact(result.entries)} entries are whole, in order and unaltered ({formatBytes(result.bytes)}, {formatDuration(result.durationMs)}).{' '}
              {result.head !== null && <span className="la-mono">Last hash {result.head.hash.slice(0, 16)}…</span>}
            </span>
          ) : (
            <Notice tone="red" title={`${formatExact(result.problemCount)} problems in the journal`}>
              {result.problems.slice(0, 5).map(({ message, file, line }, at) => (
                <div key={at}>
                  {message}
                  {file !== '' && ` (${file}${line > 0 ? `, line ${line}` : ''})`}
                </div>
              ))}
            </Notice>
          )}
          {result.unverifiable > 0 && <span className={classes['dim']}> {formatExact(result.unverifiable)} older entries have no hash.</span>}
        </div>
      )}
    </div>
  );
}
