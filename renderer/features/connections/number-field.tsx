import { NumberInput } from '@mantine/core';
import type { NumberText } from './draft-form.ts';

interface NumberFieldProps {
  label: string;
  value: NumberText;
  onChange: (value: NumberText) => void;
  error?: string | undefined;
  placeholder?: string;
  width?: number;
  /** The label is only for screen readers, as in a table. */
  hideLabel?: boolean;
  readOnly?: boolean;
}

/** A whole number that may be empty while it is typed. */
export function NumberField({ label, value, onChange, error, placeholder, width = 90, hideLabel = false, readOnly = false }: NumberFieldProps) {
  return (
    <NumberInput
      {...(hideLabel ? { 'aria-label': label } : { label })}
      w={width}
      hideControls
      allowDecimal={false}
      allowNegative={false}
      value={value}
      error={error}
      readOnly={readOnly}
      placeholder={placeholder}
      onChange={(next) => onChange(typeof next === 'number' ? next : next === '' ? '' : Number(next))}
    />
  );
}
