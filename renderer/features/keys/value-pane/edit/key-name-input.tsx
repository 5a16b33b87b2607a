import { TextInput } from '@mantine/core';
import { fromWire, type WireBytes } from '../../../../../shared/bytes.ts';
import { nameLine } from '../../../../../shared/redis/cli-quote.ts';

interface BytesInputProps {
  label: string;
  description?: string;
  text: string;
  onText: (text: string) => void;
  error?: string;
  autoFocus?: boolean;
  placeholder?: string;
  'aria-label'?: string;
}

const escapes = 'Names that cannot be typed: in quotes with escapes, as in "\\xff\\n".';

/** Bytes as a line that can be typed: `nameFromInput` gives the same bytes back. */
export function lineOf(wire: WireBytes): string {
  return wire === '' ? '' : nameLine(fromWire(wire));
}

/** A line for a name or another short piece of bytes. */
export function BytesInput({ label, description = escapes, text, onText, error, autoFocus = false, placeholder }: BytesInputProps) {
  return (
    <TextInput
      {...(autoFocus ? { 'data-autofocus': true } : {})}
      label={label}
      description={description}
      value={text}
      error={error}
      placeholder={placeholder}
      classNames={{ input: 'la-mono' }}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onText(event.currentTarget.value)}
    />
  );
}
