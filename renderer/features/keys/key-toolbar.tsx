import { ActionIcon, Menu, SegmentedControl, Select } from '@mantine/core';
import { IconBinaryTree2, IconDownload, IconKey, IconList, IconPlus } from '@tabler/icons-react';
import type { KeyboardEvent, ReactNode, Ref } from 'react';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import type { RedisFacts } from '../../../shared/contract/connections.ts';
import { formatExact } from '../../lib/format.ts';
import { wireLabel } from '../../lib/wire-text.ts';
import { FilterInput } from '../../ui/filter-input.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Spring, Toolbar } from '../../ui/toolbar.tsx';
import { WireText } from '../../ui/wire-text-view.tsx';
import { equivalentGlob, explainFilter, filterModes, type FilterMode } from './key-filter.ts';
import type { ViewMode } from './use-key-view.ts';
import { useEdits } from './value-pane/edit/edits-context.ts';
import classes from './keys.module.css';

interface PlaceBarProps {
  mode: ViewMode;
  onMode: (mode: ViewMode) => void;
  type: string;
  onType: (type: string) => void;
  db: number;
  onDb: (db: number) => void;
  facts: RedisFacts | null;
  onJump: () => void;
  onExport: (format: 'lines' | 'jsonl') => void;
}

const types = [
  { value: '', label: 'All types' },
  { value: 'string', label: 'string' },
  { value: 'hash', label: 'hash' },
  { value: 'list', label: 'list' },
  { value: 'set', label: 'set' },
  { value: 'zset', label: 'sorted set' },
  { value: 'stream', label: 'stream' },
];
const moduleTypes = new Map([
  ['rejson', { value: 'ReJSON-RL', label: 'JSON' }],
  ['timeseries', { value: 'TSDB-TYPE', label: 'time series' }],
  ['vectorset', { value: 'vectorset', label: 'vector set' }],
  ['bf', { value: 'MBbloom--', label: 'Bloom filter' }],
]);

/** Databases to choose from: all there are, those with keys named with their count. */
export function databaseOptions(facts: RedisFacts | null, present: number): { value: string; label: string }[] {
  const keys = new Map(facts?.keyspace.map(({ db, keys }) => [db, keys]));
  const last = Math.max(present, (facts?.databases ?? 0) - 1, ...keys.keys());
  return Array.from({ length: Math.min(last + 1, 4096) }, (_, db) => {
    const count = keys.get(db);
    return { value: String(db), label: facts === null ? `db ${db}` : `db ${db} · ${count === undefined ? 'empty' : formatExact(count)}` };
  });
}

/** Tree or list, database, type, jump. */
export function PlaceBar({ mode, onMode, type, onType, db, onDb, facts, onJump, onExport }: PlaceBarProps) {
  const edits = useEdits();
  const modules = facts?.modules.flatMap((name) => moduleTypes.get(name.toLowerCase()) ?? []) ?? [];
  return (
    <Toolbar label="Keys">
      <SegmentedControl
        size="xs"
        aria-label="Show as"
        value={mode}
        onChange={(value) => onMode(value === 'list' ? 'list' : 'tree')}
        data={[
          { value: 'tree', label: <ModeLabel icon={<IconBinaryTree2 size={14} />} text="Tree" /> },
          { value: 'list', label: <ModeLabel icon={<IconList size={14} />} text="List" /> },
        ]}
      />
      <Select
        aria-label="Type"
        w={112}
        value={type}
        data={[...types, ...modules]}
        allowDeselect={false}
        comboboxProps={{ width: 150, position: 'bottom-start' }}
        onChange={(value) => onType(value ?? '')}
      />
      <Spring />
      {facts?.topology !== 'cluster' && (
        <Select
          aria-label="Database"
          w={136}
          maxDropdownHeight={320}
          value={String(db)}
          data={databaseOptions(facts, db)}
          allowDeselect={false}
          comboboxProps={{ width: 180, position: 'bottom-end' }}
          onChange={(value) => onDb(Number(value ?? 0))}
        />
      )}
      <IconButton
        label={edits.blocked === '' ? 'New key' : 'New key: the connection is read-only'}
        shortcut="n"
        icon={<IconPlus size={15} />}
        disabled={edits.blocked !== ''}
        onClick={() => edits.ask({ kind: 'create' })}
      />
      <IconButton label="Jump to an exact name" shortcut="g" icon={<IconKey size={15} />} onClick={onJump} />
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon size={24} aria-label="Export names in view">
            <IconDownload size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onExport('lines')}>Export names as text</Menu.Item>
          <Menu.Item onClick={() => onExport('jsonl')}>Export names as JSON lines</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Toolbar>
  );
}

function ModeLabel({ icon, text }: { icon: ReactNode; text: string }) {
  return (
    <span className={classes['modeLabel']}>
      {icon}
      {text}
    </span>
  );
}

interface FilterBarProps {
  filter: KeyFilter;
  onText: (text: string) => void;
  onFilterMode: (mode: FilterMode) => void;
  /** Enter: the text as an exact name. */
  onEnter: () => void;
  /** Arrow down leaves for the rows. */
  onLeave: () => void;
  ref?: Ref<HTMLInputElement>;
}

/** The filter, its mode, and in words what the mode makes of what was typed. */
export function FilterBar({ filter, onText, onFilterMode, onEnter, onLeave, ref }: FilterBarProps) {
  const binary = typeof filter.pattern !== 'string';
  const glob = equivalentGlob(filter);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') onEnter();
    else if (event.key === 'ArrowDown') onLeave();
    else return;
    event.preventDefault();
  };
  return (
    <div className={classes['filter']}>
      <div className={classes['filterLine']}>
        <Select
          aria-label="Filter mode"
          w={116}
          value={filter.mode}
          data={[...filterModes]}
          allowDeselect={false}
          comboboxProps={{ width: 140, position: 'bottom-start' }}
          onChange={(value) => onFilterMode(filterModes.find((one) => one.value === value)?.value ?? 'literal')}
        />
        {/* Bytes that are no text cannot be edited as text: they show as escapes, and typing begins anew. */}
        <FilterInput
          ref={ref ?? null}
          mono
          label="Filter keys"
          value={binary ? wireLabel(filter.pattern) : (filter.pattern as string)}
          onChange={onText}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className={`${classes['filterHint']} la-cut`} title={explainFilter(filter)}>
        {explainFilter(filter)}
        {glob !== null && filter.mode !== 'glob' && (
          <>
            {': '}
            <WireText value={glob} multiline limit={80} />
          </>
        )}
      </div>
    </div>
  );
}
