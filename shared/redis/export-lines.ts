import { fromWire, type WireBytes } from '../bytes.ts';
import type { StoredFacts } from '../contract/key-facts.ts';
import { nameLine } from './cli-quote.ts';

export type ExportFormat = 'lines' | 'jsonl' | 'csv';

const columns = ['type', 'expiresAt', 'bytes', 'elements', 'idleSeconds', 'frequency', 'encoding', 'at'] as const satisfies readonly (keyof StoredFacts)[];

/** A field of RFC 4180. Nothing is put in front of what a spreadsheet may take for a formula: the text stays what it is. */
export function csvField(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvLine(fields: readonly string[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

/** What comes before the first name. */
export function exportHeader(format: ExportFormat, facts: boolean): string {
  if (format !== 'csv') return '';
  return csvLine(facts ? ['name', 'type', 'expires_at_ms', 'bytes', 'elements', 'idle_seconds', 'frequency', 'encoding', 'read_at_ms'] : ['name']);
}

/**
 * One name as a whole line. `facts` not given = names alone; `null` = nothing is known of the key. Times are Unix ms, no
 * expiry is `none`, what is not known is empty (`null` in JSON).
 */
export function exportLine(format: ExportFormat, name: WireBytes, facts?: StoredFacts | null): string {
  switch (format) {
    case 'lines':
      return `${nameLine(fromWire(name))}\n`;
    case 'jsonl':
      return `${JSON.stringify(facts === undefined ? name : { name, ...Object.fromEntries(columns.map((column) => [column, facts?.[column] ?? null])) })}\n`;
    case 'csv': {
      const own = facts === undefined ? [] : columns.map((column) => String(facts?.[column] ?? ''));
      return csvLine([nameLine(fromWire(name)), ...own]);
    }
  }
}
