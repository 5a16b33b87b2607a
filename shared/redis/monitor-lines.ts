/**
 * What MONITOR prints, as bytes: `+1764034800.123456 [0 127.0.0.1:5000] "get" "user:1"` (replicationFeedMonitors in
 * replication.c). In place of the address stands `lua` for what a script calls, or `unix:` and a path. Arguments are printed by
 * sdscatrepr: what is not printable ASCII as `\xNN`, so that no argument holds a line end or a bare quote. Valkey 8.1 prints quotes
 * and backslashes as they are: a quote ends an argument only before the next one or the line's end, and a name with a backslash
 * may be taken for another there.
 */
export interface MonitorLine {
  /** Unix seconds by the server's clock. */
  at: number;
  db: number;
  /** As the client wrote it, letters folded to lower case. */
  command: string;
  /** Where the arguments after the command begin. */
  argsFrom: number;
}

/** A longer line is skipped: it is the write of a large value, or a read of more names than one can mean. */
export const longestLine = 4 * 1024 * 1024;

const [lineFeed, quote, backslash, space, plus] = [0x0a, 0x22, 0x5c, 0x20, 0x2b];
const empty = new Uint8Array(0);

/** Cuts a stream of bytes into lines. A line is told without its end, valid until the next push. */
export class LineCutter {
  #rest: Uint8Array = empty;
  #skipping = false;
  /** Lines that were longer than `longestLine`. */
  skipped = 0;

  push(chunk: Uint8Array, line: (bytes: Uint8Array, from: number, to: number) => void): void {
    let bytes = chunk;
    let from = 0;
    if (this.#skipping) {
      const end = bytes.indexOf(lineFeed);
      if (end < 0) return;
      this.#skipping = false;
      from = end + 1;
    } else if (this.#rest.length > 0) {
      bytes = joined(this.#rest, chunk);
    }
    // where it is known that the earlier bytes hold no end
    let look = this.#rest.length > 0 ? this.#rest.length : from;
    this.#rest = empty;
    for (;;) {
      const end = bytes.indexOf(lineFeed, look);
      if (end < 0) break;
      const to = end > from && bytes[end - 1] === 0x0d ? end - 1 : end;
      line(bytes, from, to);
      from = end + 1;
      look = from;
    }
    if (bytes.length - from > longestLine) {
      this.#skipping = true;
      this.skipped += 1;
    } else if (from < bytes.length) this.#rest = bytes.slice(from);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** A whole number of ASCII digits; -1 when there is none. `end` is where it stopped. */
function digits(bytes: Uint8Array, from: number, to: number): { value: number; end: number } {
  let at = from;
  let value = 0;
  for (; at < to; at += 1) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return { value: at === from ? -1 : value, end: at };
}

/** `null` for a line that is none of MONITOR's. */
export function parseMonitorLine(bytes: Uint8Array, from: number, to: number): MonitorLine | null {
  if (bytes[from] !== plus) return null;
  const seconds = digits(bytes, from + 1, to);
  if (seconds.value < 0 || bytes[seconds.end] !== 0x2e) return null;
  const micros = digits(bytes, seconds.end + 1, to);
  if (micros.end - seconds.end !== 7 || bytes[micros.end] !== space || bytes[micros.end + 1] !== 0x5b) return null;
  const db = digits(bytes, micros.end + 2, to);
  if (db.value < 0 || bytes[db.end] !== space) return null;
  // the address ends at `] "`: only a socket's path could hold that as well
  let at = db.end + 1;
  while (at + 2 < to && !(bytes[at] === 0x5d && bytes[at + 1] === space && bytes[at + 2] === quote)) at += 1;
  if (at + 2 >= to) return null;
  const name = argumentAt(bytes, at + 2, to);
  if (name === null) return null;
  return { at: seconds.value + micros.value / 1e6, db: db.value, command: folded(name.bytes), argsFrom: name.end };
}

/** Latin-1, with only ASCII letters folded, as the server compares names of commands. */
function folded(bytes: Uint8Array): string {
  let text = '';
  const length = Math.min(bytes.length, 64);
  for (let at = 0; at < length; at += 1) {
    const byte = bytes[at] as number;
    text += String.fromCharCode(byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
  }
  return text;
}

/** The arguments from `from` on, at most `most` of them. `null` when the line is cut or no list of quoted arguments. */
export function monitorArguments(bytes: Uint8Array, from: number, to: number, most: number): Uint8Array[] | null {
  const found: Uint8Array[] = [];
  let at = from;
  while (at < to && found.length < most) {
    if (bytes[at] !== space) return null;
    const argument = argumentAt(bytes, at + 1, to);
    if (argument === null) return null;
    found.push(argument.bytes);
    at = argument.end;
  }
  return found;
}

const named = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x61, 0x07],
  [0x62, 0x08],
]);

function hex(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function isEnd(bytes: Uint8Array, at: number, to: number): boolean {
  return at >= to || (bytes[at] === space && bytes[at + 1] === quote);
}

/** A copy of the bytes that one quoted argument stands for, and where it ends. */
function argumentAt(bytes: Uint8Array, from: number, to: number): { bytes: Uint8Array; end: number } | null {
  if (bytes[from] !== quote) return null;
  let end = from + 1;
  let escapes = false;
  for (; end < to; end += 1) {
    if (bytes[end] === quote && isEnd(bytes, end + 1, to)) break;
    if (bytes[end] !== backslash) continue;
    escapes = true;
    end += 1;
  }
  if (end >= to) return null;
  if (!escapes) return { bytes: bytes.slice(from + 1, end), end: end + 1 };
  const out = new Uint8Array(end - from - 1);
  let length = 0;
  for (let at = from + 1; at < end; at += 1) {
    let byte = bytes[at] as number;
    if (byte === backslash) {
      at += 1;
      const letter = bytes[at] as number;
      const [high, low] = [hex(bytes[at + 1]), hex(bytes[at + 2])];
      if (letter === 0x78 && high >= 0 && low >= 0) {
        byte = high * 16 + low;
        at += 2;
      } else byte = named.get(letter) ?? letter;
    }
    out[length] = byte;
    length += 1;
  }
  return { bytes: out.subarray(0, length), end: end + 1 };
}
