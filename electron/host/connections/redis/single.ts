import type { RedisNode } from '../../../../shared/contract/connections.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { NodeLinks } from './node-links.ts';
import { lostConnection } from './redis-errors.ts';
import type { Topology } from './topology.ts';

/** One server that holds all keys, plus what is known of its surroundings. */
export function singleTopology(options: {
  kind: 'standalone' | 'sentinel';
  node: NodeLinks;
  role: 'master' | 'replica';
  others: () => RedisNode[];
  close: () => void;
}): Topology {
  const { node } = options;

  function routed(): NodeLinks {
    if (!node.main.open) throw lostConnection({ target: node.target });
    return node;
  }

  return {
    kind: options.kind,
    nodes: () => [{ id: node.id, host: node.host, port: node.port, role: options.role, slots: 0, up: node.main.open }, ...options.others()],
    masters: () => [node],
    route: routed,
    byId: (id) => (id === node.id ? node : null),
    follow: () =>
      Promise.reject(
        new LookasideError('REDIS_CLUSTER_MODE_MISMATCH', `${node.id} is a node of a cluster and does not hold this key`, {
          hint: 'Choose Cluster, or Auto, as the topology.',
        }),
      ),
    noteMoved: () => undefined,
    problem: () => null,
    close: () => {
      options.close();
      node.close();
    },
  };
}
