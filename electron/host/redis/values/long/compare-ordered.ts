import type { Command } from '../../session.ts';
import { lengthCommand, readTyped, replySize, type KeyAt } from '../key-read.ts';
import { bytesOf, listOf, replyOf, textOf } from '../replies.ts';
import { maxCompared, rowOf, type Comparison } from './comparison.ts';
import { createPacer } from './window-walk.ts';

async function pageSize({ left, right, type }: Comparison): Promise<number> {
  const sizes = await Promise.all([left, right].map((key) => replySize(key, type, lengthCommand(type, key.name) as Command)));
  return Math.min(500, ...sizes);
}

/** Lists, element by element at the same index. */
export async function comparePositions(comparison: Comparison): Promise<boolean> {
  const { left, right, signal, lengths, add, looked } = comparison;
  const size = await pageSize(comparison);
  const rest = createPacer(left, signal);
  const longest = Math.max(...lengths);
  for (let from = 0; from < Math.min(longest, maxCompared); from += size) {
    const begun = performance.now();
    const read = async (key: KeyAt): Promise<Buffer[]> => {
      const [outcome] = await readTyped(key, 'list', [['LRANGE', key.name, from, from + size - 1]]);
      return listOf(replyOf(outcome)).map((part) => bytesOf(part));
    };
    const [a, b] = await Promise.all([read(left), read(right)]);
    for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
      const [mine, theirs] = [a[index] ?? null, b[index] ?? null];
      const id = Buffer.from(String(from + index));
      if (mine !== null && theirs !== null && mine.equals(theirs)) add('same', 1);
      else {
        const side = mine === null ? 'right' : theirs === null ? 'left' : 'different';
        add(side, 1, () => rowOf(side, id, mine, theirs));
      }
    }
    looked(a.length + b.length);
    await rest(performance.now() - begun);
  }
  return longest <= maxCompared;
}

interface Entry {
  id: string;
  ms: bigint;
  sequence: bigint;
  body: Buffer[];
}

/** Entries of one stream in their order, page by page. */
class Entries {
  #page: Entry[] = [];
  #last: string | null = null;
  #over = false;
  given = 0;
  readonly #key: KeyAt;
  readonly #size: number;

  constructor(key: KeyAt, size: number) {
    this.#key = key;
    this.#size = size;
  }

  /** The next entry without taking it; `null` at the end. */
  async peek(): Promise<Entry | null> {
    if (this.#page.length === 0 && !this.#over) {
      const from = this.#last === null ? '-' : `(${this.#last}`;
      const [outcome] = await readTyped(this.#key, 'stream', [['XRANGE', this.#key.name, from, '+', 'COUNT', this.#size]]);
      this.#page = listOf(replyOf(outcome)).map((reply) => {
        const [id, flat] = listOf(reply);
        const text = textOf(id);
        const [ms = '0', sequence = '0'] = text.split('-');
        return { id: text, ms: BigInt(ms), sequence: BigInt(sequence), body: listOf(flat).map((part) => bytesOf(part)) };
      });
      this.#last = this.#page.at(-1)?.id ?? this.#last;
      this.#over = this.#page.length < this.#size;
    }
    return this.#page[0] ?? null;
  }

  take(): void {
    this.#page.shift();
    this.given += 1;
  }
}

function order(a: Entry, b: Entry): number {
  if (a.ms !== b.ms) return a.ms < b.ms ? -1 : 1;
  return a.sequence === b.sequence ? 0 : a.sequence < b.sequence ? -1 : 1;
}

function bodyOf({ body }: Entry): Buffer {
  return Buffer.from(body.map((part, at) => part.toString('utf8') + (at % 2 === 0 ? '=' : ' ')).join('').trimEnd());
}

/** Streams, entry by entry with the same id. */
export async function compareIds(comparison: Comparison): Promise<boolean> {
  const { left, right, signal, add, looked } = comparison;
  const size = await pageSize(comparison);
  const rest = createPacer(left, signal);
  const [mine, theirs] = [new Entries(left, size), new Entries(right, size)];
  let begun = performance.now();
  for (let round = 1; mine.given < maxCompared && theirs.given < maxCompared; round += 1) {
    const [a, b] = [await mine.peek(), await theirs.peek()];
    if (a === null && b === null) return true;
    const first = a === null ? 1 : b === null ? -1 : order(a, b);
    if (first === 0 && a !== null && b !== null) {
      const same = a.body.length === b.body.length && a.body.every((part, at) => part.equals(b.body[at] as Buffer));
      add(same ? 'same' : 'different', 1, same ? undefined : () => rowOf('different', Buffer.from(a.id), bodyOf(a), bodyOf(b)));
      mine.take();
      theirs.take();
      looked(2);
    } else if (first < 0 && a !== null) {
      add('left', 1, () => rowOf('left', Buffer.from(a.id), bodyOf(a), null));
      mine.take();
      looked(1);
    } else if (b !== null) {
      add('right', 1, () => rowOf('right', Buffer.from(b.id), null, bodyOf(b)));
      theirs.take();
      looked(1);
    }
    if (round % size === 0) {
      await rest(performance.now() - begun);
      begun = performance.now();
    }
  }
  return (await mine.peek()) === null && (await theirs.peek()) === null;
}
