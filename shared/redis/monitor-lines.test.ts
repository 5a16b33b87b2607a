import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redisCliQuoted } from './cli-quote.ts';
import { LineCutter, longestLine, monitorArguments, parseMonitorLine } from './monitor-lines.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function parse(text: string): { at: number; db: number; command: string; args: string[] | null } | null {
  const bytes = latin1(text);
  const line = parseMonitorLine(bytes, 0, bytes.length);
  if (line === null) return null;
  const args = monitorArguments(bytes, line.argsFrom, bytes.length, Infinity);
  return { at: line.at, db: line.db, command: line.command, args: args?.map((arg) => Buffer.from(arg).toString('latin1')) ?? null };
}

describe('a line of MONITOR', () => {
  it.each([
    ['+1764034800.123456 [0 127.0.0.1:5000] "GET" "user:1"', 0, 'get', ['user:1']],
    ['+1764034800.123456 [15 [::1]:5000] "mget" "a" "b"', 15, 'mget', ['a', 'b']],
    ['+1764034800.123456 [0 lua] "hget" "h" "f"', 0, 'hget', ['h', 'f']],
    ['+1764034800.123456 [3 unix:/tmp/a b] c.sock] "ping"', 3, 'ping', []],
    ['+1764034800.000001 [0 127.0.0.1:5000] "get" ""', 0, 'get', ['']],
    // as Valkey 8.1 prints quotes
    ['+1764034800.000001 [0 127.0.0.1:5000] "mget" "a"b" "c"', 0, 'mget', ['a"b', 'c']],
    ['+1764034800.000001 [0 127.0.0.1:5000] "get" "a\\"] \\"b\\\\"', 0, 'get', ['a"] "b\\']],
    ['+1764034800.000001 [0 127.0.0.1:5000] "get" "\\xff\\x00\\n\\r\\t\\a\\b"', 0, 'get', ['\xff\0\n\r\t\x07\b']],
  ])('%s', (text, db, command, args) => {
    expect(parse(text)).toEqual({ at: expect.closeTo(1_764_034_800, 0), db, command, args });
  });

  it.each(['', '+OK', '-ERR no', '+1764034800.12 [0 a:1] "get" "k"', '+1764034800.123456 [x a:1] "get" "k"', '+1764034800.123456 [0 a:1]', '+1764034800.123456 [0 a:1] "get'])(
    'is none: %s',
    (text) => {
      expect(parse(text)).toBeNull();
    },
  );

  it('is known as cut when an argument has no end', () => {
    expect(parse('+1764034800.123456 [0 a:1] "get" "k')?.args).toBeNull();
  });

  it('gives every name back byte by byte, however its bytes arrive', () => {
    const part = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(fc.array(fc.array(part, { minLength: 1, maxLength: 4 }), { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }), (lines, cuts) => {
        const text = lines.map((args) => `+1764034800.123456 [7 lua] "GeT" ${args.map(redisCliQuoted).join(' ')}\r\n`).join('');
        const bytes = latin1(text);
        const found: Uint8Array[][] = [];
        const cutter = new LineCutter();
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = cuts[turn % cuts.length] as number;
          cutter.push(bytes.slice(at, at + size), (piece, from, to) => {
            const line = parseMonitorLine(piece, from, to);
            expect(line).toMatchObject({ db: 7, command: 'get' });
            found.push(monitorArguments(piece, line?.argsFrom ?? 0, to, Infinity) ?? []);
          });
          at += size;
        }
        expect(found).toEqual(lines);
      }),
    );
  });

  it('never fails on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const line = parseMonitorLine(bytes, 0, bytes.length);
        if (line !== null) monitorArguments(bytes, line.argsFrom, bytes.length, Infinity);
      }),
    );
  });

  it('that is too long is skipped to its end and counted', () => {
    const cutter = new LineCutter();
    const lines: string[] = [];
    const take = (bytes: Uint8Array, from: number, to: number) => void lines.push(Buffer.from(bytes.subarray(from, to)).toString());
    cutter.push(latin1('one\r\nlong'), take);
    cutter.push(new Uint8Array(longestLine).fill(0x61), take);
    cutter.push(latin1('still the same'), take);
    cutter.push(latin1(' end\r\ntwo\r\nthr'), take);
    cutter.push(latin1('ee\r\n'), take);
    expect(lines).toEqual(['one', 'two', 'three']);
    expect(cutter.skipped).toBe(1);
  });
});
