import { createHash } from 'node:crypto';
import type { AuditProblem, AuditVerification } from '../../../../shared/contract/audit.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { genesis, readLine, sha256, type ChainPlace, type JournalLine } from './chain.ts';
import { currentName, journalFiles, linesOf, readHead, type JournalFile } from './journal-files.ts';
import { whileLocked } from './journal-lock.ts';

/** Problems that are told one by one; the others are counted. */
const maxTold = 100;

type Chained = Extract<JournalLine, { kind: 'chained' }>;

/** Something that is no entry: it must be what the next entry says was cut. */
interface Fragment {
  file: string;
  line: number;
  bytes: number;
  sha256: string;
}

function objectIn(entry: Record<string, unknown>, name: string): Record<string, unknown> | null {
  const value = entry[name];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}

/** Walks the chain from its beginning. */
class ChainCheck {
  readonly problems: AuditProblem[] = [];
  problemCount = 0;
  entries = 0;
  unverifiable = 0;
  bytes = 0;
  first: number | null = null;
  place: ChainPlace | null = null;
  readonly #head: ChainPlace | null;
  #fragment: Fragment | null = null;
  /** Files of the time before the chain: their hashes by name. */
  readonly #old = new Map<string, string>();
  #hashAtHead: string | null = null;
  /** The hash looked for, when it has passed. */
  readonly #wanted: string | null;
  wantedSeq: number | null = null;

  constructor(head: ChainPlace | null, wanted: string | null) {
    this.#head = head;
    this.#wanted = wanted;
  }

  async unchainedFile({ name, path }: JournalFile): Promise<void> {
    const hash = createHash('sha256');
    for await (const { bytes, whole } of linesOf(path)) {
      this.unverifiable += 1;
      this.bytes += bytes.length + (whole ? 1 : 0);
      hash.update(bytes);
      if (whole) hash.update('\n');
    }
    this.#old.set(name, hash.digest('hex'));
  }

  async file({ name, path }: JournalFile): Promise<void> {
    let line = 0;
    /** Entries without a hash before any of the chain: a journal of the time before it, until the chain goes on in the same file. */
    let plain = 0;
    for await (const { bytes, whole } of linesOf(path)) {
      line += 1;
      this.bytes += bytes.length + (whole ? 1 : 0);
      const read = whole ? readLine(bytes) : ({ kind: 'unreadable' } as const);
      if (read.kind === 'chained') {
        if (plain > 0) this.#say('unchained', name, 1, null, 'Entries that are not part of the chain stand before it');
        this.unverifiable -= plain;
        plain = 0;
        this.#entry(read, name, line);
      } else if (read.kind === 'plain' && this.place === null && this.#fragment === null) {
        plain += 1;
        this.unverifiable += 1;
      }
      else if (read.kind === 'plain') this.#say('unchained', name, line, null, 'An entry that is not part of the chain stands in it');
      else {
        this.#settleFragment();
        this.#fragment = { file: name, line, bytes: bytes.length, sha256: sha256(bytes) };
      }
    }
  }

  end(): void {
    const cut = this.#fragment;
    if (cut !== null) this.#say('cut-line', cut.file, cut.line, null, 'The last line is cut or unreadable');
    const head = this.#head;
    const last = this.place;
    if (head === null) {
      if (last !== null) this.#say('head-missing', '', 0, last.seq, 'The file that knows the last entry is missing: whether later entries were removed cannot be told');
      return;
    }
    if (last === null || head.seq > last.seq) this.#say('cut-end', currentName, 0, (last?.seq ?? 0) + 1, `The end is missing: entries ${(last?.seq ?? 0) + 1} to ${head.seq} were written and are not here`);
    else if (this.#hashAtHead !== head.hash) this.#say('head-differs', '', 0, head.seq, `Entry ${head.seq} is not the one that was written`);
  }

  #entry(read: Chained, file: string, line: number): void {
    this.entries += 1;
    this.#sealsOf(read, file, line);
    const { place } = this;
    if (!read.fits) this.#say('altered', file, line, read.seq, `Entry ${read.seq} was altered: its hash is not that of its text`);
    if (place === null) {
      this.first = read.seq;
      if (read.seq > 1) this.#say('missing-beginning', file, line, read.seq, `The beginning is missing: entries 1 to ${read.seq - 1} are not here`);
      else if (read.prev !== genesis || read.seq < 1) this.#say('broken-link', file, line, read.seq, 'The first entry follows one that is not here');
    } else if (read.seq > place.seq + 1) {
      this.#say('missing', file, line, read.seq, `Entries ${place.seq + 1} to ${read.seq - 1} are missing`);
    } else if (read.seq !== place.seq + 1 || read.prev !== place.hash) {
      this.#say('broken-link', file, line, read.seq, `Entry ${read.seq} does not follow entry ${place.seq}: one was altered, inserted or moved`);
    }
    this.place = { seq: read.seq, hash: read.hash };
    if (this.#head?.seq === read.seq) this.#hashAtHead = read.hash;
    if (this.#wanted === read.hash) this.wantedSeq = read.seq;
  }

  /** What an entry vouches for beside itself. */
  #sealsOf({ entry }: Chained, file: string, line: number): void {
    const cut = objectIn(entry, 'cut');
    const fragment = this.#fragment;
    if (cut !== null && fragment !== null && cut['sha256'] === fragment.sha256 && cut['bytes'] === fragment.bytes) this.#fragment = null;
    else if (cut !== null) this.#say('altered', file, line, null, 'A line that had been cut before this entry is not as it was');
    this.#settleFragment();
    const before = objectIn(entry, 'before');
    if (before === null) return;
    const found = this.#old.get(String(before['file']));
    if (found === undefined) this.#say('missing-beginning', file, line, null, `The entries of the time before the chain (${String(before['file'])}) are not here`);
    else if (found !== before['sha256']) this.#say('altered', String(before['file']), 0, null, 'The entries of the time before the chain were altered since the chain began');
  }

  #settleFragment(): void {
    const fragment = this.#fragment;
    this.#fragment = null;
    if (fragment !== null) this.#say('unreadable', fragment.file, fragment.line, null, 'A line is no entry');
  }

  #say(kind: AuditProblem['kind'], file: string, line: number, seq: number | null, message: string): void {
    this.problemCount += 1;
    if (this.problems.length < maxTold) this.problems.push({ kind, file, line, seq, message });
  }
}

/**
 * Reads the whole journal of a folder and checks every hash, every link, its beginning and its end. `wanted` is the hash of an entry that must be
 * in it. Rejects with STORE_* when it cannot be read.
 */
export async function verifyJournal(folder: string, wanted: string | null = null): Promise<AuditVerification> {
  const found = await look(folder, wanted);
  if (found.problemCount === 0) return found;
  // a write or a rotation at this moment looks like a fault: once more while nobody writes
  try {
    return await whileLocked(folder, () => look(folder, wanted));
  } catch (error) {
    if (error instanceof LookasideError) throw error;
    // nobody may write here, so nobody does
    return found;
  }
}

async function look(folder: string, wanted: string | null): Promise<AuditVerification> {
  const begun = performance.now();
  const check = new ChainCheck(await readHead(folder), wanted);
  const files = await journalFiles(folder);
  for (const file of files) await (file.unchained ? check.unchainedFile(file) : check.file(file));
  check.end();
  const { entries, unverifiable, bytes, first, place, problems, problemCount, wantedSeq } = check;
  return {
    ok: problemCount === 0 && (wanted === null || wantedSeq !== null),
    entries,
    unverifiable,
    files: files.length,
    bytes,
    first,
    head: place,
    foundSeq: wantedSeq,
    problems,
    problemCount,
    durationMs: Math.round(performance.now() - begun),
  };
}
