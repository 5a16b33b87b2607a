import { rm } from 'node:fs/promises';
import { excludedReasons, type ExcludedReason } from '../../../../shared/contract/invalidate.ts';
import { ByteReader, ByteWriter } from './journal/byte-writer.ts';
import { RecordReader, RecordWriter } from './journal/record-file.ts';

/** Names that are read, journalled and changed together. */
export const pageNames = 500;

/** What was known of a key when it was planned. */
export interface PlannedFacts {
  /** `null` = not read. */
  type: string | null;
  /** Unix ms by the server's clock, -1 = none, `null` = not read. */
  expiry: number | null;
  bytes: number | null;
  /** `null` = selected. */
  excluded: ExcludedReason | null;
}

/** Where the names of a page are. */
export interface PlannedPlace {
  /** Master that they were found on; `null` where nobody knew. */
  node: string | null;
  db: number;
}

export interface NamePage extends PlannedPlace {
  /** Counts from 0; also the place in the file. */
  index: number;
  names: Buffer[];
  /** Of each name; `null` where none were written. */
  facts: PlannedFacts[] | null;
}

function encodePage({ node, db }: PlannedPlace, names: readonly Buffer[], facts: readonly PlannedFacts[] | null): Buffer {
  const size = names.reduce((sum, name) => sum + name.length + 4, 64) + (facts === null ? 0 : names.length * 32);
  const writer = new ByteWriter(size).bytes(Buffer.from(node ?? '')).u32(names.length);
  for (const name of names) writer.bytes(name);
  writer.u32(db).u8(facts === null ? 0 : 1);
  if (facts === null) return writer.done();
  const types = [...new Set(facts.map(({ type }) => type ?? ''))];
  writer.u32(types.length);
  for (const type of types) writer.bytes(Buffer.from(type));
  const at = new Map(types.map((type, index) => [type, index]));
  for (const { type, expiry, bytes, excluded } of facts) {
    writer.u32(at.get(type ?? '') ?? 0).whole(expiry ?? Number.NaN).whole(bytes ?? Number.NaN);
    writer.u8(excluded === null ? 0 : excludedReasons.indexOf(excluded) + 1);
  }
  return writer.done();
}

/** `db`: of pages that name none, as those of the first version. */
function decodePage(payload: Buffer, index: number, db: number): NamePage {
  const reader = new ByteReader(payload);
  const node = reader.bytes().toString('utf8');
  const count = reader.u32();
  const names = Array.from({ length: count }, () => reader.bytes());
  const page = { index, node: node === '' ? null : node, db, names, facts: null };
  if (reader.atEnd) return page;
  const at = reader.u32();
  if (reader.u8() === 0) return { ...page, db: at };
  const types = Array.from({ length: reader.u32() }, () => reader.bytes().toString('utf8'));
  const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
  const facts = names.map((): PlannedFacts => {
    const type = types[reader.u32()] ?? '';
    const [expiry, bytes, reason] = [orNull(reader.whole()), orNull(reader.whole()), reader.u8()];
    return { type: type === '' ? null : type, expiry, bytes, excluded: reason === 0 ? null : (excludedReasons[reason - 1] ?? null) };
  });
  return { ...page, db: at, facts };
}

interface OpenPage extends PlannedPlace {
  names: Buffer[];
  facts: PlannedFacts[] | null;
}

/** Where pages begin, and how many names stand before each. */
export type PageStarts = { at: number; before: number }[];

/** Writes the exact names of a plan to a file, in pages of one node and database each. */
export class NamesWriter {
  readonly #file: RecordWriter;
  readonly #open = new Map<string, OpenPage>();
  readonly starts: PageStarts = [];
  #count = 0;

  private constructor(file: RecordWriter) {
    this.#file = file;
  }

  static async create(path: string): Promise<NamesWriter> {
    return new NamesWriter(await RecordWriter.create(path));
  }

  /** Written so far. */
  get bytes(): number {
    return this.#file.bytes;
  }

  /** Names in whole pages and in open ones. */
  get count(): number {
    return [...this.#open.values()].reduce((sum, { names }) => sum + names.length, this.#count);
  }

  /** `facts` of each name always, or never in one file. */
  async add(place: PlannedPlace, names: readonly Buffer[], facts: readonly PlannedFacts[] | null = null): Promise<void> {
    const key = `${place.db} ${place.node ?? ''}`;
    let page = this.#open.get(key);
    if (page === undefined) this.#open.set(key, (page = { ...place, names: [], facts: facts === null ? null : [] }));
    const whole: OpenPage[] = [];
    for (const [at, name] of names.entries()) {
      page.names.push(name);
      page.facts?.push(facts?.[at] as PlannedFacts);
      if (page.names.length < pageNames) continue;
      whole.push(page);
      this.#open.set(key, (page = { ...place, names: [], facts: facts === null ? null : [] }));
    }
    for (const each of whole) await this.#write(each);
  }

  /** Writes what is left; the names are on the disk when it resolves. */
  async finish(): Promise<void> {
    for (const page of this.#open.values()) if (page.names.length > 0) await this.#write(page);
    this.#open.clear();
    await this.#file.sync();
    await this.#file.close();
  }

  /** Gives up: closes and removes the file. */
  async discard(): Promise<void> {
    await this.#file.close();
    await rm(this.#file.path, { force: true });
  }

  async #write(page: OpenPage): Promise<void> {
    // the count follows the order of the file, whoever else writes meanwhile
    const appended = this.#file.append(encodePage(page, page.names, page.facts));
    const start = { at: 0, before: this.#count };
    this.starts.push(start);
    this.#count += page.names.length;
    start.at = await appended;
  }
}

/** All pages in order, or those from one on. */
export async function* readNames(path: string, from: { at: number; index: number } = { at: 0, index: 0 }, db = 0): AsyncGenerator<NamePage, void, void> {
  let { index } = from;
  for await (const { payload } of new RecordReader(path).read(from.at)) {
    yield decodePage(payload, index, db);
    index += 1;
  }
}

/** Names with what is known of them, by place: at most `count` from `from` on. */
export async function rowsOf(path: string, starts: PageStarts, from: number, count: number): Promise<{ place: PlannedPlace; name: Buffer; facts: PlannedFacts | null }[]> {
  let low = 0;
  for (let high = starts.length; high - low > 1; ) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as { before: number }).before <= from) low = middle;
    else high = middle;
  }
  const start = starts[low];
  const found: Awaited<ReturnType<typeof rowsOf>> = [];
  if (start === undefined) return found;
  let skip = from - start.before;
  for await (const page of readNames(path, { at: start.at, index: low })) {
    for (let at = skip; at < page.names.length && found.length < count; at += 1) {
      found.push({ place: { node: page.node, db: page.db }, name: page.names[at] as Buffer, facts: page.facts?.[at] ?? null });
    }
    skip = Math.max(0, skip - page.names.length);
    if (found.length >= count) break;
  }
  return found;
}
