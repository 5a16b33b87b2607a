import type { LookasideError } from '../../../../shared/contract/errors.ts';
import type { MasterNode } from '../../redis/session.ts';
import type { NetworkTarget } from '../dial/network-errors.ts';
import type { RedisAccess } from './access.ts';
import type { Link } from './link.ts';

/** Milliseconds after which a connection to another database than the profile's is closed when nothing uses it. */
const idleMs = 60_000;

/** The connections to one node: one for the profile's database, one more for each other database in use. */
export interface NodeLinks extends MasterNode {
  readonly target: NetworkTarget;
  readonly main: Link;
  /** The connection for a database; opened when it is the first use. Rejects with a LookasideError. */
  link(db: number): Link | Promise<Link>;
  close(): void;
}

/** How a node is named everywhere: `host:port`, or the path of its socket. */
export function nodeId(target: NetworkTarget): string {
  return 'path' in target ? target.path : `${target.host}:${target.port}`;
}

interface Extra {
  opening: Promise<Link>;
  link: Link | null;
  timer: NodeJS.Timeout;
}

export async function openNode(
  access: RedisAccess,
  target: NetworkTarget,
  signal: AbortSignal,
  onEnd: (problem: LookasideError) => void,
): Promise<NodeLinks> {
  const main = await access.open(target, { signal });
  return nodeOver(access, main, onEnd);
}

export function nodeOver(access: RedisAccess, main: Link, onEnd: (problem: LookasideError) => void): NodeLinks {
  const { target } = main;
  const over = new AbortController();
  const extras = new Map<number, Extra>();

  function dropExtra(db: number): void {
    const extra = extras.get(db);
    if (extra === undefined) return;
    clearTimeout(extra.timer);
    extras.delete(db);
    extra.link?.close();
  }

  function extraLink(db: number): Link | Promise<Link> {
    const known = extras.get(db);
    if (known !== undefined && (known.link === null || known.link.open)) {
      known.timer.refresh();
      return known.link ?? known.opening;
    }
    dropExtra(db);
    const opening = access.open(target, { signal: over.signal, db });
    const extra: Extra = { opening, link: null, timer: setTimeout(() => dropExtra(db), idleMs) };
    extra.timer.unref();
    extras.set(db, extra);
    opening.then(
      (link) => {
        extra.link = link;
        if (extras.get(db) !== extra) link.close();
      },
      () => {
        if (extras.get(db) === extra) dropExtra(db);
      },
    );
    return opening;
  }

  void main.ended.then((problem) => {
    if (over.signal.aborted) return;
    for (const db of extras.keys()) dropExtra(db);
    onEnd(problem);
  });

  return {
    id: nodeId(target),
    host: 'path' in target ? target.path : target.host,
    port: 'path' in target ? 0 : target.port,
    target,
    main,
    link: (db) => (db === main.db ? main : extraLink(db)),
    close: () => {
      over.abort();
      for (const db of extras.keys()) dropExtra(db);
      main.close();
    },
  };
}
