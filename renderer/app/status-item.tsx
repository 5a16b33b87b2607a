import { Popover, UnstyledButton } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import classes from './status-bar.module.css';

interface StatusItemProps {
  /** Accessible name; tells the state in words. */
  label: string;
  tone?: 'amber' | 'red' | 'green' | undefined;
  /** What stands in the bar. */
  children: ReactNode;
  /** What opens above it. */
  panel: (close: () => void) => ReactNode;
}

/** An entry of the status bar that opens a panel. */
export function StatusItem({ label, tone, children, panel }: StatusItemProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="top-start" offset={6} trapFocus withRoles>
      <Popover.Target>
        <UnstyledButton className={classes['item'] ?? ''} data-tone={tone} aria-label={label} onClick={() => setOpened((before) => !before)}>
          {children}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>{opened && <div className={classes['panel']}>{panel(() => setOpened(false))}</div>}</Popover.Dropdown>
    </Popover>
  );
}
