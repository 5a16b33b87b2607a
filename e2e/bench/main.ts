import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { BenchGroup, BenchResult } from './bench-row.ts';
import { bulkRows } from './bulk-rows.ts';
import { groupRows } from './group-rows.ts';
import { indexRows } from './index-rows.ts';
import { scaleRows } from './scale-rows.ts';
import { pageRows } from './page-rows.ts';
import { valueRows } from './value-rows.ts';

/** `npm run bench -- --rows 1,2 --keys 1000000 --runs 5`: a table, and JSON in bench-results/. */
const groups: readonly BenchGroup[] = [indexRows, bulkRows, scaleRows, pageRows, valueRows, groupRows];

const known = [...new Set(groups.flatMap(({ rows }) => rows))].toSorted((a, b) => a - b);
const { values } = parseArgs({
  options: { rows: { type: 'string' }, keys: { type: 'string', default: '1000000' }, runs: { type: 'string', default: '5' } },
});

function positive(text: string, option: string): number {
  const value = Number(text.replaceAll(/[_,]/g, ''));
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`--${option} wants a whole number above 0`);
  process.exit(2);
}

const wanted = new Set(values.rows === undefined ? known : values.rows.split(',').map((row) => positive(row, 'rows')));
const missing = [...wanted].filter((row) => !known.includes(row));
if (missing.length > 0) {
  console.error(`Row ${missing.join(', ')} is not measured here; there are ${known.join(', ')}`);
  process.exit(2);
}
const options = {
  keys: positive(values.keys, 'keys'),
  runs: positive(values.runs, 'runs'),
  say: (text: string) => console.error(text),
};

const results: BenchResult[] = [];
for (const group of groups) if (group.rows.some((row) => wanted.has(row))) results.push(...(await group.run(wanted, options)));

const machine = {
  cpu: cpus()[0]?.model ?? '',
  cores: cpus().length,
  memoryGB: Math.round(totalmem() / 1e9),
  system: `${process.platform} ${release()}`,
  node: process.version,
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  at: new Date().toISOString(),
};
const figure = (value: number | null, unit: string) => (value === null ? '-' : `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`);
const table = [
  ['row', 'what', 'ours', 'baseline', 'ratio', 'target', 'holds'],
  ...results.map(({ row, name, ours, baseline, unit, ratio, target, holds }) => [
    String(row),
    name,
    figure(ours, unit),
    figure(baseline, unit),
    ratio === null ? '-' : `${ratio.toFixed(2)}x`,
    target,
    holds === null ? '' : holds ? 'yes' : 'NO',
  ]),
];
const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
for (const line of table) console.log(line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB, Node ${machine.node}; medians of ${options.runs} runs`);

const folder = fileURLToPath(new URL('../../bench-results', import.meta.url));
mkdirSync(folder, { recursive: true });
const file = join(folder, `${machine.at.slice(0, 19).replaceAll(':', '-')}.json`);
writeFileSync(file, `${JSON.stringify(results.map((result) => ({ ...result, machine })), null, 2)}\n`);
console.log(`Written to bench-results/${machine.at.slice(0, 19).replaceAll(':', '-')}.json`);
