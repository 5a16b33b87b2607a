import { Button, Menu } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { IconBinaryTree2, IconCamera, IconCopy, IconDots, IconDownload, IconEraser, IconFilter, IconHourglass, IconTerminal2 } from '@tabler/icons-react';
import { useMemo, useRef } from 'react';
import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { FactsState } from '../../../../shared/contract/key-facts.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { useCommands } from '../../../lib/commands.ts';
import { copyText } from '../../../lib/copy.ts';
import { formatShare } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { openInvalidate } from '../../../lib/open-invalidate.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { ttlChangeAddress } from '../../../lib/ttl-link.ts';
import { Count } from '../../../ui/count.tsx';
import { FactList } from '../../../ui/fact-list.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { InlineCopy } from '../../../ui/inline-copy.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { scanCommand } from '../cli-commands.ts';
import type { ExportTarget } from '../export-dialog.tsx';
import { BytesPerKey, GroupBytes, GroupSheet } from '../facts/group-cells.tsx';
import { NeedFacts } from '../facts/need-facts.tsx';
import { groupFilter, groupName, ofType } from '../group-filter.ts';
import { equivalentGlob } from '../key-filter.ts';
import { useKeysPlace, type Opened } from '../keys-context.ts';
import { useSteadyVersion } from '../namespaces/use-paged.ts';
import { useSignal } from '../signal.ts';
import { knownWords, Measure, measureWords, topMeasures, useTop, type TopMeasure } from '../top/top-list.tsx';
import { useGroupView } from '../use-group-view.ts';
import classes from './folder-pane.module.css';

type Group = Exclude<Opened, { kind: 'key' }>;

interface FolderPaneProps {
  group: Group;
  onFilter: (filter: KeyFilter) => void;
  onShowInTree: (prefix: WireBytes) => void;
  onOpenKey: (name: WireBytes) => void;
  onExport: (target: ExportTarget) => void;
  onSnapshots: (group: KeyFilter) => void;
}

/** Everything known of the keys of one folder, or of one make of name, whatever the list on the left is filtered to. */
export function FolderPane({ group, onFilter, onShowInTree, onOpenKey, onExport, onSnapshots }: FolderPaneProps) {
  const { orpc } = useHost();
  const { index, workspaceId, db } = useKeysPlace();
  const all = useSignal(index.feed, (feed) => feed.snapshot?.keys ?? 0);
  const facts = useSignal(index.facts, (value) => value);
  const asking = useRef<() => boolean>(() => false);
  const version = useSteadyVersion(index, asking);
  const filter = useMemo(() => groupFilter(group), [group]);
  const { indexId, viewId, problem, retry } = useGroupView(index, filter);
  const whole = useQuery({
    ...orpc.keys.namespaces.queryOptions({ input: { indexId: indexId ?? '', viewId, from: 0, count: 1 } }),
    queryKey: ['keys.group', indexId, viewId, version],
    enabled: viewId !== null,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  asking.current = () => whole.isFetching;
  const name = groupName(group);
  const changeExpiry = () => window.location.assign(ttlChangeAddress(workspaceId, ofType(filter, index.where.type)));
  useCommands([{ id: 'keys.group.ttl', title: group.kind === 'folder' ? 'Change the expiry of the keys in the open folder' : 'Change the expiry of the keys of the open template', group: 'Keys', keywords: 'ttl expire persist jitter bulk', run: changeExpiry }]);
  const pattern = equivalentGlob(filter) ?? '';
  const data = whole.data;
  const shown = problem ?? (whole.error ? toProblem(whole.error) : null);
  const unread = (['type', 'ttl', 'bytes'] as const).filter((field) => !(facts?.fields.includes(field) ?? false));
  return (
    <div className={classes['pane']}>
      <div className={classes['nameLine']}>
        <h2 className={classes['name']}>
          <WireText value={name} limit={400} empty="(empty name)" />
        </h2>
        <InlineCopy label={group.kind === 'folder' ? 'Copy prefix' : 'Copy template'} text={nameLine(fromWire(name))} />
      </div>
      <div className={classes['actions']}>
        <Button variant="default" leftSection={<IconFilter size={14} />} onClick={() => onFilter(filter)}>
          {group.kind === 'folder' ? 'Filter to this folder' : 'Filter to these names'}
        </Button>
        <Button variant="default" leftSection={<IconDownload size={14} />} disabled={viewId === null} onClick={() => viewId !== null && onExport({ viewId, folderId: null, prefix: name })}>
          Export…
        </Button>
        <Button variant="default" leftSection={<IconCamera size={14} />} onClick={() => onSnapshots(filter)}>
          Snapshots…
        </Button>
        <Button variant="default" leftSection={<IconEraser size={14} />} onClick={() => openInvalidate(workspaceId, { kind: 'filter', db, filter })}>
          Invalidate…
        </Button>
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <IconButton label="More" icon={<IconDots size={14} />} />
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconHourglass size={14} />} onClick={changeExpiry}>
              Change the expiry of its keys…
            </Menu.Item>
            <Menu.Item leftSection={<IconCopy size={14} />} onClick={() => void copyText(nameLine(fromWire(pattern)))}>
              Copy pattern
            </Menu.Item>
            {group.kind === 'folder' && (
              <Menu.Item leftSection={<IconBinaryTree2 size={14} />} onClick={() => onShowInTree(group.prefix)}>
                Show in the tree
              </Menu.Item>
            )}
            {group.kind === 'folder' && (
              <Menu.Item leftSection={<IconTerminal2 size={14} />} onClick={() => void copyText(scanCommand(group.prefix))}>
                Copy as redis-cli SCAN
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      </div>
      {shown && <ProblemView problem={shown} onRetry={problem ? retry : () => void whole.refetch()} />}
      {data === undefined && !shown && <LoadingRows rows={4} label="Summing up" />}
      {data !== undefined && (
        <>
          <FactList
            facts={[
              ['Keys', <Count key="keys" value={data.whole.keys} exactness={data.exactness} />],
              ['Share', all > 0 ? `${formatShare(Math.min(1, data.whole.keys / all))} of the database` : '–'],
              ['Size', <GroupBytes key="bytes" estimate={data.whole.bytes} />],
              ['Size a key', <BytesPerKey key="each" estimate={data.whole.bytes} keys={data.whole.keys} />],
              ['Pattern', <WireText key="pattern" value={pattern} multiline limit={300} />],
            ]}
          />
          {unread.length > 0 && <NeedFacts index={index} fields={unread} because="This pane asks for" />}
          <GroupSheet facts={data.whole} />
        </>
      )}
      {indexId !== null && viewId !== null && <TopOfGroup indexId={indexId} viewId={viewId} facts={facts} onOpenKey={onOpenKey} />}
    </div>
  );
}

interface TopOfGroupProps {
  indexId: string;
  viewId: string;
  facts: FactsState | null;
  onOpenKey: (name: WireBytes) => void;
}

/** The top keys of the group by all that is read. */
function TopOfGroup({ facts, ...props }: TopOfGroupProps) {
  const read = topMeasures.filter((by) => facts?.fields.includes(measureWords[by].field) === true && by !== (facts.recency === 'frequency' ? 'idle' : 'frequency'));
  return (
    <div className={classes['tops']}>
      {read.map((by) => (
        <TopTable key={by} by={by} {...props} />
      ))}
    </div>
  );
}

const shownTop = 5;

function TopTable({ by, indexId, viewId, onOpenKey }: { by: TopMeasure } & Omit<TopOfGroupProps, 'facts'>) {
  const top = useTop(indexId, viewId, by, shownTop);
  const title = `Top keys by ${measureWords[by].label.toLowerCase()}`;
  if (top.error) return <ProblemView problem={toProblem(top.error)} onRetry={() => void top.refetch()} />;
  if (top.data === undefined || top.data.keys.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className={classes['topTitle']} title={knownWords(top.data.known, top.data.of)}>
        {title}
      </h3>
      <ol className={classes['topList']}>
        {top.data.keys.map((key, at) => (
          <li key={at}>
            <button type="button" className={classes['topKey']} onClick={() => onOpenKey(key.name)}>
              <span className="la-cut">
                <WireText value={key.name} limit={120} empty="(empty name)" />
              </span>
              <span className={classes['topValue']}>
                <Measure by={by} facts={key.facts} />
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
