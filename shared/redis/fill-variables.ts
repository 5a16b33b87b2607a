import { escapeGlob } from './glob.ts';

const open = 0x7b;
const close = 0x7d;
const decoder = new TextDecoder('latin1');

/** A piece of a text with variables: bytes as they stand, or the name of a variable. */
type Piece = Uint8Array | string;

/** Cuts bytes at `{name}` of the variables that are known; other braces stay. */
export function piecesOf(text: Uint8Array, known: ReadonlySet<string>): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (let at = text.indexOf(open); at !== -1; at = text.indexOf(open, at + 1)) {
    const end = text.indexOf(close, at);
    if (end === -1) break;
    const word = decoder.decode(text.subarray(at + 1, end));
    if (!known.has(word)) continue;
    pieces.push(text.subarray(from, at), word);
    from = end + 1;
    at = end;
  }
  pieces.push(text.subarray(from));
  return pieces;
}

/** Names of the variables in a text. */
export function variablesIn(text: Uint8Array, known: ReadonlySet<string>): string[] {
  return piecesOf(text, known).filter((piece) => typeof piece === 'string');
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/**
 * Puts values in the places of their variables. In a glob they are escaped: what they hold never means more than itself.
 * @param values of every variable in the text
 */
export function filled(text: Uint8Array, values: ReadonlyMap<string, Uint8Array>, mode: 'glob' | 'literal'): Uint8Array {
  const value = (name: string): Uint8Array => {
    const bytes = values.get(name) ?? new Uint8Array();
    return mode === 'glob' ? escapeGlob(bytes) : bytes;
  };
  return joined(piecesOf(text, new Set(values.keys())).map((piece) => (typeof piece === 'string' ? value(piece) : piece)));
}
