import { keyFactFields } from '../../shared/contract/key-filter.ts';
import { indexOnce, openBench } from './index-run.ts';

/** Runs alone in a process: indexes once, reads every fact, and prints times and what the whole process holds then. Arguments: port, worker's URL. */
const [port = '', worker = ''] = process.argv.slice(2);
const bench = await openBench(Number(port), new URL(worker));
const { ms, end, watch } = await indexOnce(bench.keys);
const { viewId } = await bench.keys.openView({ index: end.indexId, mode: 'tree', filter: { pattern: '', mode: 'glob' }, expanded: [] });
await bench.keys.rows({ viewId, from: 0, count: 100 });
globalThis.gc?.();
const rss = process.memoryUsage().rss;
const begun = performance.now();
await bench.keys.enrich({ indexId: end.indexId, fields: [...keyFactFields] });
await watch.until(({ state, facts }) => state === 'done' && typeof facts?.completedAt === 'number', 'facts', 1_200_000);
const factsMs = performance.now() - begun;
await bench.keys.rows({ viewId, from: 0, count: 100 });
globalThis.gc?.();
process.stdout.write(`${JSON.stringify({ keys: end.keys, ms, rss, factsMs, factsRss: process.memoryUsage().rss })}\n`);
await watch.leave();
await bench.close();
