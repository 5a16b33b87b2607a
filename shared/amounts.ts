/** Amounts as people type them. All functions are pure; `null` means the text is no such amount. */

/** Units of 1,024, however they are spelt: sizes show in KiB and MiB everywhere. */
const sizeUnits: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...['k', 'm', 'g', 't'].flatMap((letter, at) => [letter, `${letter}b`, `${letter}ib`].map((unit): [string, number] => [unit, 1024 ** (at + 1)])),
]);

const countUnits: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1e3],
  ['m', 1e6],
  ['g', 1e9],
]);

/** A whole number with one of these units. */
export function amount(text: string, units: ReadonlyMap<string, number>): number | null {
  const [, digits, unit] = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)$/iu.exec(text.replaceAll(/[\s,\u00a0]+(?=\d)/gu, '').trim()) ?? [];
  const factor = units.get((unit ?? '').toLowerCase());
  if (digits === undefined || factor === undefined) return null;
  const value = Math.round(Number(digits) * factor);
  return Number.isSafeInteger(value) ? value : null;
}

/** Bytes of `512`, `10 KB`, `1.5MiB`, `2g`. */
export function parseBytes(text: string): number | null {
  return amount(text, sizeUnits);
}

/** A whole number of `1,000`, `10k`, `1.5M`. */
export function parseCount(text: string): number | null {
  return amount(text, countUnits);
}
