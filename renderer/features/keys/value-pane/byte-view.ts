/** Bytes in a row of the hex view. */
export const bytesPerRow = 16;

export interface HexRow {
  /** Offset in the whole value, in hexadecimal. */
  readonly offset: string;
  readonly hex: readonly string[];
  readonly ascii: string;
}

/** Row `at` of a window that begins at byte `from` of a value of `total` bytes. */
export function hexRow(bytes: Uint8Array, at: number, from: number, total: number): HexRow {
  const row = bytes.subarray(at * bytesPerRow, (at + 1) * bytesPerRow);
  const digits = Math.max(8, Math.max(0, total - 1).toString(16).length);
  return {
    offset: (from + at * bytesPerRow).toString(16).padStart(digits, '0'),
    hex: [...row].map((byte) => byte.toString(16).padStart(2, '0')),
    ascii: [...row].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(''),
  };
}

export interface TextWindow {
  /** `null` when the bytes are not UTF-8. */
  readonly text: string | null;
  /** Bytes of characters cut by the window's edges, left out of `text`. */
  readonly skippedBefore: number;
  readonly skippedAfter: number;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Bytes at the end that begin a character without finishing it. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (isContinuation(byte)) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needs > back ? back : 0;
  }
  return 0;
}

/** A window of a value as text: a character that the window's edge cuts does not make the rest unreadable. */
export function textWindow(bytes: Uint8Array, from: number, total: number): TextWindow {
  let before = 0;
  if (from > 0) while (before < 3 && isContinuation(bytes[before])) before += 1;
  const after = from + bytes.length < total ? unfinished(bytes.subarray(before)) : 0;
  try {
    return { text: strict.decode(bytes.subarray(before, bytes.length - after)), skippedBefore: before, skippedAfter: after };
  } catch {
    // Not text is an ordinary answer here.
    return { text: null, skippedBefore: 0, skippedAfter: 0 };
  }
}

/** Whether text reads as text: next to no control characters. */
export function looksReadable(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what it counts
  const controls = text.slice(0, 4096).match(/[\u0000-\u0008\u000e-\u001f\u007f]/g)?.length ?? 0;
  return controls * 50 <= Math.min(4096, text.length);
}

/** Text that may be JSON: an object or an array by its first and last character. */
export function mayBeJson(text: string): boolean {
  const trimmed = text.trim();
  return (trimmed.startsWith('{') && trimmed.endsWith('}')) || (trimmed.startsWith('[') && trimmed.endsWith(']'));
}
