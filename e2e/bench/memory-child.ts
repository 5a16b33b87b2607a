import { setTimeout as sleep } from 'node:timers/promises';
import { indexOnce, openBench } from './index-run.ts';

/** Runs alone in a process: indexes once and prints by how much the process has grown. Arguments: port, worker's URL. */
const [port = '', worker = ''] = process.argv.slice(2);
const bench = await openBench(Number(port), new URL(worker));
// what the program itself needs is there before the measurement: modules, the driver, a first empty answer
await bench.keys.meta({ workspaceId: 'test', db: 0, names: ['x'] });
globalThis.gc?.();
await sleep(300);
const before = process.memoryUsage().rss;
const { end, watch } = await indexOnce(bench.keys);
const { viewId } = await bench.keys.openView({ index: end.indexId, mode: 'tree', filter: { pattern: '', mode: 'glob' }, expanded: [] });
await bench.keys.rows({ viewId, from: 0, count: 100 });
await sleep(1000);
globalThis.gc?.();
const after = process.memoryUsage().rss;
process.stdout.write(`${JSON.stringify({ keys: end.keys, folders: end.folders, grown: after - before, own: end.memoryBytes })}\n`);
await watch.leave();
await bench.close();
