import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useRef, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { useMergedRef } from '@mantine/hooks';
import { useCommands } from '../lib/commands.ts';
import { Keys } from './kbd.tsx';

interface FilterInputProps {
  /** Accessible name, also the placeholder: `Filter connections`. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Keys that the field does not use itself, for example arrows that move in the list below. */
  onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void;
  placeholder?: string;
  mono?: boolean;
  /** Whether `/` comes here; one filter a screen. */
  slash?: boolean;
  error?: ReactNode;
  width?: number | string;
  ref?: Ref<HTMLInputElement>;
}

/** Type to filter. `/` focuses it; Escape empties it, then leaves it. */
export function FilterInput({ label, value, onChange, onKeyDown, placeholder, mono = false, slash = true, error, width, ref }: FilterInputProps) {
  const input = useRef<HTMLInputElement>(null);
  const merged = useMergedRef(input, ref);
  const focus = () => {
    input.current?.focus();
    input.current?.select();
  };
  useCommands(slash ? [{ id: 'filter.focus', title: label, group: 'Go to', shortcut: '/', menu: 'focus-filter', run: focus }] : []);
  return (
    <TextInput
      ref={merged}
      type="text"
      role="searchbox"
      aria-label={label}
      placeholder={placeholder ?? label}
      value={value}
      error={error}
      w={width ?? '100%'}
      spellCheck={false}
      autoComplete="off"
      classNames={mono ? { input: 'la-mono' } : {}}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={
        value === '' ? (
          slash && <Keys shortcut="/" />
        ) : (
          <CloseButton size={18} aria-label={`Clear: ${label}`} onClick={() => (onChange(''), input.current?.focus())} />
        )
      }
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          if (value === '') input.current?.blur();
          else onChange('');
          return;
        }
        onKeyDown?.(event);
      }}
    />
  );
}
