import { Popover } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { IconButton } from '../../ui/icon-button.tsx';

/** An icon button that shows more below it; Escape and a click elsewhere close it. */
export function IconPopover({ label, icon, width, children }: { label: string; icon: ReactNode; width: number; children: ReactNode }) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={width} trapFocus returnFocus>
      <Popover.Target>
        <IconButton label={label} icon={icon} pressed={opened} onClick={() => setOpened(!opened)} />
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>{children}</Popover.Dropdown>
    </Popover>
  );
}
