import { LookasideError } from '../../../../shared/contract/errors.ts';

/** What a reply stream is turned into. Byte ranges are valid until `bytesEnd`. */
export interface ReplySink {
  /** `+OK`, `:12`, `-ERR …`, or `$-1` for nothing, with its first character. */
  line(text: string): void;
  bulk(bytes: Uint8Array, from: number, to: number): void;
  /** The cursor of a SCAN reply, as soon as it is there; its names follow. */
  cursor(cursor: string): void;
  /** The next `count` names: `bytes[from[i]...to[i]]`. The two arrays are used again after the call. */
  names(bytes: Uint8Array, from: Int32Array, to: Int32Array, count: number): void;
  pageEnd(): void;
  /** The ranges told since the last call cease to be valid. */
  bytesEnd(): void;
}

const carriageReturn = 0x0d;
const dollar = 0x24;
const asterisk = 0x2a;
const minus = 0x2d;
/** Longest line that a server may send where a header or a status is expected. */
const maxLine = 64 * 1024;

/** Names that are told at once, at most. */
const namesAtOnce = 1024;

/** Where the reader stands: at the start of a reply, or inside one of SCAN. */
type Place = 'reply' | 'cursor' | 'names-header' | 'names';

function malformed(): LookasideError {
  return new LookasideError('REDIS_NOT_REDIS', 'The server answers with something that is not the Redis protocol', {
    hint: 'Check that host and port are those of a Redis.',
  });
}

/**
 * Reads RESP2 replies of SCAN, and plain ones, straight from socket chunks: names are told as ranges of the chunk, only a
 * token that is split between chunks is copied together. Throws REDIS_NOT_REDIS.
 */
export class RespReader {
  readonly #sink: ReplySink;
  #carry = Buffer.allocUnsafe(0);
  #carried = 0;
  #place: Place = 'reply';
  #left = 0;
  // of the token being read
  #number = 0;
  #after = 0;
  readonly #from = new Int32Array(namesAtOnce);
  readonly #to = new Int32Array(namesAtOnce);

  constructor(sink: ReplySink) {
    this.#sink = sink;
  }

  push(chunk: Uint8Array): void {
    if (this.#carried === 0) {
      this.#keep(chunk, this.#read(chunk, chunk.length), chunk.length);
      return;
    }
    const total = this.#carried + chunk.length;
    if (total > this.#carry.length) {
      const grown = Buffer.allocUnsafe(Math.max(total, this.#carry.length * 2));
      this.#carry.copy(grown, 0, 0, this.#carried);
      this.#carry = grown;
    }
    this.#carry.set(chunk, this.#carried);
    this.#carried = total;
    const done = this.#read(this.#carry, total);
    if (done === 0) return;
    this.#carry.copyWithin(0, done, total);
    this.#carried = total - done;
    // a huge name must not keep its buffer
    if (this.#carried === 0 && this.#carry.length > 1 << 20) this.#carry = Buffer.allocUnsafe(0);
  }

  #keep(chunk: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    if (this.#carry.length < to - from) this.#carry = Buffer.allocUnsafe(Math.max(4096, to - from));
    this.#carry.set(chunk.subarray(from, to), 0);
    this.#carried = to - from;
  }

  /** Handles all whole tokens and returns where the first incomplete one begins. */
  #read(bytes: Uint8Array, end: number): number {
    const at = this.#tokens(bytes, end);
    this.#sink.bytesEnd();
    return at;
  }

  #tokens(bytes: Uint8Array, end: number): number {
    let at = 0;
    for (;;) {
      if (this.#place === 'names' && this.#left > 0) {
        at = this.#names(bytes, at, end);
        if (this.#left > 0) return at;
        continue;
      }
      const next = this.#token(bytes, at, end);
      if (next < 0) return at;
      at = next;
      if (at === end && !(this.#place === 'names' && this.#left === 0)) return at;
    }
  }

  /** Tells the page's names that are whole and returns where the first one begins that is not. */
  #names(bytes: Uint8Array, begin: number, end: number): number {
    const froms = this.#from;
    const tos = this.#to;
    let at = begin;
    let left = this.#left;
    let count = 0;
    while (left > 0 && at < end) {
      // `#header` by hand: this runs for every name
      if (bytes[at] !== dollar) throw malformed();
      let size = 0;
      let i = at + 1;
      for (; i < end; i += 1) {
        const byte = bytes[i] as number;
        if (byte === carriageReturn) break;
        if (byte < 0x30 || byte > 0x39 || i - at > 12) throw malformed();
        size = size * 10 + (byte - 0x30);
      }
      const from = i + 2;
      const to = from + size;
      if (to + 2 > end) break;
      froms[count] = from;
      tos[count] = to;
      count += 1;
      left -= 1;
      at = to + 2;
      if (count === namesAtOnce) {
        this.#sink.names(bytes, froms, tos, count);
        count = 0;
      }
    }
    this.#left = left;
    if (count > 0) this.#sink.names(bytes, froms, tos, count);
    return at;
  }

  #token(bytes: Uint8Array, at: number, end: number): number {
    switch (this.#place) {
      case 'names':
        this.#place = 'reply';
        this.#sink.pageEnd();
        return at;
      case 'cursor': {
        if (!this.#header(bytes, at, end, dollar)) return -1;
        const from = this.#after;
        const to = from + this.#number;
        if (to + 2 > end) return -1;
        this.#place = 'names-header';
        this.#sink.cursor(text(bytes, from, to));
        return to + 2;
      }
      case 'names-header':
        if (!this.#header(bytes, at, end, asterisk)) return -1;
        this.#place = 'names';
        this.#left = this.#number;
        return this.#after;
      case 'reply':
        return at < end ? this.#reply(bytes, at, end) : -1;
    }
  }

  #reply(bytes: Uint8Array, at: number, end: number): number {
    const kind = bytes[at] as number;
    if (kind === asterisk) {
      if (!this.#header(bytes, at, end, asterisk)) return -1;
      if (this.#number !== 2) throw malformed();
      this.#place = 'cursor';
      return this.#after;
    }
    if (kind === dollar && at + 1 === end) return -1;
    if (kind === dollar && bytes[at + 1] !== minus) {
      if (!this.#header(bytes, at, end, dollar)) return -1;
      const from = this.#after;
      const to = from + this.#number;
      if (to + 2 > end) return -1;
      this.#sink.bulk(bytes, from, to);
      return to + 2;
    }
    const close = bytes.subarray(at, end).indexOf(carriageReturn);
    if (close < 0 || at + close + 2 > end) {
      if (end - at > maxLine) throw malformed();
      return -1;
    }
    // + - : and the absent bulk
    if (kind !== 0x2b && kind !== minus && kind !== 0x3a && kind !== dollar) throw malformed();
    this.#sink.line(text(bytes, at, at + close));
    return at + close + 2;
  }

  /** Reads `$12\r\n`; false when it is not all there. */
  #header(bytes: Uint8Array, at: number, end: number, kind: number): boolean {
    if (at >= end) return false;
    if (bytes[at] !== kind) throw malformed();
    let value = 0;
    let i = at + 1;
    for (; i < end; i += 1) {
      const byte = bytes[i] as number;
      if (byte === carriageReturn) break;
      if (byte < 0x30 || byte > 0x39 || i - at > 12) throw malformed();
      value = value * 10 + (byte - 0x30);
    }
    if (i + 2 > end) return false;
    this.#number = value;
    this.#after = i + 2;
    return true;
  }
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
}
