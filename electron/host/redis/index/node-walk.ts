import type { LookasideError } from '../../../../shared/contract/errors.ts';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import { PageNames, type FactPipeline } from './fact-pipeline.ts';
import { factScript, readPacked, scriptPageSize } from './fact-script.ts';
import type { NodeLink, PageSink } from './node-link.ts';
import type { PageFacts } from './page-facts.ts';
import type { ScanPace } from './scan-pace.ts';

/** Elements that a SCAN call looks at: at the knee of throughput, about 1 ms of server time. */
export const pageSize = 1000;

/** How a page is read: names alone, or with facts by a script or by single reads. */
export type WalkWay = { kind: 'names' } | { kind: 'script'; fields: ReadonlySet<KeyFactField>; recency: 'idle' | 'frequency' } | { kind: 'pipeline'; pipeline: FactPipeline };

export interface WalkHost {
  /** Whether to ask for another page. */
  mayGoOn(): boolean;
  /** Sleeps, or less when that is not wanted any more. */
  rest(ms: number): Promise<void>;
  /** The facts that tickets of the next names point into. */
  page(facts: PageFacts): void;
  /** `count` names, `bytes[from[i]...to[i]]`, with tickets from `ticket` on; -1 = no facts. The arrays are used again. */
  names(bytes: Uint8Array, from: Int32Array, to: Int32Array, count: number, ticket: number): void;
  /** A page has been told whole: where the next begins, and how many elements this one looked at. */
  pageEnd(cursor: string, size: number): void;
  /** The bytes of the names told since the last call cease to be valid. */
  bytesEnd(): void;
}

interface Walk {
  link: NodeLink;
  pace: ScanPace;
  /** SCAN's TYPE. */
  type: string | null;
  /** Where to begin. */
  cursor: string;
  way: WalkWay;
  host: WalkHost;
}

/** Pages until the cursor is back at 0 or the host wants no more. Rejects when the connection or the command fails. */
export function walkNode(walk: Walk): Promise<void> {
  return walk.way.kind === 'pipeline' ? walkWithReads(walk, walk.way.pipeline) : walkAhead(walk, walk.way);
}

/** The server works on the next page while this one is read. */
function walkAhead({ link, pace, type, cursor, host }: Walk, way: Exclude<WalkWay, { kind: 'pipeline' }>): Promise<void> {
  const size = way.kind === 'script' ? scriptPageSize(way.fields) : pageSize;
  const script = way.kind === 'script' ? factScript(way.fields, way.recency) : '';
  const command = (at: string): string[] =>
    way.kind === 'script'
      ? ['EVAL_RO', script, '0', at, String(size), ...(type === null ? [] : [type])]
      : ['SCAN', at, 'COUNT', String(size), ...(type === null ? [] : ['TYPE', type])];
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    let following = '0';
    /** The next page is asked for, or will be after a nap. */
    let ahead = false;
    let ticket = -1;
    let factsFirst = false;
    const sink: PageSink = {
      cursor: (next) => {
        following = next;
        ahead = false;
        factsFirst = way.kind === 'script';
        const nap = pace.page(performance.now() - sentAt);
        if (next === '0' || !host.mayGoOn()) return;
        if (nap === 0) send(next);
        else wait(nap);
      },
      names: (bytes, from, to, count) => {
        let first = 0;
        if (factsFirst && way.kind === 'script') {
          factsFirst = false;
          first = 1;
          ticket = 0;
          host.page(readPacked(bytes.subarray(from[0], to[0]), way.fields));
        }
        if (count > first) host.names(bytes, first === 0 ? from : from.subarray(1), first === 0 ? to : to.subarray(1), count - first, ticket);
        if (ticket >= 0) ticket += count - first;
      },
      pageEnd: () => {
        host.pageEnd(following, size);
        if (following === '0') resolve();
        else if (!ahead && host.mayGoOn()) send(following);
        else if (!ahead) resolve();
      },
      failed: reject,
      bytesEnd: () => host.bytesEnd(),
    };
    const send = (at: string): void => {
      ahead = true;
      sentAt = performance.now();
      link.scan(command(at), sink);
    };
    const wait = (nap: number): void => {
      ahead = true;
      void host.rest(nap).then(() => (host.mayGoOn() ? send(following) : resolve()));
    };
    send(cursor);
  });
}

/** Names of one page, then their facts by single reads, then the next page. Keys that are gone by then are not told. */
async function walkWithReads({ link, pace, type, cursor, host }: Walk, pipeline: FactPipeline): Promise<void> {
  const names = new PageNames();
  let at = cursor;
  do {
    const begun = performance.now();
    names.clear();
    const next = await page(link, ['SCAN', at, 'COUNT', String(pageSize), ...(type === null ? [] : ['TYPE', type])], names);
    const { facts, gone } = await pipeline.read(link, names);
    host.page(facts);
    tellThose(host, names, gone);
    host.bytesEnd();
    host.pageEnd(next, pageSize);
    at = next;
    if (at === '0') return;
    const nap = pace.page(performance.now() - begun);
    if (nap > 0 && host.mayGoOn()) await host.rest(nap);
  } while (host.mayGoOn());
}

/** Tells names with their places as tickets, in runs between those that are gone. */
function tellThose(host: WalkHost, { bytes, ends }: PageNames, gone: ReadonlySet<number>): void {
  const to = Int32Array.from(ends);
  const from = Int32Array.from([0, ...ends]);
  for (let begin = 0; begin < to.length; ) {
    let end = begin;
    while (end < to.length && !gone.has(end)) end += 1;
    if (end > begin) host.names(bytes, from.subarray(begin), to.subarray(begin), end - begin, begin);
    begin = end + 1;
  }
}

/** The next cursor; the names are copied. */
function page(link: NodeLink, command: readonly string[], names: PageNames): Promise<string> {
  return new Promise((resolve, reject: (error: LookasideError) => void) => {
    let following = '0';
    link.scan(command, {
      cursor: (next) => {
        following = next;
      },
      names: (bytes, from, to, count) => {
        for (let i = 0; i < count; i += 1) names.add(bytes, from[i] as number, to[i] as number);
      },
      pageEnd: () => resolve(following),
      failed: reject,
      bytesEnd: () => undefined,
    });
  });
}
