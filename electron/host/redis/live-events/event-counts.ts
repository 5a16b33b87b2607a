import type { LiveEvent, LiveSnapshot, liveEventKinds } from '../../../../shared/contract/live-events.ts';
import { toWire } from '../../../../shared/bytes.ts';
import { splitKeyName, type Delimiters } from '../../../../shared/redis/key-name.ts';

type Kind = (typeof liveEventKinds)[number];

const windowSeconds = 5;
const maxRecent = 200;
/** Namespaces that are counted apart, and those that are told. */
const maxNamespaces = 2000;
const toldNamespaces = 200;
/** A namespace's name is cut here: a name without a delimiter is one of its own. */
const maxPrefixBytes = 256;

/** Events a second over the last whole seconds. */
class Rate {
  readonly #seconds = new Float64Array(windowSeconds + 1);
  #second = 0;
  total = 0;

  add(now: number): void {
    this.#turn(now);
    const at = this.#second % this.#seconds.length;
    this.#seconds[at] = (this.#seconds[at] ?? 0) + 1;
    this.total += 1;
  }

  perSecond(now: number, since: number): number {
    this.#turn(now);
    let sum = 0;
    this.#seconds.forEach((count, at) => {
      if (at !== this.#second % this.#seconds.length) sum += count;
    });
    const whole = Math.min(windowSeconds, Math.floor(now / 1000) - Math.floor(since / 1000));
    return whole <= 0 ? 0 : sum / whole;
  }

  #turn(now: number): void {
    const second = Math.floor(now / 1000);
    for (let gone = Math.min(second - this.#second, this.#seconds.length); gone > 0; gone -= 1) this.#seconds[(second - gone + 1) % this.#seconds.length] = 0;
    this.#second = Math.max(this.#second, second);
  }
}

let lastId = 0;

/** Counts events by kind and by namespace, and keeps the last ones. */
export class EventCounts {
  readonly #delimiters: Delimiters;
  readonly #kinds = new Map<Kind, Rate>();
  readonly #namespaces = new Map<string, { prefix: Buffer; kind: Kind; rate: Rate }>();
  readonly #recent: LiveEvent[] = [];
  #other = 0;
  readonly since = Date.now();

  constructor(kinds: readonly Kind[], delimiters: Delimiters) {
    this.#delimiters = delimiters;
    for (const kind of kinds) this.#kinds.set(kind, new Rate());
  }

  add(kind: Kind, event: string, name: Buffer, node: string): void {
    const rate = this.#kinds.get(kind);
    if (rate === undefined) return;
    const at = Date.now();
    rate.add(at);
    lastId += 1;
    this.#recent.push({ id: lastId, at, kind, event, name: toWire(name), node });
    if (this.#recent.length > maxRecent) this.#recent.shift();
    const head = name.subarray(0, maxPrefixBytes);
    const first = splitKeyName(head, this.#delimiters)[0];
    const prefix = first === undefined ? head : head.subarray(0, first.end);
    const key = `${kind} ${prefix.toString('latin1')}`;
    let namespace = this.#namespaces.get(key);
    if (namespace === undefined) {
      if (this.#namespaces.size >= maxNamespaces) {
        this.#other += 1;
        return;
      }
      namespace = { prefix: Buffer.from(prefix), kind, rate: new Rate() };
      this.#namespaces.set(key, namespace);
    }
    namespace.rate.add(at);
  }

  recent(after: number): LiveEvent[] {
    return this.#recent.filter(({ id }) => id > after).toReversed();
  }

  read(): Pick<LiveSnapshot, 'since' | 'kinds' | 'namespaces' | 'other'> {
    const now = Date.now();
    const all = [...this.#namespaces.values()].map(({ prefix, kind, rate }) => ({ prefix: toWire(prefix), kind, total: rate.total, perSecond: rate.perSecond(now, this.since) }));
    const sorted = all.toSorted((a, b) => b.perSecond - a.perSecond || b.total - a.total);
    return {
      since: this.since,
      kinds: [...this.#kinds].map(([kind, rate]) => ({ kind, total: rate.total, perSecond: rate.perSecond(now, this.since) })),
      namespaces: sorted.slice(0, toldNamespaces),
      other: this.#other + sorted.slice(toldNamespaces).reduce((sum, { total }) => sum + total, 0),
    };
  }
}
