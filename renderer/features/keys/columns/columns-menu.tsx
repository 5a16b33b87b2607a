import { Menu } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import type { FactsState } from '../../../../shared/contract/key-facts.ts';
import { IconButton } from '../../../ui/icon-button.tsx';
import type { ViewMode } from '../use-key-view.ts';
import { columnFields, columnLabel, keyColumns } from './columns.ts';
import type { Columns } from './use-columns.ts';
import classes from './columns.module.css';

/** Which columns to show. */
export function ColumnsMenu({ columns, mode, facts }: { columns: Columns; mode: ViewMode; facts: FactsState | null }) {
  const offered = keyColumns.filter((column) => column !== 'keys' || mode === 'tree');
  return (
    <Menu position="bottom-end" width={230} closeOnItemClick={false}>
      <Menu.Target>
        <IconButton label="Columns" icon={<IconColumns3 size={14} />} />
      </Menu.Target>
      <Menu.Dropdown>
        {offered.map((column) => {
          const field = columnFields[column];
          const unread = column !== 'type' && column !== 'ttl' && field !== null && !(facts?.fields.includes(field) ?? false);
          const on = !columns.hidden.includes(column);
          const hint = unread ? 'not read yet' : columns.crowded.includes(column) ? 'no room' : '';
          return (
            <Menu.CheckboxItem key={column} checked={on} rightSection={hint === '' ? undefined : <span className={classes['menuHint']}>{hint}</span>} onChange={() => columns.toggle(column)}>
              {columnLabel(column, facts?.recency ?? null, mode)}
            </Menu.CheckboxItem>
          );
        })}
        {columns.crowded.length > 0 && <Menu.Label className={classes['menuNote'] ?? ''}>Widen the panel, or narrow a column, for those without room.</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}
