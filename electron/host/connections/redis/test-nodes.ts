import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { RedisAccess } from './access.ts';
import { parseClusterSlots } from './cluster-map.ts';
import type { Link } from './link.ts';
import { nodeId } from './node-links.ts';
import type { SentinelAnswer } from './sentinel.ts';
import type { TestRecorder } from './test-recorder.ts';

interface Candidate {
  host: string;
  port: number;
  role: 'master' | 'replica' | 'sentinel';
}

async function candidates(access: RedisAccess, link: Link, sentinel: SentinelAnswer | null): Promise<Candidate[] | null> {
  if (sentinel !== null) {
    const seeds = access.profile.nodes.map((node) => ({ ...node, role: 'sentinel' as const }));
    const all = [{ ...sentinel.master, role: 'master' as const }, ...sentinel.nodes, ...seeds];
    return [...new Map(all.toReversed().map((node) => [nodeId(node), node])).values()].toReversed();
  }
  if ('path' in link.target) return null;
  try {
    return [...parseClusterSlots(await link.send(['CLUSTER', 'SLOTS'], false), link.target).nodes.values()];
  } catch (error) {
    const single = error instanceof LookasideError && (error.code === 'REDIS_CLUSTER_MODE_MISMATCH' || error.code === 'REDIS_NO_PERMISSION' || error.code === 'REDIS_COMMAND_FAILED');
    if (single) return null;
    throw error;
  }
}

/** Step `nodes`: logs in to every node of a cluster, or to every sentinel, replica and the master. A master that cannot be reached fails it. */
export async function testNodes(access: RedisAccess, recorder: TestRecorder, link: Link, sentinel: SentinelAnswer | null, signal: AbortSignal): Promise<void> {
  const nodes = await candidates(access, link, sentinel);
  if (nodes === null) return recorder.skip('nodes', 'A single server');
  const results = await Promise.all(
    nodes.map(async (node) => {
      try {
        (await access.open(node, { signal, sentinel: node.role === 'sentinel' })).close();
        return { node, problem: null };
      } catch (error) {
        if (error instanceof LookasideError) return { node, problem: error };
        throw error;
      }
    }),
  );
  const down = results.filter((result) => result.problem !== null);
  const master = down.find((result) => result.node.role === 'master');
  const problemOf = (result: (typeof down)[number] | undefined): LookasideError | null => {
    if (result === undefined || result.problem === null) return null;
    const { problem } = result;
    return new LookasideError(problem.code, `The ${result.node.role} ${nodeId(result.node)} cannot be used: ${problem.message}`, {
      hint: access.profile.ssh === null ? `The cluster announces this address; it must be reachable from here. ${problem.hint}`.trim() : problem.hint,
      details: problem.details,
    });
  };
  const fatal = problemOf(master);
  if (fatal !== null) throw fatal;
  const roles = (['master', 'replica', 'sentinel'] as const).flatMap((role) => {
    const all = results.filter((result) => result.node.role === role);
    const plural = all.length === 1 ? role : `${role}s`;
    return all.length === 0 ? [] : [`${all.filter((result) => result.problem === null).length} of ${all.length} ${plural}`];
  });
  recorder.pass('nodes', { detail: `${roles.join(', ')} can be reached`, warning: problemOf(down[0]) });
}
