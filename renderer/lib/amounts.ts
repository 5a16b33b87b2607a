/** Amounts as people type them. All functions are pure; `null` means the text is no such amount. */

const durationUnits: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['', 1000],
  ['s', 1000],
  ['sec', 1000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

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

function amount(text: string, units: ReadonlyMap<string, number>): number | null {
  const [, digits, unit] = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)$/iu.exec(text.replaceAll(/[\s,\u00a0]+(?=\d)/gu, '').trim()) ?? [];
  const factor = units.get((unit ?? '').toLowerCase());
  if (digits === undefined || factor === undefined) return null;
  const value = Math.round(Number(digits) * factor);
  return Number.isSafeInteger(value) ? value : null;
}

/** ms of `90`, `90s`, `5 m`, `1h30m`, `2d 4h`; a bare number is seconds. */
export function parseDuration(text: string): number | null {
  const parts = text.trim().toLowerCase().match(/(?:\d+(?:\.\d+)?|\.\d+)\s*[a-z]*/gu);
  if (parts === null || parts.join('').replaceAll(/\s/gu, '') !== text.trim().toLowerCase().replaceAll(/\s/gu, '')) return null;
  if (parts.length > 1 && parts.some((part) => !/[a-z]/u.test(part))) return null;
  const values = parts.map((part) => amount(part, durationUnits));
  return values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}

/** Bytes of `512`, `10 KB`, `1.5MiB`, `2g`. */
export function parseBytes(text: string): number | null {
  return amount(text, sizeUnits);
}

/** A whole number of `1,000`, `10k`, `1.5M`. */
export function parseCount(text: string): number | null {
  return amount(text, countUnits);
}

/** The shortest text that `parseDuration` reads as these ms. */
export function durationInput(ms: number): string {
  if (ms === 0) return '0s';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = durationUnits.get(unit) as number;
    if (ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

/** The shortest text that `parseBytes` reads as this size. */
export function bytesInput(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
