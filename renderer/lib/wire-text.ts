import { bytesFromBase64, type WireBytes } from '../../shared/bytes.ts';

/** A run of text as shown. Escapes stand for what cannot be seen or would mislead; they are drawn apart. */
export interface TextSegment {
  text: string;
  escape: boolean;
}

export interface WireTextOptions {
  /** Characters to show at most; a name can be 64 KB. */
  limit?: number;
  /** Show line breaks and tabs as they are, and backslashes singly: for values, not for names. */
  multiline?: boolean;
}

/**
 * What has no picture of its own, reorders its neighbours, or looks like something else: controls, format characters
 * (bidi, zero-width, tags), unassigned and private code points, spaces other than U+0020, and the braille blank.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\\', '\\\\'],
]);

function escapeOf(character: string): string {
  const short = shortEscapes.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 1)}}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** Length of the well-formed UTF-8 sequence at `at`; 0 when there is none (RFC 3629, section 4). */
export function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  const continues = (offset: number) => ((bytes[at + offset] ?? 0) & 0xc0) === 0x80;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const low = first === 0xe0 ? 0xa0 : 0x80;
    const high = first === 0xed ? 0x9f : 0xbf;
    return second >= low && second <= high && continues(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const low = first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

class SegmentBuilder {
  readonly segments: TextSegment[] = [];
  shown = 0;

  add(text: string, escape: boolean): void {
    this.shown += 1;
    const last = this.segments.at(-1);
    if (last !== undefined && last.escape === escape) last.text += text;
    else this.segments.push({ text, escape });
  }
}

function addCharacter(builder: SegmentBuilder, character: string, edge: boolean, options: WireTextOptions): void {
  const multiline = options.multiline === true;
  if (character === ' ' && edge && !multiline) builder.add('\\x20', true);
  else if (character === '\\') builder.add(multiline ? character : '\\\\', !multiline);
  else if (multiline && (character === '\n' || character === '\t')) builder.add(character, false);
  else if (unseen.test(character)) builder.add(escapeOf(character), true);
  else builder.add(character, false);
}

function fromText(text: string, limit: number, options: WireTextOptions): SegmentBuilder {
  const builder = new SegmentBuilder();
  let at = 0;
  while (at < text.length && builder.shown < limit) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    const edge = at === 0 || at + 1 === text.length;
    addCharacter(builder, character, edge, options);
    at += character.length;
  }
  if (at < text.length) builder.segments.push({ text: '…', escape: true });
  return builder;
}

const decoder = new TextDecoder();

function fromBytes(base64: string, limit: number, options: WireTextOptions): SegmentBuilder {
  // Four bytes a character at most: no more of a big value is decoded than can be shown.
  const kept = Math.min(base64.length, Math.ceil((limit * 4 + 4) / 3) * 4);
  const bytes = bytesFromBase64(base64.slice(0, kept));
  const builder = new SegmentBuilder();
  let at = 0;
  while (at < bytes.length && builder.shown < limit) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      builder.add(`\\x${hex(bytes[at] ?? 0, 2)}`, true);
      at += 1;
    } else {
      addCharacter(builder, decoder.decode(bytes.subarray(at, at + length)), at === 0 || at + length === bytes.length, options);
      at += length;
    }
  }
  if (at < bytes.length || kept < base64.length) builder.segments.push({ text: '…', escape: true });
  return builder;
}

/**
 * Bytes as segments to show, with nothing in them that is invisible or reorders the line. Different byte strings
 * look different as long as neither is cut. The empty name gives no segments: the caller says "(empty)".
 */
export function wireSegments(wire: WireBytes, options: WireTextOptions = {}): readonly TextSegment[] {
  const limit = options.limit ?? 4096;
  return (typeof wire === 'string' ? fromText(wire, limit, options) : fromBytes(wire.b64, limit, options)).segments;
}

/** The same as one line of text, for titles and labels: `user:\x00\xff`. Backslashes come doubled, so it is unambiguous. */
export function wireLabel(wire: WireBytes, limit = 512): string {
  const text = wireSegments(wire, { limit })
    .map((segment) => segment.text)
    .join('');
  return text === '' ? '(empty)' : text;
}
