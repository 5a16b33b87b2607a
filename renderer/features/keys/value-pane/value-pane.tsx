import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { IconKey } from '@tabler/icons-react';
import { useCallback, useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { wireEquals, wireKey, type WireBytes } from '../../../../shared/bytes.ts';
import { useShortcuts } from '../../../lib/keyboard.ts';
import { useHost } from '../../../lib/host.ts';
import { useSetting } from '../../../lib/settings.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Keys } from '../../../ui/kbd.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import type { ExportTarget } from '../export-dialog.tsx';
import { groupName } from '../group-filter.ts';
import { useKeysPlace, type Opened } from '../keys-context.ts';
import { useEdits } from './edit/edits-context.ts';
import { EditedValue } from './edit/edited-value.tsx';
import { FolderPane } from './folder-pane.tsx';
import { MissingKey } from './missing-key.tsx';
import { ValueBody } from './value-body.tsx';
import { ValueHeader } from './value-header.tsx';
import classes from './value.module.css';

export interface ValuePaneHandle {
  focus(): void;
  refresh(): void;
}

interface ValuePaneProps {
  opened: Opened | null;
  /** Escape gives the focus back to the keys. */
  onLeave: () => void;
  onFilter: (filter: KeyFilter) => void;
  onShowInTree: (prefix: WireBytes) => void;
  onOpenKey: (name: WireBytes) => void;
  onExport: (target: ExportTarget) => void;
  onSnapshots: (group: KeyFilter) => void;
  ref?: Ref<ValuePaneHandle>;
}

/** The right half: the open key's facts and value, or the open folder's. */
export function ValuePane({ opened, onLeave, ref, ...group }: ValuePaneProps) {
  const box = useRef<HTMLElement>(null);
  const refresh = useRef<() => void>(() => undefined);
  useImperativeHandle(ref, () => ({
    focus: () => (box.current?.querySelector<HTMLElement>('[data-value-focus] [tabindex="0"], [data-value-focus][tabindex="0"]') ?? box.current)?.focus(),
    refresh: () => refresh.current(),
  }));
  const edits = useEdits();
  const name = opened?.kind === 'key' ? opened.name : null;
  useShortcuts([
    { keys: 'escape', label: 'Back to the keys', group: 'Value', within: box, run: onLeave },
    { keys: 'f2', label: 'Rename the key', group: 'Value', within: box, enabled: name !== null, run: () => name !== null && edits.ask({ kind: 'rename', name, facts: null }) },
    { keys: 'delete', label: 'Delete the key', group: 'Value', within: box, enabled: name !== null, run: () => name !== null && edits.remove(name, null) },
  ]);
  return (
    <section ref={box} tabIndex={-1} className={classes['pane']} aria-label="Value">
      {opened === null && (
        <EmptyState icon={<IconKey size={28} stroke={1.5} />} title="No key is open">
          Choose a key on the left to read its value, or press <Keys shortcut="g" /> to open one by its exact name.
        </EmptyState>
      )}
      {opened !== null && opened.kind !== 'key' && <FolderPane key={wireKey(groupName(opened))} group={opened} {...group} />}
      {opened?.kind === 'key' && <KeyValue key={wireKey(opened.name)} name={opened.name} refreshRef={refresh} />}
    </section>
  );
}

function KeyValue({ name, refreshRef }: { name: WireBytes; refreshRef: { current: () => void } }) {
  const { orpc } = useHost();
  const { workspaceId, db, meta } = useKeysPlace();
  const removed = useEdits().removed.has(wireKey(name));
  const [every, setEvery] = useSetting('keys.refresh-every', 0);
  const [round, setRound] = useState(0);
  const facts = useQuery(
    orpc.values.inspect.queryOptions({
      input: { workspaceId, db, name },
      staleTime: 0,
      gcTime: 0,
      placeholderData: keepPreviousData,
    }),
  );
  const { refetch } = facts;
  const again = useCallback(() => {
    void refetch();
    setRound((before) => before + 1);
  }, [refetch]);
  useEffect(() => {
    refreshRef.current = again;
  }, [refreshRef, again]);
  useEffect(() => {
    if (every === 0) return undefined;
    const timer = setInterval(again, every * 1000);
    return () => clearInterval(timer);
  }, [every, again]);

  const data = facts.data !== undefined && wireEquals(facts.data.name, name) ? facts.data : undefined;
  useEffect(() => {
    if (data) meta.put(name, { type: data.type, expiresAt: data.ttlMs === null ? null : data.readAt + data.ttlMs, readAt: data.readAt });
  }, [meta, name, data]);
  const hadExpiry = data !== undefined && data.type !== 'none' ? data.ttlMs !== null : null;
  const [expires, setExpires] = useState(false);
  if (hadExpiry !== null && hadExpiry !== expires) setExpires(hadExpiry);

  if (data === undefined) {
    if (facts.error) return <ProblemView fills problem={toProblem(facts.error)} onRetry={again} />;
    return <LoadingRows rows={8} label="Reading the key" />;
  }
  return (
    <>
      <ValueHeader facts={data} reading={facts.isFetching} every={every} onEvery={setEvery} onRefresh={again} />
      {facts.error && <ProblemView problem={toProblem(facts.error)} onRetry={again} />}
      <EditedValue facts={data}>
        {data.type === 'none' ? <MissingKey expired={expires} removed={removed} onRetry={again} /> : <ValueBody key={data.type} facts={data} round={round} onGone={again} />}
      </EditedValue>
    </>
  );
}
