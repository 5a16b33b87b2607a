import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromWire, toWire, type WireBytes } from '../../shared/bytes.ts';
import { exportLine } from '../../shared/redis/export-lines.ts';
import { csvColumns, NameLines, plainLines, type NameLayout } from './name-lines.ts';

const encoder = new TextEncoder();

function read(bytes: Uint8Array, layout: NameLayout = plainLines, pieces = 7): { names: WireBytes[]; lines: NameLines } {
  const lines = new NameLines(layout);
  const names: WireBytes[] = [];
  for (let at = 0; at < bytes.length; at += pieces) names.push(...lines.push(bytes.subarray(at, at + pieces)));
  names.push(...lines.end());
  return { names, lines };
}

describe('NameLines', () => {
  it('takes CRLF, blanks, a byte order mark, duplicates and a last line without an end', () => {
    const { names, lines } = read(encoder.encode('\ufeffa\r\n\r\nb \n\na\n"\\xff"\n""\nlast'));
    expect(names).toEqual(['a', 'b ', 'a', { b64: '/w==' }, '', 'last']);
    expect([lines.names, lines.blanks]).toEqual([6, 2]);
  });

  it('keeps bytes that are no text', () => {
    expect(read(Uint8Array.from([0x61, 0xff, 0x0a, 0x62])).names).toEqual([{ b64: 'Yf8=' }, 'b']);
  });

  it('takes one column of CSV, quoted commas and line breaks included', () => {
    const csv = encoder.encode('id,"the ""key"""\r\n1,"a,b"\r\n2,"c\nd"\r\n3\r\n4,"""\\xff"""\r\n');
    expect(csvColumns(csv)).toEqual(['id', 'the "key"']);
    const { names, lines } = read(csv, { column: 2, header: true });
    expect(names).toEqual(['a,b', 'c\nd', { b64: '/w==' }]);
    expect(lines.blanks).toBe(1);
  });

  it('reads back what the exports write, whatever the name and however the text is cut', () => {
    const name = fc.uint8Array({ maxLength: 12 }).map(toWire);
    fc.assert(
      fc.property(fc.array(name, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (names, pieces) => {
        const lines = encoder.encode(names.map((one) => exportLine('lines', one)).join(''));
        expect(read(lines, plainLines, pieces).names.map(fromWire)).toEqual(names.map(fromWire));
        const csv = encoder.encode(`name\r\n${names.map((one) => exportLine('csv', one)).join('')}`);
        expect(read(csv, { column: 1, header: true }, pieces).names.map(fromWire)).toEqual(names.map(fromWire));
      }),
    );
  });
});
