import { RE2JS, RE2JSSyntaxException } from 're2js';
import { fromWire, utf8OrNull, type WireBytes } from '../../../shared/bytes.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { Runbook, RunbookVariable } from '../../../shared/contract/runbooks.ts';
import { piecesOf } from '../../../shared/redis/fill-variables.ts';

export function wrong(message: string, hint = ''): LookasideError {
  return new LookasideError('INVALID_INPUT', message, { hint });
}

/** The texts of a runbook in which variables may stand. */
function textsOf({ keys, exclude }: Runbook['selection']): { text: WireBytes; glob: boolean }[] {
  const globs = (exclude ?? []).map((text) => ({ text, glob: true }));
  switch (keys.kind) {
    case 'pattern':
      return [{ text: keys.pattern, glob: true }, ...globs];
    case 'prefix':
      return [{ text: keys.prefix, glob: false }, ...globs];
    case 'set':
      return [{ text: keys.name, glob: false }, ...globs];
    case 'names':
      return [...keys.names.map((text) => ({ text, glob: false })), ...globs];
  }
}

function expressionOf({ name, allow }: RunbookVariable): RE2JS {
  try {
    return RE2JS.compile(allow);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw wrong(`What {${name}} may be is no regular expression: ${error.message}`);
    throw error;
  }
}

/** Throws INVALID_INPUT for a value that is empty or not allowed. The value itself is not quoted. */
export function checkValue(variable: RunbookVariable, value: WireBytes): void {
  const bytes = fromWire(value);
  if (bytes.length === 0) throw wrong(`The value of {${variable.name}} is empty`, 'An empty value would take more keys than was meant.');
  if (variable.allow === '') return;
  const text = utf8OrNull(bytes);
  if (text === null || !expressionOf(variable).matches(text)) throw wrong(`A value of {${variable.name}} is not allowed`, `Each must match ${variable.allow}.`);
}

/** A backslash before a variable would change what its value means. */
function isEscaped(piece: Uint8Array): boolean {
  let slashes = 0;
  while (slashes < piece.length && piece[piece.length - 1 - slashes] === 0x5c) slashes += 1;
  return slashes % 2 === 1;
}

/** Throws INVALID_INPUT where a runbook contradicts itself. */
export function checkRunbook({ variables, selection }: Runbook): void {
  const names = variables.map(({ name }) => name);
  const known = new Set(names);
  if (known.size !== names.length) throw wrong('Two variables have the same name');
  const used = new Set<string>();
  for (const { text, glob } of textsOf(selection)) {
    const pieces = piecesOf(fromWire(text), known);
    pieces.forEach((piece, at) => {
      if (typeof piece === 'string') used.add(piece);
      else if (glob && at < pieces.length - 1 && isEscaped(piece)) throw wrong('A backslash stands before a variable', 'It would change what the value means: leave it out.');
    });
  }
  for (const variable of variables) {
    if (!used.has(variable.name)) throw wrong(`The variable {${variable.name}} is nowhere used`, 'Write it in braces where its value goes, or remove it.');
    expressionOf(variable);
    if (variable.fallback !== null) checkValue(variable, variable.fallback);
  }
  const { keys } = selection;
  const isEmpty = (keys.kind === 'pattern' && fromWire(keys.pattern).length === 0) || (keys.kind === 'prefix' && fromWire(keys.prefix).length === 0);
  if (isEmpty && Object.keys(selection.where).length === 0) throw wrong('The runbook takes every key', 'Give a pattern, a prefix or a condition.');
}
