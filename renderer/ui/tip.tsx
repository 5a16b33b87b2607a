import { Tooltip } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

interface TipProps {
  label: ReactNode;
  children: ReactElement;
  position?: 'top' | 'bottom' | 'left' | 'right';
  disabled?: boolean;
}

/** The one way to show a tooltip: after a moment, also on focus, wrapped where it is long. It never holds what is nowhere else. */
export function Tip({ label, children, position = 'bottom', disabled = false }: TipProps) {
  return (
    <Tooltip
      label={label}
      position={position}
      disabled={disabled}
      openDelay={350}
      maw={360}
      multiline
      w="max-content"
      withinPortal
      events={{ hover: true, focus: true, touch: false }}
    >
      {children}
    </Tooltip>
  );
}
