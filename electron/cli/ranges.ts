import { usageError } from '../launch/launch-arguments.ts';

export interface AmountRange {
  min?: number;
  max?: number;
}

/**
 * A range of whole amounts: `>7d`, `>=7d`, `<1h`, `<=1h`, `1h..2h` (both ends included), or one amount.
 * @throws INVALID_INPUT that names the option
 */
export function readRange(option: string, text: string, parseAmount: (text: string) => number | null, example: string): AmountRange {
  const wrong = () => usageError(`${option} takes a range such as ${example}`);
  const one = (part: string): number => {
    const value = parseAmount(part.trim());
    if (value === null) throw wrong();
    return value;
  };
  const trimmed = text.trim();
  const [, sign, rest] = /^(>=|<=|>|<)(.*)$/su.exec(trimmed) ?? [];
  if (sign !== undefined && rest !== undefined) {
    const value = one(rest);
    if (sign === '>') return { min: value + 1 };
    if (sign === '>=') return { min: value };
    if (sign === '<=') return { max: value };
    if (value === 0) throw usageError(`${option}: nothing is less than 0`);
    return { max: value - 1 };
  }
  const [from = '', to, more] = trimmed.split('..');
  if (to === undefined) {
    const value = one(from);
    return { min: value, max: value };
  }
  const range = { min: one(from), max: one(to) };
  if (more !== undefined || range.max < range.min) throw wrong();
  return range;
}
