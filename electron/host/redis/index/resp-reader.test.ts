import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { RespReader } from './resp-reader.ts';

type Reply = { line: string } | { bulk: Uint8Array } | { cursor: string; names: Uint8Array[] };

function bulk(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);
}

function encode(reply: Reply): Buffer {
  if ('line' in reply) return Buffer.from(`${reply.line}\r\n`);
  if ('bulk' in reply) return bulk(reply.bulk);
  return Buffer.concat([Buffer.from('*2\r\n'), bulk(Buffer.from(reply.cursor)), Buffer.from(`*${reply.names.length}\r\n`), ...reply.names.map(bulk)]);
}

function read(chunks: Iterable<Uint8Array>): Reply[] {
  const replies: Reply[] = [];
  let page: { cursor: string; names: Uint8Array[] } | null = null;
  const reader = new RespReader({
    line: (line) => replies.push({ line }),
    bulk: (bytes, from, to) => replies.push({ bulk: Uint8Array.from(bytes.subarray(from, to)) }),
    cursor: (cursor) => {
      page = { cursor, names: [] };
    },
    names: (bytes, from, to, count) => {
      for (let i = 0; i < count; i += 1) page?.names.push(Uint8Array.from(bytes.subarray(from[i], to[i])));
    },
    pageEnd: () => {
      if (page !== null) replies.push(page);
      page = null;
    },
    bytesEnd: () => undefined,
  });
  for (const chunk of chunks) reader.push(chunk);
  return replies;
}

function* cut(whole: Uint8Array, at: readonly number[]): Generator<Uint8Array> {
  const cuts = [...new Set(at.map((each) => each % (whole.length + 1)))].toSorted((a, b) => a - b);
  let from = 0;
  // copies, because a socket's chunk is used again for something else
  for (const to of [...cuts, whole.length]) {
    yield Uint8Array.from(whole.subarray(from, to));
    from = to;
  }
}

const plain = (replies: Reply[]) =>
  replies.map((reply) =>
    'cursor' in reply
      ? { cursor: reply.cursor, names: reply.names.map((name) => Buffer.from(name).toString('hex')) }
      : 'bulk' in reply
        ? { bulk: Buffer.from(reply.bulk).toString('hex') }
        : reply,
  );

describe('RespReader', () => {
  const name = fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.constantFrom(Buffer.from('\r\n'), Buffer.from('$5\r\n'), Buffer.from('*2\r\n'), Buffer.from('')));
  const reply: fc.Arbitrary<Reply> = fc.oneof(
    fc.record({ line: fc.constantFrom('+OK', ':12', '-ERR no', '+') }),
    fc.record({ bulk: fc.uint8Array({ maxLength: 30 }) }),
    fc.record({ cursor: fc.constantFrom('0', '17', '18446744073709551615'), names: fc.array(name, { maxLength: 6 }) }),
  );

  it('reads the same replies however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(reply, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 30 }), (replies, cuts) => {
        const whole = Buffer.concat(replies.map(encode));
        expect(plain(read(cut(whole, cuts)))).toEqual(plain(replies));
      }),
      { numRuns: 1000 },
    );
  });

  it('reads a name of 3 MB that comes in small pieces, and byte by byte', () => {
    const large: Reply = { cursor: '5', names: [Buffer.alloc(3_000_000, 'x'), Buffer.from('after')] };
    const whole = encode(large);
    const cuts = Array.from({ length: Math.ceil(whole.length / 16_384) }, (_, i) => i * 16_384);
    expect(plain(read(cut(whole, cuts)))).toEqual(plain([large]));
    const small = encode({ cursor: '0', names: [Buffer.from('a'), Buffer.from('')] });
    expect(plain(read(cut(small, Array.from(small.keys()))))).toEqual([{ cursor: '0', names: ['61', ''] }]);
  });

  it('reads pages of more names than are told at once', () => {
    const page: Reply = { cursor: '7', names: Array.from({ length: 5000 }, (_, i) => Buffer.from('n'.repeat(i % 13) + i)) };
    const whole = encode(page);
    expect(plain(read([whole, whole]))).toEqual(plain([page, page]));
    expect(plain(read(cut(whole, [1000, 20_000, 20_001, 40_000])))).toEqual(plain([page]));
  });

  it('tells what does not speak the protocol', () => {
    for (const text of ['HTTP/1.1 400 Bad Request\r\n', '*3\r\n', '*2\r\n+x\r\n', '$x\r\n', '*2\r\n$-1\r\n']) {
      expect(() => read([Buffer.from(text)])).toThrow(LookasideError);
    }
  });
});
