import { parseFailure } from './parsed-connection.ts';

/** Words of a POSIX shell line: quotes and backslashes, no expansion. Throws PARSE_FAILED for an open quote. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (quote === "'") {
      if (char === "'") quote = null;
      else word = (word ?? '') + char;
    } else if (quote === '"') {
      const next = line.charAt(at + 1);
      if (char === '"') quote = null;
      else if (char === '\\' && /["\\$`\n]/u.test(next)) {
        word = (word ?? '') + (next === '\n' ? '' : next);
        at += 1;
      } else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (char === '\\' && at + 1 < line.length) {
      at += 1;
      if (line.charAt(at) !== '\n') word = (word ?? '') + line.charAt(at);
    } else if (/\s/u.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (quote !== null) throw parseFailure('A quote is opened and not closed');
  if (word !== null) words.push(word);
  return words;
}
