import { fromWire } from '../../../../shared/bytes.ts';
import type { NamespaceRow } from '../../../../shared/contract/key-groups.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';

/** RFC 4180: quotes only where they are needed. */
export function csvField(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const columns: readonly [head: string, value: (row: NamespaceRow) => string | number | null][] = [
  ['namespace', (row) => nameLine(fromWire(row.name))],
  ['keys', (row) => row.keys],
  ['share', (row) => row.share],
  ['namespaces_inside', (row) => row.folders],
  ['bytes', (row) => row.bytes?.value ?? null],
  ['bytes_low', (row) => row.bytes?.low ?? null],
  ['bytes_high', (row) => row.bytes?.high ?? null],
  ['bytes_worth', (row) => row.bytes?.exactness ?? null],
  ['keys_with_ttl', (row) => row.ttl?.with ?? null],
  ['keys_without_ttl', (row) => row.ttl?.without ?? null],
  ['keys_ttl_unknown', (row) => row.ttl?.unknown ?? null],
  ['types', (row) => row.types?.map(({ type, keys }) => `${type} ${keys}`).join(' ') ?? null],
];

/** A table of namespaces with a header; lines end as RFC 4180 says. Names are as redis-cli quotes them. */
export function namespacesCsv(rows: readonly NamespaceRow[]): string {
  const lines = [columns.map(([head]) => head), ...rows.map((row) => columns.map(([, value]) => value(row)))];
  return lines.map((line) => `${line.map(csvField).join(',')}\r\n`).join('');
}
