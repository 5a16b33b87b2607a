import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RespValues, type RespValue } from './resp-values.ts';

function encode(value: RespValue): Buffer {
  if (value === null) return Buffer.from('$-1\r\n');
  if (typeof value === 'string') return Buffer.from(`+${value}\r\n`);
  if (typeof value === 'number') return Buffer.from(`:${value}\r\n`);
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n')]);
  if (value instanceof Error) return Buffer.from(`-${value.message}\r\n`);
  return Buffer.concat([Buffer.from(`*${value.length}\r\n`), ...value.map(encode)]);
}

const { value: reply } = fc.letrec<{ value: RespValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.stringMatching(/^[\w ]*$/),
    fc.integer(),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
}));

test('replies come whole, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 5 }), fc.integer({ min: 1, max: 30 }), (values, step) => {
      const bytes = Buffer.concat(values.map(encode));
      const parser = new RespValues();
      const found: RespValue[] = [];
      for (let at = 0; at < bytes.length; at += step) found.push(...parser.push(bytes.subarray(at, at + step)));
      expect(found).toEqual(values);
    }),
  );
});

test('errors are values, another protocol is told', () => {
  const parser = new RespValues();
  const [error] = [...parser.push(Buffer.from('-NOPERM no\r\n'))];
  expect(error).toMatchObject({ name: 'ReplyError', message: 'NOPERM no' });
  expect(() => [...parser.push(Buffer.from('HTTP/1.1 400\r\n'))]).toThrow(expect.objectContaining({ code: 'REDIS_NOT_REDIS' }));
});
