import { LookasideError } from '../../../../shared/contract/errors.ts';
import { compileGlob } from '../../../../shared/redis/glob.ts';
import type { NameMatch } from './name-match.ts';

const specials = /[*?[\]\\]/;
const hole = /\{([A-Za-z_][\w-]*)\}/g;

function bad(message: string, hint: string): LookasideError {
  return new LookasideError('INVALID_INPUT', message, { hint, details: { field: 'selection.keys.template' } });
}

/** A template cut at its hole: the pieces before, between and after. Bytes as latin1, so that nothing is lost. */
function piecesOf(template: Buffer): string[] {
  const text = template.toString('latin1');
  const found = [...text.matchAll(hole)];
  const names = new Set(found.map((each) => each[1]));
  if (found.length === 0) throw bad('The template has no hole', 'Write one as {id}, where the values go: user:{id}:*.');
  if (names.size > 1) throw bad(`The template has ${names.size} different holes`, 'One hole is filled; it may stand several times with the same name.');
  const pieces: string[] = [];
  let at = 0;
  for (const each of found) {
    pieces.push(text.slice(at, each.index));
    at = each.index + each[0].length;
  }
  return [...pieces, text.slice(at)];
}

export interface FilledTemplate {
  /** The names themselves, where the template holds no glob. */
  names: Buffer[] | null;
  /** Else: which names are of one of the values. */
  match: NameMatch | null;
}

/** Fills the hole of a template with values, literal bytes each. Throws INVALID_INPUT. */
export function fillTemplate(template: Buffer, values: readonly Buffer[]): FilledTemplate {
  const pieces = piecesOf(template);
  if (!pieces.some((piece) => specials.test(piece))) {
    return { names: values.map((value) => Buffer.from(pieces.join(value.toString('latin1')), 'latin1')), match: null };
  }
  return { names: null, match: templateMatch(pieces, values) };
}

/**
 * Finds the value of a name by lookup: for each length that values have, and each place where the first hole can begin, the bytes
 * there are looked up. The work for one name does not grow with the number of values.
 */
function templateMatch(pieces: readonly string[], values: readonly Buffer[]): NameMatch {
  const known = new Set(values.map((value) => value.toString('latin1')));
  const lengths = [...new Set(values.map(({ length }) => length))];
  const [before = '', ...others] = pieces;
  const literalBefore = !specials.test(before);
  const prefix = Buffer.from(before, 'latin1');
  const head = compileGlob(prefix);
  const single = others.length === 1;
  const tail = compileGlob(Buffer.from(others[0] ?? '', 'latin1'));
  const restMatches = (name: Uint8Array, from: number, value: string): boolean =>
    // the same value again: it stands there literally, so it is escaped in the glob of the rest
    single ? tail.matches(name, from, name.length) : compileGlob(Buffer.from(others.join(escape(value)), 'latin1')).matches(name, from, name.length);
  const at = (name: Uint8Array, start: number): boolean => {
    for (const length of lengths) {
      if (start + length > name.length) continue;
      const value = Buffer.from(name.buffer, name.byteOffset + start, length).toString('latin1');
      if (known.has(value) && restMatches(name, start + length, value)) return true;
    }
    return false;
  };
  return {
    pattern: Buffer.from(pieces.join('*'), 'latin1'),
    matches: (name) => {
      if (literalBefore) {
        if (name.length < prefix.length) return false;
        for (let index = 0; index < prefix.length; index += 1) if (name[index] !== prefix[index]) return false;
        return at(name, prefix.length);
      }
      for (let start = 0; start <= name.length; start += 1) if (head.matches(name, 0, start) && at(name, start)) return true;
      return false;
    },
  };
}

function escape(value: string): string {
  return value.replaceAll(/[*?[\]\\]/g, String.raw`\$&`);
}
