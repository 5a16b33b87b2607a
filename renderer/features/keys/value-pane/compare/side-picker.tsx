import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useHost } from '../../../../lib/host.ts';
import { useWorkspaces } from '../../../../lib/workspaces.ts';
import classes from './compare.module.css';

/** One key as it is chosen: on which connection, in which database, its name as typed. */
export interface SideChoice {
  readonly workspaceId: string;
  readonly db: number;
  readonly text: string;
}

interface SidePickerProps {
  label: 'Left' | 'Right';
  side: SideChoice;
  onSide: (side: SideChoice) => void;
  onEnter: () => void;
}

/** Chooses a key of any open connection. */
export function SidePicker({ label, side, onSide, onEnter }: SidePickerProps) {
  const { orpc } = useHost();
  const { data: workspaces = [] } = useWorkspaces();
  const opened = useQuery(orpc.connections.opened.queryOptions({ staleTime: 0 }));
  const open = workspaces.filter(({ id, redis }) => redis !== null && (id === side.workspaceId || opened.data?.includes(id) === true));
  return (
    <div className={classes['picker']} role="group" aria-label={label}>
      <TextInput
        label={`${label} key`}
        classNames={{ root: classes['pickerName'] ?? '', input: 'la-mono' }}
        spellCheck={false}
        autoComplete="off"
        value={side.text}
        {...(label === 'Right' ? { 'data-autofocus': true } : {})}
        onChange={(event) => onSide({ ...side, text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onEnter();
        }}
      />
      <Select
        label="Connection"
        w={150}
        allowDeselect={false}
        value={side.workspaceId}
        data={open.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(value) => onSide({ ...side, workspaceId: value ?? side.workspaceId })}
      />
      <TextInput
        label="Database"
        w={70}
        value={String(side.db)}
        onChange={(event) => {
          const db = Number(event.currentTarget.value.replaceAll(/\D/g, '').slice(0, 5));
          onSide({ ...side, db });
        }}
      />
    </div>
  );
}
