import { toWire, type WireBytes } from '../../../../../shared/bytes.ts';
import { RecordReader } from './record-file.ts';
import { decodeRecord, salvageValues, type Intent, type IntentOutcome, type JournalRecord, type RunHeader } from './records.ts';
import { corruptJournal } from './run-journal.ts';

/** A record whose checksum is wrong: where it stands and whose it was, where that can be read. */
export interface AlteredRecord {
  at: number;
  name: WireBytes | null;
}

/**
 * What a run changed or may have changed, in the order of its journal, told as soon as the outcome is known: memory holds only
 * what is open. Records that were altered are passed over and named; where single values in one are whole, they are taken.
 */
export class JournalChanges {
  readonly #path: string;
  readonly #records: RecordReader;
  /** By page and name: sent, and no outcome yet. */
  readonly #open = new Map<string, Intent>();
  /** The last attempt of each page, until its outcomes are told. */
  readonly #attempts = new Map<number, { attempt: number; intents: readonly (Intent | null)[] }>();
  readonly altered: AlteredRecord[] = [];
  header: RunHeader | null = null;

  constructor(path: string) {
    this.#path = path;
    this.#records = new RecordReader(path, (payload, at) => this.#alteredRecord(payload, at));
  }

  /** After the walk: the end of the journal is missing. */
  get cut(): boolean {
    return this.#records.cut;
  }

  /** The header alone. Rejects with STORE_*. */
  static async header(path: string): Promise<RunHeader> {
    const changes = new JournalChanges(path);
    for await (const { payload } of changes.#records.read()) {
      const record = changes.#decode(payload);
      if (record.kind === 'header') return record.header;
      break;
    }
    throw corruptJournal(path);
  }

  /** Rejects with STORE_*, also when the beginning is not that of a journal. */
  async *read(): AsyncGenerator<Intent[], void, void> {
    for await (const { payload } of this.#records.read()) {
      const record = this.#decode(payload);
      if (this.header === null) {
        if (record.kind !== 'header') throw corruptJournal(this.#path);
        this.header = record.header;
        continue;
      }
      if (record.kind === 'intents') this.#sent(record.page, record.attempt, record.intents);
      if (record.kind === 'outcomes') {
        const changed = this.#decided(record.page, record.attempt, record.outcomes);
        if (changed.length > 0) yield changed;
      }
    }
    if (this.header === null) throw corruptJournal(this.#path);
    for (const [page, { intents }] of this.#attempts) this.#leaveOpen(page, intents);
    this.#attempts.clear();
    if (this.#open.size > 0) yield [...this.#open.values()];
  }

  #sent(page: number, attempt: number, intents: readonly (Intent | null)[]): void {
    // an attempt that never heard of its outcomes (the program died) is open, name by name, from here on
    const before = this.#attempts.get(page);
    if (before !== undefined && before.attempt !== attempt) this.#leaveOpen(page, before.intents);
    this.#attempts.set(page, { attempt, intents });
    // a later attempt says more than an earlier one
    if (this.#open.size > 0) for (const intent of intents) if (intent !== null) this.#open.delete(openKey(page, intent));
  }

  #leaveOpen(page: number, intents: readonly (Intent | null)[]): void {
    for (const intent of intents) if (intent !== null) this.#open.set(openKey(page, intent), intent);
  }

  #decided(page: number, attempt: number, outcomes: readonly IntentOutcome[]): Intent[] {
    const sent = this.#attempts.get(page);
    if (sent === undefined || sent.attempt !== attempt) return [];
    this.#attempts.delete(page);
    const changed: Intent[] = [];
    sent.intents.forEach((intent, at) => {
      const outcome = outcomes[at] ?? 'unknown';
      if (intent === null) return;
      if (outcome === 'changed') changed.push(intent);
      else if (outcome === 'unknown') this.#open.set(openKey(page, intent), intent);
    });
    return changed;
  }

  #alteredRecord(payload: Buffer, at: number): void {
    const found = salvageValues(payload);
    if (found === null) {
      this.altered.push({ at, name: null });
      return;
    }
    for (const { intent, name } of found.entries) if (intent === null) this.altered.push({ at, name: name === null ? null : toWire(name) });
    this.#sent(
      found.page,
      found.attempt,
      found.entries.map(({ intent }) => intent),
    );
  }

  #decode(payload: Buffer): JournalRecord {
    try {
      return decodeRecord(payload, this.header?.db ?? 0);
    } catch (error) {
      throw corruptJournal(this.#path, error);
    }
  }
}

function openKey(page: number, { name, db }: Intent): string {
  return `${page} ${db} ${name.toString('latin1')}`;
}
