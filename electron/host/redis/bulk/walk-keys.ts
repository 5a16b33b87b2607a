import { LookasideError } from '../../../../shared/contract/errors.ts';
import { numberOrNull, listOf, replyOf, replyOrNull, textOf } from '../values/replies.ts';
import type { Command, RedisReply, RedisSession } from '../session.ts';
import { NodePace } from './node-pace.ts';
import { readScanMap, serverRunId, type ScanMap } from './scan-map.ts';
import { SeenNames } from './seen-names.ts';
import { isPassing, rest, untilAnswered } from './server-wait.ts';
import type { NameMatch } from './name-match.ts';

const scanCount = 1000;
/** Walks of a cluster whose slots keep moving, at most; then the counts are estimates. */
const maxPasses = 6;
const settleMs = 500;

export interface NodeWalk {
  node: string;
  /** Keys that SCAN has gone over, about. */
  walked: number;
  /** DBSIZE; `null` when it may not be asked. */
  total: number | null;
  done: boolean;
  backingOff: boolean;
}

export interface KeyWalk {
  session: () => RedisSession;
  db: number;
  /** One master alone; `null` = all. */
  only?: string | null;
  match: NameMatch;
  signal: AbortSignal;
  budget: number | null;
  /** Names that match, each once over the whole walk. The walk of that node goes on when it resolves. */
  onNames: (node: string, names: Buffer[]) => Promise<void>;
  onProgress: (node: NodeWalk) => void;
  onWait: (waiting: boolean) => void;
}

interface ScanPage {
  reply: RedisReply[];
  took: number;
  /** The connection broke before it came: the cursor may be another server's. */
  broke: boolean;
}

/** The node has left, or its process is another one: its cursor means nothing any more. */
class NodeGone extends Error {}

/**
 * Every key that is there from the beginning to the end, once, on all masters at the same time. When slots or masters change
 * meanwhile, all are walked again (names that were met are not met again); `false` when they never came to rest.
 */
export async function walkKeys(walk: KeyWalk): Promise<boolean> {
  const seen = new SeenNames();
  const waiting = { signal: walk.signal, onWait: walk.onWait };
  const map = (): Promise<ScanMap> => untilAnswered(() => readScanMap(walk.session()), waiting);
  for (let pass = 1; ; pass += 1) {
    const before = await map();
    const nodes = before.nodes.filter((node) => (walk.only ?? node) === node);
    const ended = await Promise.all(nodes.map((node) => walkNode(walk, node, seen)));
    const after = await map();
    if (ended.every(Boolean) && !before.moving && !after.moving && before.shape === after.shape) return true;
    if (pass === maxPasses) return false;
    await rest(settleMs, walk.signal);
  }
}

/** False when the node has left before its end. */
async function walkNode(walk: KeyWalk, node: string, seen: SeenNames): Promise<boolean> {
  const { session, signal } = walk;
  const pace = new NodePace({ session, node, budget: walk.budget });
  const progress: NodeWalk = { node, walked: 0, total: null, done: false, backingOff: false };

  /** Asks until it is answered by this node, or the node is gone. */
  const ask = <T>(read: () => Promise<T>): Promise<T> =>
    untilAnswered(
      async () => {
        try {
          return await read();
        } catch (error) {
          if (isPassing(error) && !(await mayComeBack(session(), node))) throw new NodeGone();
          throw error;
        }
      },
      { signal, onWait: walk.onWait },
    );

  try {
    let runId = await ask(() => serverRunId(session(), node));
    progress.total = await ask(async () => numberOrNull(replyOrNull((await session().batch(walk.db, [['DBSIZE']], { node }))[0])));
    const match = walk.match.pattern === null ? [] : ['MATCH', walk.match.pattern];
    const scan = async (cursor: string): Promise<ScanPage> => {
      const command: Command = ['SCAN', cursor, ...match, 'COUNT', scanCount];
      const begun = performance.now();
      let broke = false;
      const reply = await ask(async () => {
        try {
          return listOf(replyOf((await session().batch(walk.db, [command], { node, signal }))[0]));
        } catch (error) {
          broke ||= isPassing(error);
          throw error;
        }
      });
      return { reply, took: performance.now() - begun, broke };
    };
    let page = await scan('0');
    for (;;) {
      const { took } = page;
      if (page.broke) {
        const now = await ask(() => serverRunId(session(), node));
        if (now === '' || now !== runId) {
          runId = now;
          progress.walked = 0;
          page = await scan('0');
          continue;
        }
      }
      const cursor = textOf(page.reply[0]);
      // the server works on the next page while this one is worked on here, unless it is to be spared
      const ahead = cursor !== '0' && walk.budget === null && !pace.backingOff && !page.broke ? scan(cursor) : null;
      ahead?.catch(() => undefined);
      const names = listOf(page.reply[1]).filter((name): name is Buffer => Buffer.isBuffer(name) && walk.match.matches(name) && seen.add(name));
      if (names.length > 0) await walk.onNames(node, names);
      progress.walked += scanCount;
      if (progress.total !== null) progress.walked = Math.min(progress.walked, progress.total);
      if (!page.broke) await ask(() => pace.after(took, signal));
      progress.backingOff = pace.backingOff;
      walk.onProgress({ ...progress });
      if (cursor === '0') break;
      page = await (ahead ?? scan(cursor));
    }
    progress.done = true;
    progress.backingOff = false;
    if (progress.total !== null) progress.walked = progress.total;
    walk.onProgress({ ...progress });
    return true;
  } catch (error) {
    if (error instanceof NodeGone) return false;
    throw error;
  }
}

/** Whether the cluster's map still names this node as a master; outside a cluster the server always comes back as some node. */
async function mayComeBack(session: RedisSession, node: string): Promise<boolean> {
  const facts = session.facts();
  if (facts.topology === 'cluster') return facts.nodes.some((each) => each.id === node && each.role === 'master');
  try {
    return (await session.masters()).some(({ id }) => id === node);
  } catch (error) {
    // not connected at all now: nobody can say that another has taken over
    if (error instanceof LookasideError) return true;
    throw error;
  }
}
