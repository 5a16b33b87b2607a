import type { RedisNode } from '../../../../shared/contract/connections.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { HostPort } from '../../../../shared/contract/workspaces.ts';
import { keySlot } from '../../../../shared/redis/slot.ts';
import type { RedisAccess } from './access.ts';
import { backoffMs } from './backoff.ts';
import { failingNodes, parseClusterSlots, type ClusterMap } from './cluster-map.ts';
import { nodeId, openNode, type NodeLinks } from './node-links.ts';
import { lostConnection } from './redis-errors.ts';
import { replyText } from './replies.ts';
import type { Topology, TopologyEvents } from './topology.ts';

/** Milliseconds between two looks at the map while all is well. */
const lookMs = 10_000;

function mapText(map: ClusterMap, failing: ReadonlySet<string>): string {
  return JSON.stringify([[...map.nodes.values()], [...failing].toSorted(), map.owners.map((owner, slot) => (owner === map.owners[slot - 1] ? '' : owner)).join('')]);
}

/**
 * Connects to every master of a cluster and keeps to its map: looked at every few seconds, at once after a MOVED, and
 * with back-off while a master is down, until its replica has taken over or it is back.
 */
export async function openCluster(access: RedisAccess, first: NodeLinks, signal: AbortSignal, events: TopologyEvents): Promise<Topology> {
  const over = new AbortController();
  const links = new Map<string, NodeLinks>();
  const opening = new Map<string, Promise<NodeLinks>>();
  const problems = new Map<string, LookasideError>();
  const retired = new Set<NodeLinks>();
  let map: ClusterMap = { nodes: new Map(), owners: [] };
  let failing: ReadonlySet<string> = new Set();
  let shape = '';
  let attempt = 0;
  let looking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function ended(id: string, problem: LookasideError): void {
    if (closed) return;
    links.delete(id);
    problems.set(id, problem);
    if (links.size === 0) {
      events.broken(problem);
      return;
    }
    events.changed();
    plan(0);
  }

  function connect(target: HostPort, within: AbortSignal): Promise<NodeLinks> {
    const id = nodeId(target);
    const known = links.get(id);
    if (known !== undefined && known.main.open) return Promise.resolve(known);
    const running = opening.get(id);
    if (running !== undefined) return running;
    const started = openNode(access, target, within, (problem) => ended(id, problem)).then(
      (node) => {
        opening.delete(id);
        if (closed) {
          node.close();
          throw lostConnection({ target });
        }
        links.set(id, node);
        problems.delete(id);
        return node;
      },
      (error: unknown) => {
        opening.delete(id);
        if (error instanceof LookasideError) problems.set(id, error);
        throw error;
      },
    );
    opening.set(id, started);
    return started;
  }

  const masterIds = (): string[] => [...map.nodes.values()].filter((node) => node.role === 'master').map((node) => node.id);
  const missing = (): string[] => masterIds().filter((id) => links.get(id)?.main.open !== true);

  /** Reads the map from any node that answers, and connects to the masters that are new. */
  async function look(within: AbortSignal): Promise<void> {
    let last: unknown = lostConnection({ target: first.target });
    for (const node of links.values()) {
      try {
        const reply = await node.main.send(['CLUSTER', 'SLOTS'], false);
        const seen = parseClusterSlots(reply, node);
        if (seen.nodes.size === 0) {
          last = new LookasideError('REDIS_CLUSTER_DOWN', `${node.id} knows of no slots that are assigned`, {
            hint: 'Create the cluster first (redis-cli --cluster create), or check that this node has joined it.',
          });
          continue;
        }
        map = seen;
        failing = failingNodes(
          replyText(
            await node.main.send(['CLUSTER', 'NODES'], false).catch((error: unknown) => {
              if (error instanceof LookasideError && error.code === 'REDIS_NO_PERMISSION') return '';
              throw error;
            }),
          ),
        );
        last = null;
        break;
      } catch (error) {
        last = error;
      }
    }
    if (last !== null) throw last;
    const wanted = new Set(masterIds());
    await Promise.allSettled([...wanted].map((id) => connect(map.nodes.get(id) as HostPort, within)));
    for (const [id, node] of links) {
      // a node that handed over all its slots may still answer calls under way
      if (!wanted.has(id) && node !== first) {
        links.delete(id);
        problems.delete(id);
        retire(node);
      }
    }
    for (const id of problems.keys()) if (!wanted.has(id)) problems.delete(id);
    const now = mapText(map, failing) + missing().join();
    if (now !== shape) {
      shape = now;
      events.changed();
    }
  }

  function retire(node: NodeLinks): void {
    retired.add(node);
    setTimeout(() => {
      retired.delete(node);
      node.close();
    }, 2000).unref();
  }

  function lookSoon(): void {
    looking ??= look(over.signal)
      .then(
        () => {
          attempt = missing().length === 0 ? 0 : attempt + 1;
        },
        () => {
          attempt += 1;
        },
      )
      .finally(() => {
        looking = null;
        if (!closed) plan(attempt === 0 ? lookMs : backoffMs(attempt));
      });
  }

  function plan(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(lookSoon, ms);
    timer.unref();
  }

  function close(): void {
    closed = true;
    over.abort();
    clearTimeout(timer);
    for (const node of [...links.values(), ...retired, first]) node.close();
  }

  try {
    links.set(first.id, first);
    await look(signal);
    const wanted = masterIds();
    if (missing().length === wanted.length) throw [...problems.values()][0] ?? lostConnection({ target: first.target });
    if (wanted.includes(first.id)) void first.main.ended.then((problem) => ended(first.id, problem));
    else {
      // a replica, or a master under another name than the cluster's own
      links.delete(first.id);
      first.close();
    }
  } catch (error) {
    close();
    throw error;
  }
  plan(missing().length === 0 ? lookMs : backoffMs(1));

  function connected(id: string): NodeLinks {
    const node = links.get(id);
    if (node?.main.open === true) return node;
    plan(0);
    const known = map.nodes.get(id);
    throw lostConnection({ target: known ?? { path: id } });
  }

  function masters(): NodeLinks[] {
    return masterIds().flatMap((id) => {
      const node = links.get(id);
      return node?.main.open === true ? [node] : [];
    });
  }

  return {
    kind: 'cluster',
    nodes: (): RedisNode[] =>
      [...map.nodes.values()].map((node) => ({
        ...node,
        up: node.role === 'master' ? links.get(node.id)?.main.open === true : !failing.has(node.id),
      })),
    masters,
    route: (key) => {
      if (key !== null) {
        const owner = map.owners[keySlot(key)] ?? null;
        if (owner !== null) return connected(owner);
      }
      // without a key, or for a slot that nobody serves, any node answers (with CLUSTERDOWN then)
      const any = masters()[0];
      if (any === undefined) throw lostConnection({ target: first.target });
      return any;
    },
    byId: (id) => masters().find((node) => node.id === id) ?? null,
    follow: (address) => connect(address, over.signal),
    noteMoved: (slot, node) => {
      map.owners[slot] = node.id;
      lookSoon();
    },
    problem: () => {
      const down = missing();
      const unserved = map.owners.filter((owner) => owner === null).length;
      if (down.length > 0) {
        return new LookasideError('REDIS_CLUSTER_DOWN', `${down.length} of ${masterIds().length} masters cannot be reached: ${down.join(', ')}`, {
          hint: problems.get(down[0] as string)?.message ?? 'It is tried again by itself; the keys of the other masters can be used.',
        });
      }
      if (unserved > 0) {
        return new LookasideError('REDIS_CLUSTER_DOWN', `${unserved} of 16384 slots have no master`, {
          hint: 'Keys in those slots cannot be read. redis-cli --cluster check says which.',
        });
      }
      return null;
    },
    close,
  };
}
