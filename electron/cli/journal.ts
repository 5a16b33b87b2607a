import { auditFormats, type AuditFormat } from '../../shared/contract/audit.ts';
import { parseMoment } from '../../shared/redis/ttl-input.ts';
import { exportedJournal } from '../host/connections/audit/audit-service.ts';
import { verifyJournal } from '../host/connections/audit/verify.ts';
import { dataFolderPath } from '../launch/data-folder.ts';
import { parse, usageError } from '../launch/launch-arguments.ts';
import { exitCodes, type Terminal } from './terminal.ts';
import { counted, lasting } from './words.ts';

export const journalHelp = `lookaside journal: the audit journal of everything that was allowed and changed.

Usage
  lookaside journal verify [--head HASH] [--json]
  lookaside journal export [--format jsonl|csv|markdown] [--from MOMENT] [--to MOMENT] [--text TEXT]

verify                  checks every entry against its hash and the entry before it, the beginning and the end
  --head HASH             an entry with this hash must be in it: one that was noted elsewhere before
  --json                  one JSON document: {ok, entries, unverifiable, head: {seq, hash}, problems: [{kind, file, line, seq, message}]}
                          Ends with 0 when all holds, with 1 when it does not.

export                  writes the entries to standard output, oldest first
  --format FORMAT         jsonl (default): as they stand in the journal; csv; markdown: the timeline of an incident
  --from, --to MOMENT     2026-11-25 09:00, 2026-11-25, 09:00 (local time)
  --text TEXT             only entries that contain this text, without regard to case

  --data-folder DIR       where the journal is (default: LOOKASIDE_DATA, else the system's place)
`;

async function verify(folder: string, values: { head?: string | undefined; json: boolean }, terminal: Terminal): Promise<number> {
  const hash = values.head?.trim().toLowerCase() ?? null;
  if (hash !== null && !/^[0-9a-f]{64}$/u.test(hash)) throw usageError('--head takes the 64 signs of a hash');
  const found = await verifyJournal(folder, hash);
  const code = found.ok ? exitCodes.done : exitCodes.failed;
  if (values.json) {
    terminal.print(JSON.stringify(found));
    return code;
  }
  const old = found.unverifiable === 0 ? '' : `; nothing can be said of ${counted(found.unverifiable)} of the time before the chain`;
  const what = `${counted(found.entries)} ${found.entries === 1 ? 'entry' : 'entries'} in ${counted(found.files)} ${found.files === 1 ? 'file' : 'files'}`;
  terminal.print(found.problemCount === 0 ? `The chain holds: ${what}, checked in ${lasting(found.durationMs)}${old}` : `The chain does not hold: ${what}${old}`);
  for (const { file, line, message } of found.problems) terminal.print(`  ${file === '' ? '' : `${file}${line === 0 ? '' : ` line ${line}`}: `}${message}`);
  if (found.problemCount > found.problems.length) terminal.print(`  and ${counted(found.problemCount - found.problems.length)} more`);
  if (hash !== null) terminal.print(found.foundSeq === null ? '  No entry has the hash that was given' : `  The hash that was given is that of entry ${counted(found.foundSeq)}`);
  if (found.head !== null) terminal.print(`Head: ${found.head.hash} (entry ${counted(found.head.seq)})`);
  return code;
}

function momentOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const moment = parseMoment(text, Date.now());
  if (moment === null) throw usageError(`${option} takes a moment such as 2026-11-25 09:00`);
  return moment;
}

function formatOf(text: string): AuditFormat {
  const format = auditFormats.find((each) => each === text);
  if (format === undefined) throw usageError(`--format takes ${auditFormats.join(', ')}`);
  return format;
}

/** `lookaside journal`. Resolves to the exit code. */
export async function journal(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parse({
    args: [...args],
    options: {
      head: { type: 'string' },
      json: { type: 'boolean', default: false },
      format: { type: 'string', default: 'jsonl' },
      from: { type: 'string' },
      to: { type: 'string' },
      text: { type: 'string' },
      'data-folder': { type: 'string' },
    },
    strict: true,
    allowPositionals: true,
  });
  const folder = dataFolderPath(values['data-folder'], process.env);
  const [what] = positionals;
  if (positionals.length === 1 && what === 'verify') return verify(folder, values, terminal);
  if (positionals.length === 1 && what === 'export') {
    const filter = { text: values.text ?? '', from: momentOf('--from', values.from), to: momentOf('--to', values.to) };
    for await (const { text } of exportedJournal(folder, filter, formatOf(values.format))) terminal.print(text.replace(/\r?\n$/u, ''));
    return exitCodes.done;
  }
  throw usageError('journal is followed by verify or export');
}
