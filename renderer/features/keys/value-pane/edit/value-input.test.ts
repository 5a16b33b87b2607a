import { describe, expect, test } from 'vitest';
import { inForm, valueOf } from './value-input.tsx';

describe('a value as it is typed', () => {
  test('is text, JSON or bytes', () => {
    expect(valueOf({ form: 'text', text: 'ü\r\n' }).bytes).toEqual(Uint8Array.of(0xc3, 0xbc, 13, 10));
    expect(valueOf({ form: 'hex', text: 'ff 00' }).bytes).toEqual(Uint8Array.of(0xff, 0));
    expect(valueOf({ form: 'json', text: '{"big": 12345678901234567890}' }).problem).toBe('');
    expect(valueOf({ form: 'json', text: '{"a": }' })).toEqual({ bytes: null, problem: 'Not valid JSON' });
    expect(valueOf({ form: 'hex', text: 'f' }).bytes).toBeNull();
    expect(valueOf({ form: 'text', text: '\ud800' }).bytes).toBeNull();
  });

  test('changes its form where the bytes have one', () => {
    expect(inForm({ form: 'text', text: 'Hi' }, 'hex')).toEqual({ form: 'hex', text: '48 69' });
    expect(inForm({ form: 'hex', text: '48 69' }, 'text')).toEqual({ form: 'text', text: 'Hi' });
    expect(inForm({ form: 'hex', text: 'ff' }, 'text')).toBeNull();
    expect(inForm({ form: 'hex', text: 'f' }, 'text')).toBeNull();
    // what is not JSON yet is not lost
    expect(inForm({ form: 'json', text: '{"a' }, 'hex')).toEqual({ form: 'hex', text: '7b 22 61' });
  });
});
