import { LookasideError } from '../../../../../shared/contract/errors.ts';
import { RecordReader } from './record-file.ts';
import { decodeRecord, type Intent, type IntentOutcome, type JournalRecord, type RunHeader } from './records.ts';

/** What a journal says of one page: for each name its last intent, and what became of that. */
export class PageHistory {
  readonly #attempts = new Map<number, Intent[]>();
  readonly #entries = new Map<string, { intent: Intent; outcome: IntentOutcome }>();
  attempts = 0;
  /** Work on the page began and kept nothing of each name. */
  begun = false;

  intents(attempt: number, intents: Intent[]): void {
    this.#attempts.set(attempt, intents);
    this.attempts = Math.max(this.attempts, attempt + 1);
    for (const intent of intents) this.#entries.set(intent.name.toString('latin1'), { intent, outcome: 'unknown' });
  }

  outcomes(attempt: number, outcomes: readonly IntentOutcome[]): void {
    this.#attempts.get(attempt)?.forEach((intent, at) => {
      const entry = this.#entries.get(intent.name.toString('latin1'));
      if (entry?.intent !== intent) return;
      entry.outcome = outcomes[at] ?? 'unknown';
      // what is decided needs its value no more; a page of large ones would fill the memory
      if (entry.outcome !== 'unknown') entry.intent = { name: intent.name, db: intent.db, earlier: intent.earlier, target: intent.target };
    });
    this.#attempts.delete(attempt);
  }

  /** Names that are known to have been changed, their bytes as latin1. */
  changed(): Set<string> {
    return new Set([...this.#entries].flatMap(([name, { outcome }]) => (outcome === 'changed' ? [name] : [])));
  }

  /** Those of which nobody knows, by their names in the same form. */
  open(): Map<string, Intent> {
    return new Map([...this.#entries].flatMap(([name, { intent, outcome }]) => (outcome === 'unknown' ? [[name, intent] as const] : [])));
  }
}

export function corruptJournal(path: string, cause?: unknown): LookasideError {
  return new LookasideError('STORE_CORRUPT', `The journal ${path} has no readable beginning`, {
    hint: 'It cannot be resumed or undone. Remove it if it is of no use.',
    details: { file: path },
    cause,
  });
}

function decodeOrThrow(path: string, payload: Buffer, db: number): JournalRecord {
  try {
    return decodeRecord(payload, db);
  } catch (error) {
    throw corruptJournal(path, error);
  }
}

export type JournalEvent =
  | { kind: 'header'; header: RunHeader }
  /** A page whose end is recorded, with the text of its counts; or, after the last record, one that was begun only: `tally` null. */
  | { kind: 'page'; page: number; history: PageHistory; tally: string | null };

/** Reads a journal from its beginning; memory holds the pages that are open. */
export class JournalReader {
  readonly #path: string;
  readonly #records: RecordReader;

  constructor(path: string) {
    this.#path = path;
    this.#records = new RecordReader(path);
  }

  /** After the walk: where the readable part ends. */
  get wholeBytes(): number {
    return this.#records.wholeBytes;
  }

  /** After the walk: something unreadable stands at the end. */
  get cut(): boolean {
    return this.#records.cut;
  }

  /** The header first. Rejects with STORE_*. */
  async *events(): AsyncGenerator<JournalEvent, void, void> {
    const open = new Map<number, PageHistory>();
    let headed = false;
    let db = 0;
    const pageOf = (page: number): PageHistory => {
      let history = open.get(page);
      if (history === undefined) open.set(page, (history = new PageHistory()));
      return history;
    };
    for await (const { payload } of this.#records.read()) {
      const record = decodeOrThrow(this.#path, payload, db);
      if (!headed && record.kind !== 'header') throw corruptJournal(this.#path);
      switch (record.kind) {
        case 'header':
          headed = true;
          db = record.header.db;
          yield record;
          break;
        case 'intents':
          pageOf(record.page).intents(record.attempt, record.intents);
          break;
        case 'outcomes':
          pageOf(record.page).outcomes(record.attempt, record.outcomes);
          break;
        case 'page-done': {
          const history = pageOf(record.page);
          open.delete(record.page);
          yield { kind: 'page', page: record.page, history, tally: record.tally };
          break;
        }
        case 'begun':
          pageOf(record.page).begun = true;
          break;
        case 'other':
          break;
      }
    }
    if (!headed) throw corruptJournal(this.#path);
    for (const [page, history] of open) yield { kind: 'page', page, history, tally: null };
  }
}
