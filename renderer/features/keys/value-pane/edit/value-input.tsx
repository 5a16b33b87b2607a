import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { bytesOfHex, hexOfBytes } from '../../../../../shared/edit/hex-input.ts';
import { bytesOfText, textForm } from '../../../../../shared/edit/text-form.ts';
import { plural } from '../../../../lib/format.ts';
import { indentedJson, readJson } from '../json-tree.ts';
import classes from './edit.module.css';

type Form = 'text' | 'json' | 'hex';

/** A value as it is typed: as text, as text that has to be JSON, or in hexadecimal. */
export interface TypedValue {
  readonly form: Form;
  readonly text: string;
}

export const noValue: TypedValue = { form: 'text', text: '' };

/** The bytes that are meant, or why there are none. */
export function valueOf({ form, text }: TypedValue): { bytes: Uint8Array; problem: '' } | { bytes: null; problem: string } {
  if (form === 'hex') {
    const bytes = bytesOfHex(text);
    return bytes === null ? { bytes, problem: 'Pairs of hexadecimal digits, such as ff 00 7f' } : { bytes, problem: '' };
  }
  const bytes = bytesOfText(text);
  if (bytes === null) return { bytes, problem: 'The text holds half a character, which cannot be saved' };
  return form === 'json' && readJson(text) === null ? { bytes: null, problem: 'Not valid JSON' } : { bytes, problem: '' };
}

/** The same bytes in another form; `null` where they have none in it. */
export function inForm(value: TypedValue, form: Form): TypedValue | null {
  if ((value.form === 'hex') === (form === 'hex')) return { form, text: value.text };
  const { bytes } = valueOf(value.form === 'json' ? { ...value, form: 'text' } : value);
  if (bytes === null) return null;
  if (form === 'hex') return { form, text: hexOfBytes(bytes) };
  const text = textForm(bytes)?.text;
  return text === undefined ? null : { form, text };
}

interface ValueInputProps {
  label: string;
  value: TypedValue;
  onValue: (value: TypedValue) => void;
  autoFocus?: boolean;
}

/** A value to be added: text, JSON or bytes. */
export function ValueInput({ label, value, onValue, autoFocus = false }: ValueInputProps) {
  const [touched, setTouched] = useState(false);
  const { bytes, problem } = valueOf(value);
  const json = value.form === 'json' ? readJson(value.text) : null;
  const option = (form: Form, words: string) => {
    const possible = inForm(value, form) !== null;
    return { value: form, label: <span title={possible ? '' : 'These bytes have no such form'}>{words}</span>, disabled: !possible };
  };
  return (
    <div>
      <div className={classes['valueHead']}>
        <span className="la-label">{label}</span>
        <SegmentedControl
          size="xs"
          aria-label={`Type the ${label.toLowerCase()} as`}
          value={value.form}
          onChange={(form) => {
            const next = inForm(value, form);
            if (next !== null) onValue(next);
          }}
          data={[option('text', 'Text'), option('json', 'JSON'), option('hex', 'Hex')]}
        />
        {json !== null && (
          <Button variant="default" title="Only spaces and line breaks change; numbers and the order of names stay as they are written" onClick={() => onValue({ form: 'json', text: indentedJson(json) })}>
            Format
          </Button>
        )}
        <span className={classes['spring']} />
        <span className={`${classes['facts']} la-number`} role="status" data-wrong={(touched && problem !== '') || undefined}>
          {bytes === null ? (touched ? problem : '') : plural(bytes.length, 'byte')}
        </span>
      </div>
      <Textarea
        {...(autoFocus ? { 'data-autofocus': true } : {})}
        aria-label={label}
        autosize
        minRows={4}
        maxRows={12}
        value={value.text}
        placeholder={value.form === 'hex' ? 'ff 00 7f' : value.form === 'json' ? '{"name": "value"}' : label}
        classNames={{ input: 'la-mono' }}
        spellCheck={false}
        onChange={(event) => {
          setTouched(true);
          onValue({ form: value.form, text: event.currentTarget.value });
        }}
      />
    </div>
  );
}
