import { sendAll } from '../../electron/host/redis/testing/raw-redis.ts';
import { at, startValueFixture, type ValueFixture } from '../../electron/host/redis/testing/value-fixture.ts';
import { maximum, median, percentile, type BenchGroup, type BenchOptions, type BenchResult } from './bench-row.ts';
import { pingEveryMs } from './ping-probe.ts';

const fields = 1_000_000;
/** How long other clients are watched while the hash is opened again and again, ms. */
const watchedMs = 2000;

function* hashFields(): Generator<readonly string[]> {
  for (let from = 0; from < fields; from += 500) {
    yield ['HSET', 'big', ...Array.from({ length: 500 }, (_, index) => [`field:${from + index}`, `value ${from + index}`]).flat()];
  }
}

/** What the page asks for when a key is opened: its facts and the first page. */
async function openHash({ values }: ValueFixture): Promise<void> {
  await values.inspect(at('big'));
  await values.page({ ...at('big'), type: 'hash', count: 200 });
}

/** A filter over the whole hash that finds next to nothing, as the page goes on with it. */
async function filterHash({ values }: ValueFixture): Promise<void> {
  let cursor: string | null = null;
  do {
    const page = await values.page({ ...at('big'), type: 'hash', count: 200, match: '*nothing-like-this*', cursor });
    cursor = page.type === 'hash' ? page.next : null;
  } while (cursor !== null);
}

async function openRows(fixture: ValueFixture, { runs, say }: BenchOptions): Promise<BenchResult[]> {
  const { port } = fixture.server;
  const added: number[] = [];
  const idles: number[] = [];
  const busies: number[] = [];
  const filters: number[] = [];
  const opens: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const idle = percentile(await pingEveryMs(port, () => new Promise((resolve) => setTimeout(resolve, watchedMs))), 0.99);
    const times: number[] = [];
    const pings = await pingEveryMs(port, async () => {
      const end = performance.now() + watchedMs;
      while (performance.now() < end) {
        const begun = performance.now();
        await openHash(fixture);
        times.push(performance.now() - begun);
      }
    });
    const busy = percentile(pings, 0.99);
    const filtered = percentile(await pingEveryMs(port, () => filterHash(fixture)), 0.99);
    say(`row 16, run ${run}: idle p99 ${idle.toFixed(2)} ms, during p99 ${busy.toFixed(2)} ms, max ${maximum(pings).toFixed(2)} ms; filtering p99 ${filtered.toFixed(2)} ms; an opening ${median(times).toFixed(1)} ms`);
    if (run === 0) continue;
    added.push(Math.max(0, busy - idle));
    idles.push(idle);
    busies.push(busy);
    filters.push(filtered);
    opens.push(median(times));
  }
  const note = 'PING every ms on another connection, from a process of its own';
  const mine = median(busies);
  const base = median(idles);
  const line = (name: string, ours: number, more: Partial<BenchResult>): BenchResult => ({ row: 16, name, ours, baseline: base, unit: 'ms', ratio: ours / base, target: '-', holds: null, note, ...more });
  return [
    line(`other clients while a hash of ${fields.toLocaleString('en-US')} fields is opened again and again, p99 (idle p99)`, mine, { target: '+ < 2 ms', holds: median(added) < 2 }),
    line('other clients while all its fields are filtered, p99 (idle p99)', median(filters), {}),
    line('opening it: facts and the first 200 fields in hand', median(opens), { baseline: null, ratio: null, note: 'drawing in the page comes on top' }),
  ];
}

export const valueRows: BenchGroup = {
  rows: [16],
  async run(_wanted, options) {
    const fixture = await startValueFixture({ build: 'redis-7.0' });
    try {
      options.say(`seeding a hash of ${fields.toLocaleString('en-US')} fields ...`);
      await sendAll(fixture.server.port, hashFields());
      return await openRows(fixture, options);
    } finally {
      await fixture.stop();
    }
  },
};
