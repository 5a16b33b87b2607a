import { keysAmong, partsNeeded, type KeyRule, type ReadCommands } from '../../../../shared/redis/read-commands.ts';
import { monitorArguments, parseMonitorLine } from '../../../../shared/redis/monitor-lines.ts';

/** Distinct names that are kept whole, and their bytes: below both, each of them is looked at after the window. */
const mostNames = 5000;
const mostNameBytes = 16 * 1024 * 1024;
/** Reads of which a random sample is kept for when there are more names than that. */
const sampleSize = 500;
/** More keys in one line are the first of so many. */
const mostParts = 100_000;

interface ReadRule {
  rules: readonly KeyRule[];
  parts: number;
}

export interface CountedName {
  db: number;
  name: Buffer;
  reads: number;
}

export interface ReadCounterOptions {
  commands: ReadCommands;
  dbs: ReadonlySet<number>;
  matches: (name: Uint8Array, db: number) => boolean;
  random?: () => number;
}

/** Counts the reads of one window that fall on certain names, from the lines of all servers. */
export class ReadCounter {
  readonly #options: ReadCounterOptions;
  readonly #rules: ReadonlyMap<string, ReadRule>;
  readonly #names = new Map<string, CountedName>();
  readonly #sample: { db: number; name: Buffer }[] = [];
  readonly #byCommand = new Map<string, number>();
  readonly #byNode = new Map<string, number>();
  #nameBytes = 0;
  namesCut = false;
  commands = 0;
  reads = 0;
  matched = 0;
  /** Lines that are none of MONITOR's, or whose arguments cannot be read. */
  unread = 0;
  /** Server's time of the last line, Unix seconds; 0 before. */
  lastAt = 0;

  constructor(options: ReadCounterOptions) {
    this.#options = options;
    this.#rules = new Map([...options.commands].map(([name, rules]) => [name, { rules, parts: Math.min(mostParts, partsNeeded(rules)) }]));
  }

  take(node: string, bytes: Uint8Array, from: number, to: number): void {
    const line = parseMonitorLine(bytes, from, to);
    if (line === null) {
      this.unread += 1;
      return;
    }
    this.commands += 1;
    this.lastAt = line.at;
    const rule = this.#rules.get(line.command);
    if (rule === undefined) return;
    const args = monitorArguments(bytes, line.argsFrom, to, rule.parts);
    if (args === null) {
      this.unread += 1;
      return;
    }
    const keys = keysAmong(rule.rules, args);
    this.reads += keys.length;
    if (!this.#options.dbs.has(line.db)) return;
    let matched = 0;
    for (const key of keys) {
      if (!this.#options.matches(key, line.db)) continue;
      matched += 1;
      this.#note(line.db, key);
    }
    if (matched === 0) return;
    this.#byCommand.set(line.command, (this.#byCommand.get(line.command) ?? 0) + matched);
    this.#byNode.set(node, (this.#byNode.get(node) ?? 0) + matched);
  }

  matchedOf(node: string): number {
    return this.#byNode.get(node) ?? 0;
  }

  /** Most first. */
  byCommand(): { command: string; reads: number }[] {
    return [...this.#byCommand].map(([command, reads]) => ({ command, reads })).toSorted((a, b) => b.reads - a.reads);
  }

  /** Most read first. All of them unless `namesCut`. */
  names(): CountedName[] {
    return [...this.#names.values()].toSorted((a, b) => b.reads - a.reads);
  }

  /** Single reads, drawn evenly from all that matched. */
  sample(): readonly { db: number; name: Buffer }[] {
    return this.#sample;
  }

  #note(db: number, key: Uint8Array): void {
    this.matched += 1;
    const id = `${db} ${Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')}`;
    const known = this.#names.get(id);
    if (known !== undefined) known.reads += 1;
    else if (this.#names.size < mostNames && this.#nameBytes + key.length <= mostNameBytes) {
      this.#names.set(id, { db, name: Buffer.from(key), reads: 1 });
      this.#nameBytes += key.length;
    } else this.namesCut = true;
    // reservoir: each read has the same chance to be among those kept
    const random = this.#options.random ?? Math.random;
    if (this.#sample.length < sampleSize) this.#sample.push({ db, name: Buffer.from(key) });
    else {
      const at = Math.floor(random() * this.matched);
      if (at < sampleSize) this.#sample[at] = { db, name: Buffer.from(key) };
    }
  }
}
