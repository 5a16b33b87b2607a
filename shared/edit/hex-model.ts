/** Bytes being edited in hexadecimal. `nibble` 1 = the second digit of the byte at the caret is next. */
export interface HexState {
  readonly bytes: Uint8Array;
  readonly caret: number;
  readonly nibble: 0 | 1;
  readonly insert: boolean;
}

/** The number of bytes may change; otherwise only their values. */
export interface HexRules {
  readonly fixedLength: boolean;
}

export const hexRow = 16;

function withByte(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const next = bytes.slice();
  next[at] = byte;
  return next;
}

export function insertBytes(bytes: Uint8Array, at: number, added: Uint8Array): Uint8Array {
  const next = new Uint8Array(bytes.length + added.length);
  next.set(bytes.subarray(0, at));
  next.set(added, at);
  next.set(bytes.subarray(at), at + added.length);
  return next;
}

function removeByte(bytes: Uint8Array, at: number): Uint8Array {
  const next = new Uint8Array(bytes.length - 1);
  next.set(bytes.subarray(0, at));
  next.set(bytes.subarray(at + 1), at);
  return next;
}

/** One digit typed: it overwrites, or in insert mode and at the end makes room. */
export function typeDigit(state: HexState, digit: number, { fixedLength }: HexRules): HexState {
  const { bytes, caret, nibble, insert } = state;
  if (nibble === 1) return { ...state, bytes: withByte(bytes, caret, ((bytes[caret] ?? 0) & 0xf0) | digit), caret: caret + 1, nibble: 0 };
  const atEnd = caret >= bytes.length;
  if (fixedLength && atEnd) return state;
  if (!fixedLength && (insert || atEnd)) return { ...state, bytes: insertBytes(bytes, caret, Uint8Array.of(digit << 4)), nibble: 1 };
  return { ...state, bytes: withByte(bytes, caret, (digit << 4) | ((bytes[caret] ?? 0) & 0x0f)), nibble: 1 };
}

function moved(state: HexState, caret: number): HexState {
  return { ...state, caret: Math.max(0, Math.min(caret, state.bytes.length)), nibble: 0 };
}

/** What a key does; `null` when it has no meaning here. `page` is the rows in view. */
export function pressHexKey(state: HexState, key: string, rules: HexRules, page = 16): HexState | null {
  const { bytes, caret } = state;
  if (/^[0-9a-fA-F]$/.test(key)) return typeDigit(state, Number.parseInt(key, 16), rules);
  switch (key) {
    case 'ArrowLeft':
      return moved(state, state.nibble === 1 ? caret : caret - 1);
    case 'ArrowRight':
      return moved(state, caret + 1);
    case 'ArrowUp':
      return moved(state, caret - hexRow);
    case 'ArrowDown':
      return moved(state, caret + hexRow);
    case 'PageUp':
      return moved(state, caret - hexRow * page);
    case 'PageDown':
      return moved(state, caret + hexRow * page);
    case 'Home':
      return moved(state, caret - (caret % hexRow));
    case 'End':
      return moved(state, caret - (caret % hexRow) + hexRow - 1);
    case 'Insert':
      return rules.fixedLength ? state : { ...state, insert: !state.insert, nibble: 0 };
    case 'Delete':
      return rules.fixedLength || caret >= bytes.length ? state : { ...state, bytes: removeByte(bytes, caret), nibble: 0 };
    case 'Backspace':
      return rules.fixedLength || caret === 0 ? moved(state, caret - 1) : { ...state, bytes: removeByte(bytes, caret - 1), caret: caret - 1, nibble: 0 };
    default:
      return null;
  }
}

/** Pasted hexadecimal, spaces and `\x` or `0x` before bytes allowed; `null` when it is something else. */
export function bytesOfHex(text: string): Uint8Array | null {
  const digits = text.replaceAll(/\\x|0x|[\s,]/gi, '');
  if (digits.length === 0 || digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return null;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Bytes as lines of a dump, for showing what changed. */
export function hexLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += hexRow) {
    const row = [...bytes.subarray(at, at + hexRow)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${hex.padEnd(hexRow * 3 - 1)}  ${ascii}`);
  }
  return lines.join('\n');
}
