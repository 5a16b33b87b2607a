import { openBulk } from '../../testing/bulk-fixture.ts';

/** A process of its own that plans and runs a bulk change slowly, to be killed in the middle. Arguments: port, folder, hour's expiry in ms. */
const [port, folder, ttlMs] = process.argv.slice(2);
const fixture = await openBulk({ port: Number(port) }, { folder: folder ?? '' });
const plan = await fixture.plan('user:*', { kind: 'expire', ttlMs: Number(ttlMs), jitterMs: 60_000 });
const { runId } = await fixture.bulk.runTtl({ planId: plan.planId, confirm: { count: plan.wouldChange }, keysPerSecond: 4000 });
for await (const snapshot of fixture.bulk.watchRun(runId, new AbortController().signal)) process.stdout.write(`${JSON.stringify({ runId, done: snapshot.done })}\n`);
