import { rm } from 'node:fs/promises';
import { ByteReader, ByteWriter } from './journal/byte-writer.ts';
import { RecordReader, RecordWriter } from './journal/record-file.ts';

/** Names that are read, journalled and changed together. */
export const pageNames = 500;

export interface NamePage {
  /** Counts from 0; also the place in the file. */
  index: number;
  /** Where they were found; `null` where nobody knew. */
  node: string | null;
  names: Buffer[];
}

function encodePage(node: string | null, names: readonly Buffer[]): Buffer {
  const writer = new ByteWriter().bytes(Buffer.from(node ?? '')).u32(names.length);
  for (const name of names) writer.bytes(name);
  return writer.done();
}

function decodePage(payload: Buffer, index: number): NamePage {
  const reader = new ByteReader(payload);
  const node = reader.bytes().toString('utf8');
  const count = reader.u32();
  return { index, node: node === '' ? null : node, names: Array.from({ length: count }, () => reader.bytes()) };
}

/** Writes the exact names of a plan to a file, in pages of one node each. */
export class NamesWriter {
  readonly #file: RecordWriter;
  readonly #open = new Map<string | null, Buffer[]>();
  /** Where each page begins, and how many names stand before it. */
  readonly starts: { at: number; before: number }[] = [];
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

  async add(node: string | null, names: readonly Buffer[]): Promise<void> {
    const page = [...(this.#open.get(node) ?? []), ...names];
    const rest = page.length % pageNames;
    this.#open.set(node, page.slice(page.length - rest));
    for (let at = 0; at + pageNames <= page.length; at += pageNames) await this.#write(node, page.slice(at, at + pageNames));
  }

  /** Writes what is left; the names are on the disk when it resolves. */
  async finish(): Promise<void> {
    for (const [node, page] of this.#open) if (page.length > 0) await this.#write(node, page);
    this.#open.clear();
    await this.#file.sync();
    await this.#file.close();
  }

  /** Gives up: closes and removes the file. */
  async discard(): Promise<void> {
    await this.#file.close();
    await rm(this.#file.path, { force: true });
  }

  async #write(node: string | null, names: Buffer[]): Promise<void> {
    const at = await this.#file.append(encodePage(node, names));
    this.starts.push({ at, before: this.#count });
    this.#count += names.length;
  }
}

/** All pages in order, or those from one on. */
export async function* readNames(path: string, from: { at: number; index: number } = { at: 0, index: 0 }): AsyncGenerator<NamePage, void, void> {
  let { index } = from;
  for await (const { payload } of new RecordReader(path).read(from.at)) {
    yield decodePage(payload, index);
    index += 1;
  }
}
