import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import { lengthCommands } from './fact-script.ts';
import type { CommandBatch, NodeLink } from './node-link.ts';
import { neverExpires, notTold, PageFacts } from './page-facts.ts';

/** Names of a page, copied end to end. */
export class PageNames {
  bytes = Buffer.allocUnsafe(64 * 1024);
  /** Ends of the names; a name begins where the one before ends. */
  readonly ends: number[] = [];

  clear(): void {
    this.ends.length = 0;
    // a huge name must not keep its buffer
    if (this.bytes.length > 1 << 20) this.bytes = Buffer.allocUnsafe(64 * 1024);
  }

  add(from: Uint8Array, start: number, end: number): void {
    const at = this.ends.at(-1) ?? 0;
    const after = at + end - start;
    if (after > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(after, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, at);
      this.bytes = grown;
    }
    this.bytes.set(from.subarray(start, end), at);
    this.ends.push(after);
  }

  startOf(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] as number);
  }

  name(index: number): Buffer {
    return this.bytes.subarray(this.startOf(index), this.ends[index]);
  }
}

type Parts = readonly [string, ...string[]];

function batchOf(names: PageNames, commandsOf: (index: number) => readonly Parts[]): CommandBatch {
  const pieces: Buffer[] = [];
  const commands = new Map<string, number>();
  let count = 0;
  for (let i = 0; i < names.ends.length; i += 1) {
    const name = names.name(i);
    for (const parts of commandsOf(i)) {
      const words = parts.map((part) => `$${part.length}\r\n${part}\r\n`).join('');
      pieces.push(Buffer.from(`*${parts.length + 1}\r\n${words}$${name.length}\r\n`), name, lineEnd);
      commands.set(parts[0], (commands.get(parts[0]) ?? 0) + 1);
      count += 1;
    }
  }
  return { bytes: Buffer.concat(pieces), count, commands };
}

const lineEnd = Buffer.from('\r\n');

function numberIn(reply: string): number {
  return reply.startsWith(':') ? Number(reply.slice(1)) : notTold;
}

function textIn(reply: string): string | null {
  return reply.startsWith('+') || (reply.startsWith('$') && reply !== '$-1') ? reply.slice(1) : null;
}

export interface PipelineOptions {
  fields: ReadonlySet<KeyFactField>;
  recency: 'idle' | 'frequency';
  /** The server has PEXPIRETIME (7.0). */
  expireTime: boolean;
  /** Unix ms by the server's clock. */
  now: () => number;
}

/** Reads facts of a page's keys one by one, all sent together: where no script may do it. */
export class FactPipeline {
  readonly #options: PipelineOptions;
  #expireTime: boolean;
  /** What the server refuses to tell, in its words, by command. */
  readonly refused = new Map<string, string>();

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#expireTime = options.expireTime;
  }

  /** Facts of the names in their order; `gone` has those that are not there any more. Rejects when the connection fails. */
  async read(link: NodeLink, names: PageNames): Promise<{ facts: PageFacts; gone: ReadonlySet<number> }> {
    const { fields, recency } = this.#options;
    const count = names.ends.length;
    const facts = new PageFacts(count);
    const gone = new Set<number>();
    const types: (string | null)[] = [];
    const reads: { parts: Parts; take: (index: number, reply: string) => void }[] = [];
    if (fields.has('type') || fields.has('elements')) {
      reads.push({
        parts: ['TYPE'],
        take: (index, reply) => {
          const type = textIn(reply);
          types[index] = type;
          if (type === 'none') gone.add(index);
          else if (type !== null) facts.type[index] = facts.code(type);
        },
      });
    }
    if (fields.has('ttl')) reads.push({ parts: [this.#expireTime ? 'PEXPIRETIME' : 'PTTL'], take: (index, reply) => this.#takeExpiry(facts, gone, index, reply) });
    if (fields.has('encoding')) {
      reads.push({
        parts: ['OBJECT', 'ENCODING'],
        take: (index, reply) => {
          const encoding = textIn(reply);
          if (encoding !== null) facts.encoding[index] = facts.code(encoding);
        },
      });
    }
    if (fields.has('recency')) {
      reads.push({
        parts: ['OBJECT', recency === 'idle' ? 'IDLETIME' : 'FREQ'],
        take: (index, reply) => {
          facts.recency[index] = numberIn(reply);
        },
      });
    }
    if (fields.has('bytes')) {
      reads.push({
        parts: ['MEMORY', 'USAGE'],
        take: (index, reply) => {
          facts.bytes[index] = numberIn(reply);
          if (reply === '$-1') gone.add(index);
        },
      });
    }
    const parts = reads.map((read) => read.parts);
    await this.#send(link, names, () => parts, (place, reply) => reads[place % reads.length]?.take(Math.floor(place / reads.length), reply));
    if (fields.has('elements')) await this.#readElements(link, names, types, facts);
    return { facts, gone };
  }

  async #readElements(link: NodeLink, names: PageNames, types: readonly (string | null)[], facts: PageFacts): Promise<void> {
    const asked: number[] = [];
    const commandsOf = (index: number): readonly Parts[] => {
      const command = lengthCommands.get(types[index] ?? '');
      if (command === undefined) return [];
      asked.push(index);
      return [[command]];
    };
    await this.#send(link, names, commandsOf, (place, reply) => {
      facts.elements[asked[place] as number] = numberIn(reply);
    });
  }

  /** `take` gets each reply by its place among those sent. */
  async #send(link: NodeLink, names: PageNames, commandsOf: (index: number) => readonly Parts[], take: (place: number, reply: string) => void): Promise<void> {
    const sent: string[] = [];
    const batch = batchOf(names, (index) => {
      const parts = commandsOf(index);
      for (const each of parts) sent.push(each[0]);
      return parts;
    });
    let place = 0;
    await link.batch(batch, (reply) => {
      const command = sent[place] ?? '';
      if (/^-(NOPERM|ERR unknown|ERR syntax)/i.test(reply) && !this.refused.has(command)) this.refused.set(command, reply.slice(1));
      take(place, reply);
      place += 1;
    });
    // it may be that only the newer command is refused: the next page asks by the older one
    if (this.#expireTime && this.refused.has('PEXPIRETIME')) this.#expireTime = false;
  }

  #takeExpiry(facts: PageFacts, gone: Set<number>, index: number, reply: string): void {
    if (!reply.startsWith(':')) return;
    const told = Number(reply.slice(1));
    if (told === -2) gone.add(index);
    else if (told === -1) facts.expires[index] = neverExpires;
    else facts.expires[index] = this.#expireTime ? told : this.#options.now() + told;
  }
}
