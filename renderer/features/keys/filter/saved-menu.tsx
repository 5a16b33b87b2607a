import { ActionIcon, Button, Group, Menu, Modal, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBookmark, IconDeviceFloppy, IconPencil, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { useCommands } from '../../../lib/commands.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { IconButton } from '../../../ui/icon-button.tsx';
import { conditionsOf, conditionWords, setKinds } from '../../../ui/conditions/conditions.ts';
import { filterModes, isFiltered } from '../key-filter.ts';
import { useKeysPlace } from '../keys-context.ts';
import { mostSaved, useSavedFilters, type SavedFilter } from './saved-filters.ts';
import classes from './filter.module.css';

/** A filter in one line: `name contains user, no expiry`. */
export function filterSentence(filter: KeyFilter): string {
  const mode = filterModes.find((one) => one.value === filter.mode)?.label.toLowerCase() ?? '';
  const name = filter.pattern === '' ? [] : [`name ${filter.mode === 'glob' || filter.mode === 'regex' ? 'matches' : mode} ${wireLabel(filter.pattern, 60)}`];
  const conditions = conditionsOf(filter);
  return [...name, ...setKinds(conditions).map((kind) => conditionWords(conditions, kind))].join(', ') || 'every key';
}

interface SavedMenuProps {
  filter: KeyFilter;
  onApply: (filter: KeyFilter) => void;
}

/** Filters kept under names: apply, save the present one, rename, delete with undo. The palette applies them too. */
export function SavedMenu({ filter, onApply }: SavedMenuProps) {
  const { workspaceId } = useKeysPlace();
  const saved = useSavedFilters(workspaceId);
  const [naming, setNaming] = useState<{ from: string | null } | null>(null);
  const savable = isFiltered(filter) && saved.all.length < mostSaved;
  const startNaming = (from: string | null) => setTimeout(() => setNaming({ from }), 0);
  useCommands([
    { id: 'keys.filter.save', title: 'Save this filter', group: 'Keys', keywords: 'bookmark', enabled: savable, run: () => setNaming({ from: null }) },
    ...saved.all.map((one) => ({ id: `keys.filter.saved.${one.name}`, title: `Apply filter: ${one.name}`, group: 'Keys', keywords: filterSentence(one.filter), run: () => onApply(one.filter) })),
  ]);
  const remove = (one: SavedFilter) => {
    const before = saved.all;
    saved.remove(one.name);
    notifications.show({
      id: `keys.filter.removed.${one.name}`,
      title: `Filter “${one.name}” is deleted`,
      message: (
        <Button
          variant="default"
          size="compact-xs"
          onClick={() => {
            saved.restore(before);
            notifications.hide(`keys.filter.removed.${one.name}`);
          }}
        >
          Undo
        </Button>
      ),
    });
  };
  return (
    <>
      <Menu position="bottom-end" width={300} closeOnItemClick>
        <Menu.Target>
          <IconButton label={`Saved filters (${saved.all.length})`} icon={<IconBookmark size={14} />} />
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconDeviceFloppy size={14} />} disabled={!savable} onClick={() => startNaming(null)}>
            Save this filter…
          </Menu.Item>
          {saved.all.length === 0 && <Menu.Label>No filter is saved yet. Set one and save it here.</Menu.Label>}
          {saved.all.length > 0 && <Menu.Divider />}
          {saved.all.map((one) => (
            <div key={one.name} className={classes['savedRow']}>
              <Menu.Item className={classes['savedItem'] ?? ''} onClick={() => onApply(one.filter)}>
                <span className={classes['savedName']}>{one.name}</span>
                <span className={`${classes['savedWords']} la-cut`}>{filterSentence(one.filter)}</span>
              </Menu.Item>
              <ActionIcon role="menuitem" size={22} aria-label={`Rename filter ${one.name}`} onClick={() => startNaming(one.name)}>
                <IconPencil size={13} />
              </ActionIcon>
              <ActionIcon role="menuitem" size={22} aria-label={`Delete filter ${one.name}`} onClick={() => remove(one)}>
                <IconTrash size={13} />
              </ActionIcon>
            </div>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={naming !== null} onClose={() => setNaming(null)} title={naming?.from === null ? 'Save filter' : 'Rename filter'} size={420}>
        {naming !== null && (
          <NameForm
            from={naming.from}
            filter={filter}
            taken={saved.all.map(({ name }) => name)}
            onClose={() => setNaming(null)}
            onName={(name) => (naming.from === null ? saved.save(name, filter) : saved.rename(naming.from, name))}
          />
        )}
      </Modal>
    </>
  );
}

interface NameFormProps {
  from: string | null;
  filter: KeyFilter;
  taken: readonly string[];
  onClose: () => void;
  onName: (name: string) => void;
}

function NameForm({ from, filter, taken, onClose, onName }: NameFormProps) {
  const [name, setName] = useState(from ?? '');
  const trimmed = name.trim();
  const clash = trimmed !== from && taken.includes(trimmed);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (trimmed === '' || (clash && from !== null)) return;
        onName(trimmed);
        onClose();
      }}
    >
      <TextInput
        data-autofocus
        label="Name"
        description={from === null ? filterSentence(filter) : undefined}
        maxLength={80}
        value={name}
        error={clash && from !== null ? 'Another filter has this name' : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Group justify="flex-end" gap={8} mt={16}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={trimmed === ''}>
          {from !== null ? 'Rename' : clash ? 'Replace the saved filter' : 'Save filter'}
        </Button>
      </Group>
    </form>
  );
}
