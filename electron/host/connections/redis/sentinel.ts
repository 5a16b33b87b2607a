import type { RedisNode } from '../../../../shared/contract/connections.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { HostPort } from '../../../../shared/contract/workspaces.ts';
import type { RedisAccess } from './access.ts';
import type { Link } from './link.ts';
import { nodeId, openNode } from './node-links.ts';
import { replyList, replyMap, replyText } from './replies.ts';
import { singleTopology } from './single.ts';
import { serverMode, type Topology, type TopologyEvents } from './topology.ts';

/** Milliseconds between two looks at the sentinels when no event came. */
const pollMs = 5000;

export interface SentinelAnswer {
  link: Link;
  master: HostPort;
  nodes: RedisNode[];
}

function nodeOf(fields: Map<string, unknown>, role: 'replica' | 'sentinel', text: (name: string) => string): RedisNode {
  const host = text('ip');
  const port = Number(text('port'));
  const flags = text('flags').split(',');
  const up = fields.size > 0 && !flags.some((flag) => flag === 's_down' || flag === 'o_down' || flag === 'disconnected');
  return { id: nodeId({ host, port }), host, port, role, slots: 0, up };
}

async function listOf(link: Link, what: 'REPLICAS' | 'SENTINELS', master: string): Promise<RedisNode[]> {
  const rows = await link.send(['SENTINEL', what, master], false).catch((error: unknown) => {
    // the list is for show; an ACL may refuse it
    if (error instanceof LookasideError && error.code === 'REDIS_NO_PERMISSION') return [];
    throw error;
  });
  return replyList(rows).map((row) => {
    const fields = replyMap(row);
    return nodeOf(fields, what === 'REPLICAS' ? 'replica' : 'sentinel', (name) => replyText(fields.get(name)));
  });
}

/** Names of the masters that a sentinel watches; empty when it does not say. */
export async function watchedMasters(link: Link): Promise<string[]> {
  try {
    return replyList(await link.send(['SENTINEL', 'MASTERS'], false)).map((row) => replyText(replyMap(row).get('name')));
  } catch (error) {
    if (error instanceof LookasideError) return [];
    throw error;
  }
}

/** Asks one sentinel where the master is. Throws REDIS_SENTINEL_NO_MASTER when it watches none of that name. */
export async function askSentinel(access: RedisAccess, sentinel: HostPort, signal: AbortSignal): Promise<SentinelAnswer> {
  const name = access.profile.sentinelMaster;
  const link = await access.open(sentinel, { signal, sentinel: true });
  try {
    const reply = await link.send(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name], false).catch((error: unknown) => {
      if (!(error instanceof LookasideError) || error.code !== 'REDIS_COMMAND_FAILED') throw error;
      throw new LookasideError('REDIS_CLUSTER_MODE_MISMATCH', `${nodeId(sentinel)} is not a sentinel`, {
        hint: 'Give the address of a sentinel (port 26379 by default), or choose another topology.',
        details: { host: sentinel.host, port: sentinel.port },
      });
    });
    const [host, port] = replyList(reply).map(replyText);
    if (host === undefined || port === undefined) {
      const names = await watchedMasters(link);
      throw new LookasideError('REDIS_SENTINEL_NO_MASTER', `${nodeId(sentinel)} watches no master named "${name}"`, {
        hint: names.length === 0 ? 'Check the name in the configuration of the sentinels (sentinel monitor).' : `It watches: ${names.join(', ')}.`,
        details: { host: sentinel.host, port: sentinel.port, masterName: name },
      });
    }
    const self: RedisNode = { id: nodeId(sentinel), host: sentinel.host, port: sentinel.port, role: 'sentinel', slots: 0, up: true };
    const nodes = [...(await listOf(link, 'REPLICAS', name)), self, ...(await listOf(link, 'SENTINELS', name)).filter((each) => each.id !== self.id)];
    return { link, master: { host, port: Number(port) }, nodes };
  } catch (error) {
    link.close();
    throw error;
  }
}

/** The first sentinel that answers, in the profile's order. The last refusal is thrown when none does. */
export async function findMaster(access: RedisAccess, signal: AbortSignal): Promise<SentinelAnswer> {
  const problems: LookasideError[] = [];
  for (const sentinel of access.profile.nodes) {
    try {
      return await askSentinel(access, sentinel, signal);
    } catch (error) {
      if (!(error instanceof LookasideError) || error.code === 'CANCELLED') throw error;
      problems.push(error);
    }
  }
  const told = problems.find((problem) => !unreachable.has(problem.code));
  if (told !== undefined) throw told;
  throw new LookasideError('REDIS_SENTINEL_UNREACHABLE', 'None of the sentinels answers', {
    hint: problems[0]?.message ?? 'Give at least one sentinel.',
    details: { sentinels: access.profile.nodes.map(nodeId).join(', '), ...(problems[0] === undefined ? {} : { firstProblem: problems[0].code }) },
  });
}

const unreachable: ReadonlySet<string> = new Set(['DNS_FAILED', 'CONNECTION_REFUSED', 'HOST_UNROUTABLE', 'CONNECT_TIMEOUT', 'CONNECTION_LOST']);

/**
 * Connects to the master that the sentinels name, after checking that it is one, and follows them: `+switch-master`
 * at once, and by asking every few seconds in case the event was missed.
 */
export async function openSentinel(access: RedisAccess, signal: AbortSignal, events: TopologyEvents): Promise<Topology> {
  const answer = await findMaster(access, signal);
  let sentinel: Link | null = answer.link;
  let others = answer.nodes;
  let closed = false;
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  function close(): void {
    closed = true;
    over.abort();
    clearTimeout(timer);
    sentinel?.close();
  }

  try {
    const node = await openNode(access, answer.master, signal, (problem) => {
      if (!closed) events.broken(problem);
    });
    const { role } = await serverMode(node.main);
    if (role === 'replica') {
      node.close();
      throw new LookasideError('REDIS_SENTINEL_NO_MASTER', `The sentinels name ${node.id}, which is a replica now`, {
        hint: 'A failover is under way; it is tried again by itself.',
        details: { host: node.host, port: node.port },
      });
    }

    const moved = (): void => {
      if (closed) return;
      events.broken(
        new LookasideError('CONNECTION_LOST', `The sentinels moved the master away from ${node.id}`, { hint: 'The new master is being connected.' }),
      );
    };
    const listen = async (link: Link): Promise<void> => {
      await link.subscribe('+switch-master', (message) => {
        if (message.split(' ')[0] === access.profile.sentinelMaster) moved();
      });
    };
    const look = async (): Promise<void> => {
      try {
        const seen = await findMaster(access, over.signal);
        if (closed) {
          seen.link.close();
          return;
        }
        if (JSON.stringify(seen.nodes) !== JSON.stringify(others)) {
          others = seen.nodes;
          events.changed();
        }
        if (sentinel?.open === true) seen.link.close();
        else {
          sentinel = seen.link;
          await listen(sentinel);
        }
        if (nodeId(seen.master) !== node.id) moved();
      } catch (error) {
        if (closed) return;
        // the master may be fine without its sentinels: they are shown as down and asked again
        others = others.map((each) => (each.role === 'sentinel' ? { ...each, up: false } : each));
        events.changed();
        if (!(error instanceof LookasideError)) throw error;
      }
    };
    const again = (): void => {
      timer = setTimeout(() => void look().finally(() => (closed ? undefined : again())), pollMs);
      timer.unref();
    };
    await listen(answer.link);
    again();
    return singleTopology({ kind: 'sentinel', node, role: 'master', others: () => others.filter((each) => each.id !== node.id), close });
  } catch (error) {
    close();
    throw error;
  }
}
