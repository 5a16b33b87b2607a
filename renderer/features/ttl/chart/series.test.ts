import { describe, expect, it } from 'vitest';
import { toCsv } from './series.ts';

describe('toCsv', () => {
  it('quotes what needs it and keeps the rest as it is', () => {
    expect(toCsv([['a', 1, 'x,y'], ['"q"', 0.5, 'two\nlines'], ['=1', '', '<img>']])).toBe('a,1,"x,y"\r\n"""q""",0.5,"two\nlines"\r\n=1,,<img>\r\n');
    expect(toCsv([])).toBe('');
  });
});
