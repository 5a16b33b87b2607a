import { utf8OrNull } from '../bytes.ts';

const encoder = new TextEncoder();

/** How the lines of a text end; `mixed` and `none` are kept as they are. */
export type LineEndings = 'none' | 'LF' | 'CRLF' | 'CR' | 'mixed';

export interface TextForm {
  readonly text: string;
  readonly lineEndings: LineEndings;
  readonly endsWithNewline: boolean;
  /** Starts with a byte order mark, which stays. */
  readonly byteOrderMark: boolean;
}

export function lineEndingsOf(text: string): LineEndings {
  const found = new Set(text.match(/\r\n|\r|\n/g));
  if (found.size === 0) return 'none';
  if (found.size > 1) return 'mixed';
  return found.has('\n') ? 'LF' : found.has('\r\n') ? 'CRLF' : 'CR';
}

/** Bytes as text to edit, or `null` where encoding the text again would not give the very same bytes. */
export function textForm(bytes: Uint8Array): TextForm | null {
  const text = utf8OrNull(bytes);
  if (text === null) return null;
  const again = encoder.encode(text);
  if (again.length !== bytes.length || again.some((byte, at) => byte !== bytes[at])) return null;
  return { text, lineEndings: lineEndingsOf(text), endsWithNewline: /[\r\n]$/.test(text), byteOrderMark: text.startsWith('\u{feff}') };
}

/** The bytes of an edited text; `null` when it holds half a character, which UTF-8 cannot express. */
export function bytesOfText(text: string): Uint8Array | null {
  return text.isWellFormed() ? encoder.encode(text) : null;
}

/**
 * What an editor may split lines at so that putting them together again gives the same text: CRLF only where every line ends so,
 * else LF, where a lone CR is a character like any other.
 */
export function lineSeparatorOf(text: string): '\n' | '\r\n' {
  return lineEndingsOf(text) === 'CRLF' ? '\r\n' : '\n';
}
