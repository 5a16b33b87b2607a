import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, hexLines, hexRow, insertBytes, pressHexKey, typeDigit, type HexState } from './hex-model.ts';
import { bytesOfText, lineEndingsOf, lineSeparatorOf, textForm } from './text-form.ts';

const state = (bytes: number[], more: Partial<HexState> = {}): HexState => ({ bytes: Uint8Array.from(bytes), caret: 0, nibble: 0, insert: false, ...more });
const free = { fixedLength: false };
const fixed = { fixedLength: true };

describe('text to edit', () => {
  it('gives the very same bytes again, or is not offered', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text))), (bytes) => {
        const form = textForm(bytes);
        if (form === null) expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toThrow(TypeError);
        else expect(bytesOfText(form.text)).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it('is split into lines only where putting them together again changes nothing', () => {
    const lines = fc.array(fc.tuple(fc.string(), fc.constantFrom('\n', '\r\n', '\r', '')));
    fc.assert(
      fc.property(lines, (parts) => {
        const text = parts.flat().join('');
        const separator = lineSeparatorOf(text);
        expect(text.split(separator).join(separator)).toBe(text);
      }),
    );
    expect(lineSeparatorOf('a\r\nb\nc')).toBe('\n');
    expect(lineSeparatorOf('a\r\nb\r\n')).toBe('\r\n');
  });

  it('says how lines end', () => {
    expect(['', 'a\nb', 'a\r\n', 'a\rb', 'a\r\nb\n'].map(lineEndingsOf)).toEqual(['none', 'LF', 'CRLF', 'CR', 'mixed']);
    expect(textForm(Uint8Array.from([0xef, 0xbb, 0xbf, 0x61, 0x0a]))).toMatchObject({ byteOrderMark: true, endsWithNewline: true });
    expect(bytesOfText('half \ud800')).toBeNull();
  });
});

describe('bytes in hexadecimal', () => {
  it('are overwritten digit by digit, and grow at the end', () => {
    let now = state([0x12, 0x34]);
    for (const key of ['a', 'B', '0']) now = pressHexKey(now, key, free) ?? now;
    expect([...now.bytes]).toEqual([0xab, 0x04]);
    expect(now).toMatchObject({ caret: 1, nibble: 1 });
    for (const key of ['f', '7', 'e']) now = pressHexKey(now, key, free) ?? now;
    expect([...now.bytes]).toEqual([0xab, 0x0f, 0x7e]);
    expect(now.caret).toBe(3);
  });

  it('are inserted and removed where the length may change, and never where it may not', () => {
    const inserting = state([1, 2], { insert: true, caret: 1 });
    expect([...(pressHexKey(inserting, '9', free)?.bytes ?? [])]).toEqual([1, 0x90, 2]);
    expect([...(pressHexKey(inserting, 'Backspace', free)?.bytes ?? [])]).toEqual([2]);
    expect([...(pressHexKey(inserting, 'Delete', free)?.bytes ?? [])]).toEqual([1]);
    for (const key of ['Backspace', 'Delete', 'Insert']) expect(pressHexKey(inserting, key, fixed)?.bytes.length).toBe(2);
    expect(typeDigit(state([1], { caret: 1 }), 5, fixed).bytes.length).toBe(1);
    expect(pressHexKey(inserting, 'z', free)).toBeNull();
  });

  it('keep the caret inside whatever is pressed', () => {
    const keys = fc.constantFrom('0', 'f', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown', 'Insert', 'Delete', 'Backspace');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(keys, { maxLength: 60 }), fc.boolean(), (bytes, pressed, fixedLength) => {
        let now = state([...bytes]);
        for (const key of pressed) now = pressHexKey(now, key, { fixedLength }) ?? now;
        expect(now.caret).toBeGreaterThanOrEqual(0);
        expect(now.caret).toBeLessThanOrEqual(now.bytes.length);
        if (fixedLength) expect(now.bytes.length).toBe(bytes.length);
      }),
    );
  });

  it('come back from their digits', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
        expect(bytesOfHex(digits.join(' '))).toEqual(Uint8Array.from(bytes));
        expect(bytesOfHex(digits.map((pair) => `\\x${pair}`).join(''))).toEqual(Uint8Array.from(bytes));
      }),
    );
    expect(bytesOfHex('abc')).toBeNull();
    expect(bytesOfHex('xy')).toBeNull();
    expect([...insertBytes(Uint8Array.of(1, 2), 1, Uint8Array.of(9))]).toEqual([1, 9, 2]);
    expect(hexLines(new Uint8Array(hexRow + 1)).split('\n')).toHaveLength(2);
  });
});
