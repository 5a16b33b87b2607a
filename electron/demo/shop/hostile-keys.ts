import type { Argument } from './resp-writer.ts';

const bytes = (...values: number[]) => Buffer.from(values);

/** Key names as real keyspaces hold them by accident, each with a small value. Names are bytes. */
export const hostileNames: readonly (readonly [name: Buffer, note: string])[] = [
  [Buffer.from(''), 'the empty name'],
  [Buffer.from('__proto__:x'), 'a property of every JavaScript object'],
  [Buffer.from('__proto__'), 'the same without a namespace'],
  [Buffer.from('constructor:y'), 'another one'],
  [Buffer.from('toString:z'), 'another one'],
  [Buffer.from('a[1]*'), 'characters of glob patterns'],
  [Buffer.from('a[1]*:what?\\'), 'a backslash at the end'],
  [bytes(0xff, 0xfe, 0x00, 0x80, 0x3a, 0x62, 0x69, 0x6e), 'no UTF-8'],
  [Buffer.concat([Buffer.from('session:'), bytes(0x00, 0x9f, 0xc3, 0x28, 0xf0, 0x28)]), 'a binary token'],
  [bytes(0xef, 0xbf, 0xbd), 'U+FFFD itself, which is valid UTF-8'],
  [Buffer.from('line\nbreak:carriage\rreturn:tab\t'), 'control characters'],
  [Buffer.from('quote:"double":\'single\':`back`:$(id)'), 'quotes of shells'],
  [Buffer.from('<script>alert(1)</script>:<img src=x onerror=alert(2)>'), 'markup'],
  [Buffer.from('weird::double'), 'an empty segment'],
  [Buffer.from(':leading:colon'), 'an empty first segment'],
  [Buffer.from('trailing:colon:'), 'an empty last segment'],
  [Buffer.from('::'), 'delimiters only'],
  [Buffer.from(' spaces : around '), 'blanks'],
  [Buffer.from('emoji:🛒:👩‍👩‍👧‍👦:🇸🇪'), 'joined code points'],
  [Buffer.from('rtl:سلة:עגלה'), 'right to left'],
  [Buffer.from('bidi:\u202egnp.exe'), 'a direction override'],
  [Buffer.from('combining:e\u0301:\u00e9'), 'two spellings of é'],
  [Buffer.from('zero\u200bwidth:\ufeffbom'), 'invisible characters'],
  [Buffer.from('lone:{tag:}unclosed{'), 'hash tags of Cluster, half of them'],
  [Buffer.from('mixed/path.name-with_several|delimiters:here'), 'other delimiters'],
  [Buffer.from(`long:${'x'.repeat(65_536 - 5)}`), 'a name of 64 KB'],
  [Buffer.from(`deep:${Array.from({ length: 120 }, (_, at) => at).join(':')}`), 'a path of 120 segments'],
  [Buffer.from('user'), 'a key that is also a folder'],
  [Buffer.from('product:hasOwnProperty'), 'an id that is no number'],
];

/** Hash fields and members that are as hostile as names. */
export function hostileCommands(): Argument[][] {
  return [
    ...hostileNames.map(([name, note]): Argument[] => ['SET', name, note]),
    ['HSET', 'hostile:fields', '__proto__', 'polluted', 'constructor', 'x', '', 'the empty field', bytes(0xff, 0x00), bytes(0x00, 0xff), '<b>bold</b>', '<script>alert(3)</script>'],
    ['SADD', 'hostile:members', '', '__proto__', bytes(0xc3, 0x28), 'line\nbreak', '"', '🛒'],
    ['ZADD', 'hostile:scores', '-inf', 'least', 'inf', 'most', '0.1', 'tenth', '1e300', 'huge', '-0', 'minus zero', '9007199254740993', 'beyond 2^53'],
    ['SET', 'hostile:json:huge-number', '{"id":12345678901234567890,"price":0.1000,"__proto__":{"admin":true},"id":2}'],
    ['SET', 'hostile:json:broken', '{"id":1,"name":"cut of'],
    ['SET', 'hostile:json:deep', `${'['.repeat(500)}${']'.repeat(500)}`],
    ['SET', 'hostile:empty-string', ''],
    ['SET', 'hostile:integer', '9223372036854775807'],
    ['SET', 'hostile:utf16', Buffer.from('price: 10 €', 'utf16le')],
  ];
}
