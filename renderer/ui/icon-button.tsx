import { ActionIcon } from '@mantine/core';
import type { AriaAttributes, ReactNode, Ref } from 'react';
import { shortcutKeys } from '../lib/shortcut-keys.ts';
import { Tip } from './tip.tsx';

interface IconButtonProps extends Pick<AriaAttributes, 'aria-expanded' | 'aria-haspopup' | 'aria-controls'> {
  /** Says what it does; the accessible name and the tooltip. */
  label: string;
  icon: ReactNode;
  /** A menu gives its own to its target. */
  onClick?: () => void;
  shortcut?: string;
  disabled?: boolean;
  /** For toggles. */
  pressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A quiet button with an icon only. What a menu or a popover adds to its target goes on the button itself. */
export function IconButton({ label, icon, onClick, shortcut, disabled = false, pressed, ref, ...target }: IconButtonProps) {
  const tip = shortcut === undefined ? label : `${label} (${shortcutKeys(shortcut).join(' ')})`;
  return (
    <Tip label={tip}>
      <ActionIcon
        {...target}
        ref={ref ?? null}
        variant={pressed === true ? 'light' : 'subtle'}
        color={pressed === true ? 'accent' : 'gray'}
        size={24}
        aria-label={label}
        {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
        disabled={disabled}
        onClick={(event) => {
          event.stopPropagation();
          onClick?.();
        }}
      >
        {icon}
      </ActionIcon>
    </Tip>
  );
}
