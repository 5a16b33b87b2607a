import { LookasideError } from '../../../../shared/contract/errors.ts';

/** A reply of RESP2. Errors are values here. */
export type RespValue = Buffer | string | number | null | Error | RespValue[];

/** Longest line (status, length) that a server may send; more is another protocol. */
const maxLine = 64 * 1024;

/** Takes a stream's bytes and gives whole replies. For small replies: it keeps what is not whole yet and looks at it again. */
export class RespValues {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  *push(piece: Buffer): Generator<RespValue, void, void> {
    this.#bytes = this.#bytes.length === 0 ? piece : Buffer.concat([this.#bytes, piece]);
    let whole = 0;
    for (;;) {
      this.#at = whole;
      const value = this.#value();
      if (value === undefined) break;
      whole = this.#at;
      yield value;
    }
    this.#bytes = this.#bytes.subarray(whole);
  }

  /** Undefined while it is not whole. */
  #value(): RespValue | undefined {
    const line = this.#line();
    if (line === undefined) return undefined;
    const rest = line.slice(1);
    switch (line.charAt(0)) {
      case '+':
        return rest;
      case '-':
        return Object.assign(new Error(rest), { name: 'ReplyError' });
      case ':':
        return Number(rest);
      case '$':
        return this.#bulk(Number(rest));
      case '*': {
        if (rest === '-1') return null;
        const list: RespValue[] = [];
        for (let left = Number(rest); left > 0; left -= 1) {
          const value = this.#value();
          if (value === undefined) return undefined;
          list.push(value);
        }
        return list;
      }
      default:
        throw new LookasideError('REDIS_NOT_REDIS', 'What answers does not speak the protocol of Redis');
    }
  }

  #line(): string | undefined {
    const end = this.#bytes.indexOf('\r\n', this.#at, 'latin1');
    if (end < 0) {
      if (this.#bytes.length - this.#at > maxLine) throw new LookasideError('REDIS_NOT_REDIS', 'What answers does not speak the protocol of Redis');
      return undefined;
    }
    const line = this.#bytes.toString('latin1', this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #bulk(length: number): Buffer | null | undefined {
    if (length < 0) return null;
    if (this.#at + length + 2 > this.#bytes.length) return undefined;
    const bulk = Buffer.from(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length + 2;
    return bulk;
  }
}
