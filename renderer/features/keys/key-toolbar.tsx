import { Menu, SegmentedControl, Select } from '@mantine/core';
import { IconCamera, IconDownload, IconKey, IconPlus } from '@tabler/icons-react';
import { memo, useMemo, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import type { RedisFacts } from '../../../shared/contract/connections.ts';
import { formatCompact } from '../../lib/format.ts';
import { databaseChoices } from '../../lib/redis-status.ts';
import { wireLabel } from '../../lib/wire-text.ts';
import { FilterInput } from '../../ui/filter-input.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Spring, Toolbar } from '../../ui/toolbar.tsx';
import { WireText } from '../../ui/wire-text-view.tsx';
import { equivalentGlob, explainFilter, filterModes, type FilterMode } from './key-filter.ts';
import { surfaces, type Surface } from './use-key-settings.ts';
import { useEdits } from './value-pane/edit/edits-context.ts';
import classes from './keys.module.css';

interface PlaceBarProps {
  surface: Surface;
  onSurface: (surface: Surface) => void;
  db: number;
  onDb: (db: number) => void;
  facts: RedisFacts | null;
  onJump: () => void;
  onExport: () => void;
  onSnapshots: () => void;
}

const surfaceWords: Record<Surface, string> = { tree: 'Tree', list: 'List', namespaces: 'Namespaces', treemap: 'Treemap', top: 'Top' };

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

/** What to show the keys as, the database, jump, and what goes out of the screen. */
export const PlaceBar = memo(function PlaceBar({ surface, onSurface, db, onDb, facts, onJump, onExport, onSnapshots }: PlaceBarProps) {
  const edits = useEdits();
  const databases = useMemo(() => databaseChoices(facts, db, formatCompact), [facts, db]);
  return (
    <Toolbar label="Keys">
      <SegmentedControl
        size="xs"
        aria-label="Show as"
        value={surface}
        onChange={onSurface}
        data={surfaces.map((one) => ({ value: one, label: surfaceWords[one] }))}
      />
      <Spring />
      {facts?.topology !== 'cluster' && (
        <Select
          aria-label="Database"
          w={114}
          rightSectionWidth={20}
          maxDropdownHeight={320}
          value={String(db)}
          data={databases}
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
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <IconButton label="Export and snapshots" icon={<IconDownload size={15} />} />
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconDownload size={14} />} onClick={() => setTimeout(onExport, 0)}>
            Export the keys in view…
          </Menu.Item>
          <Menu.Item leftSection={<IconCamera size={14} />} onClick={() => setTimeout(onSnapshots, 0)}>
            Snapshots…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Toolbar>
  );
});

/** Types that a scan can be restricted to: the usual ones, and those of modules that the server has. */
export function scanTypes(facts: RedisFacts | null): { value: string; label: string }[] {
  return [...types, ...(facts?.modules.flatMap((name) => moduleTypes.get(name.toLowerCase()) ?? []) ?? [])];
}

interface FilterBarProps {
  filter: KeyFilter;
  /** Why the pattern is refused; empty when it is not. */
  error: string;
  type: string;
  onType: (type: string) => void;
  facts: RedisFacts | null;
  onText: (text: string) => void;
  onFilterMode: (mode: FilterMode) => void;
  /** Enter: the text as an exact name. */
  onEnter: () => void;
  /** Arrow down leaves for the rows. */
  onLeave: () => void;
  /** Conditions, saved filters and the count of matches. */
  children: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

/** The filter, its mode, and in words what the mode makes of what was typed. */
export function FilterBar({ filter, error, type, onType, facts, onText, onFilterMode, onEnter, onLeave, children, ref }: FilterBarProps) {
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
          w={108}
          flex="none"
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
        <Select
          aria-label="Type"
          w={104}
          flex="none"
          value={type}
          data={scanTypes(facts)}
          allowDeselect={false}
          comboboxProps={{ width: 150, position: 'bottom-end' }}
          onChange={(value) => onType(value ?? '')}
        />
      </div>
      {error !== '' && (
        <div className={classes['filterError']} role="alert">
          {error}
        </div>
      )}
      {children}
      {filter.pattern !== '' && error === '' && <div className={`${classes['filterHint']} la-cut`} title={explainFilter(filter)}>
        {explainFilter(filter)}
        {glob !== null && filter.mode !== 'glob' && (
          <>
            {': '}
            <WireText value={glob} multiline limit={80} />
          </>
        )}
      </div>}
    </div>
  );
}
