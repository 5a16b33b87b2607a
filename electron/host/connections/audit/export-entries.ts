import { fromWire } from '../../../../shared/bytes.ts';
import type { AuditFormat, AuditRecord } from '../../../../shared/contract/audit.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { csvField } from '../../../../shared/redis/export-lines.ts';
import { durationText } from '../../../../shared/redis/ttl-input.ts';

const columns = [
  'seq', 'at', 'event', 'who', 'machine', 'workspace', 'db', 'nodes', 'title', 'outcome', 'key', 'run', 'total', 'changed', 'left', 'failed', 'duration_ms', 'rate', 'undo_of', 'undo_file', 'hash',
] as const;

const number = new Intl.NumberFormat('en-US');
const iso = (ms: number): string => new Date(ms).toISOString();

function csvLine(fields: readonly (string | number | null)[]): string {
  return `${fields.map((field) => csvField(String(field ?? ''))).join(',')}\r\n`;
}

/** Text that Markdown shows as it is, on one line. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|~&]/g, (sign) => `\\${sign}`);
}

function countsIn({ counts, durationMs, rate }: AuditRecord): string {
  if (counts === null || durationMs === null) return '';
  const parts = [`${number.format(counts.changed)} of ${number.format(counts.total)} changed`];
  if (counts.left > 0) parts.push(`${number.format(counts.left)} left as they were`);
  if (counts.failed > 0) parts.push(`${number.format(counts.failed)} failed`);
  parts.push(`in ${durationMs < 1000 ? `${durationMs} ms` : durationText(Math.round(durationMs / 1000) * 1000)}`);
  if (rate !== null) parts.push(`${number.format(Math.round(rate))} a second`);
  return parts.join(', ');
}

/** What comes before the first entry. */
export function auditHeader(format: AuditFormat, now: Date): string {
  if (format === 'csv') return csvLine(columns);
  return format === 'markdown' ? `# Timeline\n\nFrom the audit journal, ${now.toISOString()}. Times are UTC.\n` : '';
}

/**
 * One entry. JSON Lines: as it stands in the journal. Markdown: a line of a timeline under the heading of its day.
 * @param before the entry before it in the same export
 */
export function auditLine(format: AuditFormat, record: AuditRecord, bytes: Uint8Array, before: AuditRecord | null): string {
  switch (format) {
    case 'jsonl':
      return `${new TextDecoder().decode(bytes)}\n`;
    case 'csv': {
      const { counts } = record;
      const key = record.key === null ? '' : nameLine(fromWire(record.key));
      return csvLine([
        record.seq, iso(record.at), record.event, record.who, record.machine, record.workspaceName, record.db, record.nodes.join(' '), record.title, record.outcome, key, record.runId,
        counts?.total ?? null, counts?.changed ?? null, counts?.left ?? null, counts?.failed ?? null, record.durationMs, record.rate, record.undoOf, record.undoFile, record.hash,
      ]);
    }
    case 'markdown': {
      const day = iso(record.at).slice(0, 10);
      const heading = before === null || iso(before.at).slice(0, 10) !== day ? `\n## ${day}\n\n` : '';
      const where = [record.workspaceName, record.db === null ? '' : `db ${record.db}`].filter(Boolean).join(', ');
      const who = [record.who, record.machine].filter(Boolean).join(' on ');
      const facts = [record.event.endsWith('start') ? 'begins' : '', record.outcome, countsIn(record)].filter(Boolean).join('; ');
      return `${heading}- **${iso(record.at).slice(11, 19)}** ${plain(record.title)}${facts === '' ? '' : `: ${plain(facts)}`}${where === '' ? '' : ` (${plain(where)})`}${who === '' ? '' : `, ${plain(who)}`}\n`;
    }
  }
}
