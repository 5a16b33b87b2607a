import { Button, CloseButton, Menu, Popover } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { FactsState } from '../../../shared/contract/key-facts.ts';
import { useCommands } from '../../lib/commands.ts';
import { ConditionEditor } from './condition-editor.tsx';
import { conditionKinds, conditionLabel, conditionWords, setKinds, without, type ConditionKind, type Conditions } from './conditions.ts';
import classes from './conditions.module.css';

interface ConditionBarProps {
  conditions: Conditions;
  onConditions: (conditions: Conditions) => void;
  recency: FactsState['recency'];
  types: readonly string[];
  /** Prefix of the commands' ids and their group; without it there are none. */
  commands?: { id: string; group: string };
  /** What follows the chips: saved filters, the count. */
  children?: ReactNode;
}

/** The conditions on facts as chips that read like a sentence; each opens its editor. */
export function ConditionBar({ conditions, onConditions, recency, types, commands, children }: ConditionBarProps) {
  const [editing, setEditing] = useState<ConditionKind | null>(null);
  const shown = setKinds(conditions);
  // A condition that is being made stands as a chip already, so that its editor has a place.
  const chips = editing !== null && !shown.includes(editing) ? [...shown, editing] : shown;
  const offered = conditionKinds.filter(({ kind }) => !shown.includes(kind) && !(recency !== null && kind === (recency === 'idle' ? 'frequency' : 'idleSeconds')));
  const apply = (next: Conditions) => {
    onConditions(next);
    setEditing(null);
  };
  useCommands(
    commands === undefined
      ? []
      : conditionKinds.map(({ kind, label }) => ({ id: `${commands.id}.${kind}`, title: `Filter keys by ${label.startsWith('TTL') ? label : label.toLowerCase()}`, group: commands.group, run: () => setEditing(kind) })),
  );
  return (
    <div className={classes['conditions']} role="group" aria-label="Conditions">
      {chips.map((kind, at) => (
        <span key={kind} className={classes['chipSlot']}>
          {at > 0 && <span className={classes['and']}>and</span>}
          <Popover opened={editing === kind} onChange={(opened) => setEditing(opened ? kind : null)} position="bottom-start" width={300} withRoles={false} trapFocus returnFocus>
            <Popover.Target>
              <span className={classes['chip']}>
                <button type="button" className={classes['chipText']} aria-haspopup="dialog" aria-expanded={editing === kind} onClick={() => setEditing(editing === kind ? null : kind)}>
                  {conditionWords(conditions, kind) || `${conditionLabel(kind)} …`}
                </button>
                {shown.includes(kind) && <CloseButton size={16} aria-label={`Remove: ${conditionWords(conditions, kind)}`} onClick={() => apply(without(conditions, kind))} />}
              </span>
            </Popover.Target>
            <Popover.Dropdown role="dialog" aria-label={`Filter by ${conditionLabel(kind)}`}>
              <ConditionEditor kind={kind} conditions={conditions} types={types} onApply={apply} />
            </Popover.Dropdown>
          </Popover>
        </span>
      ))}
      {offered.length > 0 && (
        <Menu position="bottom-start" width={190}>
          <Menu.Target>
            <Button variant="subtle" size="compact-xs" color="gray" leftSection={<IconPlus size={12} />}>
              {shown.length === 0 ? 'Condition' : 'and'}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {offered.map(({ kind, label }) => (
              // After the menu has given the focus back.
              <Menu.Item key={kind} onClick={() => setTimeout(() => setEditing(kind), 0)}>
                {label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {children}
    </div>
  );
}
