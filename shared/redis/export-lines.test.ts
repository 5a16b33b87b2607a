import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toWire } from '../bytes.ts';
import { nameLine } from './cli-quote.ts';
import { csvField, exportHeader, exportLine } from './export-lines.ts';

const facts = { type: 'hash', expiresAt: 'none', bytes: 12, elements: 0, idleSeconds: null, frequency: 3, encoding: 'listpack', at: 1_700_000_000_000 } as const;

/** A plain reader of RFC 4180. */
function readCsv(text: string): string[][] {
  const lines: string[][] = [];
  let fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (quoted) {
      if (char === '"' && text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else if (char === '"') quoted = false;
      else field += char;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      fields.push(field);
      field = '';
    } else if (char === '\r' && text[at + 1] === '\n') {
      lines.push([...fields, field]);
      fields = [];
      field = '';
      at += 1;
    } else field += char;
  }
  return lines;
}

test('a CSV line reads back as what was put in, whatever the text', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', '=', '+', '-', '@', 'é') }), { minLength: 1 }), (fields) => {
      expect(readCsv(`${fields.map(csvField).join(',')}\r\n`)).toEqual([fields]);
    }),
  );
});

test('names of any bytes keep their one meaning in every format', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const name = toWire(bytes);
      expect(readCsv(exportLine('csv', name, facts))[0]?.[0]).toBe(nameLine(bytes));
      expect(JSON.parse(exportLine('jsonl', name))).toEqual(name);
      expect(JSON.parse(exportLine('jsonl', name, facts))).toEqual({ name, ...facts });
      expect(exportLine('lines', name).trimEnd().includes('\n')).toBe(false);
    }),
  );
});

test('facts stand under their headings, what is not known is empty, a formula stays what it is', () => {
  const [heads = []] = readCsv(exportHeader('csv', true));
  const [line = []] = readCsv(exportLine('csv', '=1+1', facts));
  expect(Object.fromEntries(heads.map((head, at) => [head, line[at]]))).toEqual({
    name: '=1+1', type: 'hash', expires_at_ms: 'none', bytes: '12', elements: '0', idle_seconds: '', frequency: '3', encoding: 'listpack', read_at_ms: '1700000000000',
  });
  expect(exportLine('csv', 'a', null)).toBe('a,,,,,,,,\r\n');
  expect([exportHeader('csv', false), exportHeader('jsonl', true), exportHeader('lines', false)]).toEqual(['name\r\n', '', '']);
});
