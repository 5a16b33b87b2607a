import { toWire, utf8OrNull, type WireBytes } from '../../shared/bytes.ts';
import { nameFromInput } from './name-input.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
const comma = 0x2c;

/** How a text of names is laid out. `column` counts from 1; `null` = each line is a name. */
export interface NameLayout {
  column: number | null;
  /** The first record names the columns. */
  header: boolean;
}

export const plainLines: NameLayout = { column: null, header: false };

/** A field's bytes as a name: text in double quotes is read as redis-cli quotes it; bytes that are no text stay what they are. */
function nameOf(bytes: Uint8Array): WireBytes {
  const text = utf8OrNull(bytes);
  return text === null ? toWire(bytes) : nameFromInput(text);
}

/**
 * Names out of a text that comes in pieces of any size: a line each, or one column of CSV (RFC 4180, quoted line breaks included). CRLF and
 * LF end a line, a byte order mark at the beginning is none of a name, blank lines (and empty fields) are counted and left out. A name that
 * is empty or no text is written in double quotes with escapes, as the exports write it.
 */
export class NameLines {
  /** Records with a name so far, duplicates included, and those without. */
  names = 0;
  blanks = 0;
  private readonly layout: NameLayout;
  private rest: Uint8Array = new Uint8Array(0);
  private first = true;
  private records = 0;

  constructor(layout: NameLayout) {
    this.layout = layout;
  }

  /** Bytes of the record that is not complete yet. */
  get pending(): number {
    return this.rest.length;
  }

  /** The names that are complete with these bytes. */
  push(chunk: Uint8Array): WireBytes[] {
    return this.take(chunk, false);
  }

  /** The last one, when no line break ended it. */
  end(): WireBytes[] {
    return this.take(new Uint8Array(0), true);
  }

  private take(chunk: Uint8Array, last: boolean): WireBytes[] {
    let bytes = new Uint8Array(this.rest.length + chunk.length);
    bytes.set(this.rest);
    bytes.set(chunk, this.rest.length);
    if (this.first && (bytes.length >= 3 || last)) {
      this.first = false;
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.slice(3);
    } else if (this.first) {
      this.rest = bytes;
      return [];
    }
    const found: WireBytes[] = [];
    let from = 0;
    for (let to = this.recordEnd(bytes, from); to !== -1; to = this.recordEnd(bytes, from)) {
      this.add(bytes.subarray(from, to), found);
      from = to + 1;
    }
    this.rest = bytes.slice(from);
    if (last && this.rest.length > 0) {
      this.add(this.rest, found);
      this.rest = new Uint8Array(0);
    }
    return found;
  }

  /** Place of the line break that ends the record; -1 when it is not there yet. */
  private recordEnd(bytes: Uint8Array, from: number): number {
    if (this.layout.column === null) return bytes.indexOf(newline, from);
    let quoted = false;
    for (let at = from; at < bytes.length; at += 1) {
      if (bytes[at] === quote) quoted = !quoted;
      else if (bytes[at] === newline && !quoted) return at;
    }
    return -1;
  }

  private add(record: Uint8Array, found: WireBytes[]): void {
    const line = record.at(-1) === carriageReturn ? record.subarray(0, -1) : record;
    this.records += 1;
    if (this.layout.header && this.records === 1) return;
    const field = this.layout.column === null ? line : csvFields(line)[this.layout.column - 1];
    if (field === undefined || field.length === 0) {
      this.blanks += 1;
      return;
    }
    this.names += 1;
    found.push(nameOf(field));
  }
}

/** The fields of one record. */
function csvFields(line: Uint8Array): Uint8Array[] {
  const fields: Uint8Array[] = [];
  let field: number[] = [];
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at] as number;
    if (quoted) {
      if (byte !== quote) field.push(byte);
      else if (line[at + 1] === quote) {
        field.push(quote);
        at += 1;
      } else quoted = false;
    } else if (byte === quote && field.length === 0) quoted = true;
    else if (byte === comma) {
      fields.push(Uint8Array.from(field));
      field = [];
    } else field.push(byte);
  }
  fields.push(Uint8Array.from(field));
  return fields;
}

/** The columns of a CSV text by its first record, for choosing one; empty fields by their number. */
export function csvColumns(beginning: Uint8Array): string[] {
  const end = beginning.indexOf(newline);
  const line = end === -1 ? beginning : beginning.subarray(0, end);
  const bare = line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
  const start = bare[0] === 0xef && bare[1] === 0xbb && bare[2] === 0xbf ? 3 : 0;
  return csvFields(bare.subarray(start)).map((field, at) => {
    const text = utf8OrNull(field) ?? '';
    return text === '' ? `Column ${at + 1}` : text;
  });
}
