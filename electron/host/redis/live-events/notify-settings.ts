import { randomUUID } from 'node:crypto';
import { uptime } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import type { LiveNode, liveEventKinds } from '../../../../shared/contract/live-events.ts';
import { LookasideError, type Problem } from '../../../../shared/contract/errors.ts';
import { sameFlags, tellsOf, withKinds } from '../../../../shared/redis/notify-flags.ts';
import { replyMap, replyText } from '../../connections/redis/replies.ts';
import { createJsonFile } from '../../store/atomic-file.ts';
import type { RedisSession } from '../session.ts';

type Kind = (typeof liveEventKinds)[number];

const setting = 'notify-keyspace-events';

const changedNode = v.object({
  workspaceId: v.string(),
  node: v.string(),
  /** Exactly as it was read. */
  earlier: v.string(),
  /** What we have set, or were about to set when something ended us. */
  set: v.array(v.string()),
  /** Who did it: this run of the app, its process and when its machine started. */
  session: v.string(),
  pid: v.number(),
  bootAt: v.number(),
});
type ChangedNode = v.InferOutput<typeof changedNode>;
const stored = v.object({ version: v.literal(1), nodes: v.array(changedNode) });

/** Two readings of the machine's start differ by clock corrections, ms. */
const bootSlackMs = 120_000;

function bootTime(): number {
  return Math.round(Date.now() - uptime() * 1000);
}

interface Reading {
  flags: string | null;
  problem: Problem | null;
}

/** The servers' setting for keyspace events: read, widened, and given back exactly as it was. What was changed is on disk first. */
export class NotifySettings {
  readonly #file;
  readonly #session = randomUUID();

  constructor(folder: string) {
    this.#file = createJsonFile({ path: join(folder, 'live-events.json'), empty: () => ({ version: 1 as const, nodes: [] as ChangedNode[] }), parse: (json) => v.parse(stored, json) });
  }

  async check(session: RedisSession, kinds: readonly Kind[]): Promise<LiveNode[]> {
    const { nodes: changed } = await this.#file.read();
    return Promise.all(
      (await session.masters()).map(async ({ id }) => {
        const { flags, problem } = await read(session, id);
        const ours = changed.some((each) => each.workspaceId === session.workspaceId && each.node === id);
        return { node: id, flags, wanted: flags === null ? null : withKinds(flags, kinds), enough: flags !== null && tellsOf(flags, kinds), ours, problem };
      }),
    );
  }

  /** Widens the setting where it is not enough. Rejects with READ_ONLY and STORE_* before anything is changed. */
  async enable(session: RedisSession, kinds: readonly Kind[]): Promise<LiveNode[]> {
    const refusals = new Map<string, Problem>();
    for (const { node, flags, wanted, enough } of await this.check(session, kinds)) {
      if (flags === null || wanted === null || enough) continue;
      const known = (await this.#file.read()).nodes.find((each) => each.workspaceId === session.workspaceId && each.node === node);
      await this.#remember(session.workspaceId, node, { ...this.#owner(), earlier: known?.earlier ?? flags, set: [...(known?.set ?? []), wanted] });
      try {
        await session.call(0, ['CONFIG', 'SET', setting, wanted], { node });
      } catch (error) {
        if (!(error instanceof LookasideError)) throw error;
        // with an open outcome the record stays, and the server's value decides later
        if (error.code !== 'OUTCOME_UNKNOWN') {
          if (known === undefined) await this.#forget(session.workspaceId, node);
          else await this.#remember(session.workspaceId, node, known);
        }
        if (error.code === 'READ_ONLY') throw error;
        refusals.set(node, error.toProblem());
      }
    }
    return (await this.check(session, kinds)).map((each) => ({ ...each, problem: refusals.get(each.node) ?? each.problem }));
  }

  /**
   * Gives the earlier values back where the present one is still ours; what someone else has set since is left alone. With
   * `deadOnly` only what a run of the app left behind that is not alive any more. Returns what could not be done.
   */
  async restore(session: RedisSession, { deadOnly }: { deadOnly: boolean }): Promise<{ node: string; problem: Problem }[]> {
    const { nodes } = await this.#file.read();
    const problems: { node: string; problem: Problem }[] = [];
    for (const entry of nodes) {
      if (entry.workspaceId !== session.workspaceId || (entry.session !== this.#session && isAlive(entry))) continue;
      if (deadOnly && entry.session === this.#session) continue;
      try {
        await this.#restoreNode(session, entry);
      } catch (error) {
        if (!(error instanceof LookasideError)) throw error;
        problems.push({ node: entry.node, problem: error.toProblem() });
      }
    }
    return problems;
  }

  async #restoreNode(session: RedisSession, entry: ChangedNode): Promise<void> {
    const { node, earlier, set } = entry;
    const { flags, problem } = await read(session, node);
    if (flags === null) throw new LookasideError(problem?.code ?? 'REDIS_COMMAND_FAILED', problem?.message ?? 'The setting cannot be read', { hint: problem?.hint ?? '' });
    const ours = set.some((each) => sameFlags(each, flags)) && !sameFlags(earlier, flags);
    if (ours) await session.call(0, ['CONFIG', 'SET', setting, earlier], { node });
    await this.#forget(entry.workspaceId, node);
  }

  #owner(): Pick<ChangedNode, 'session' | 'pid' | 'bootAt'> {
    return { session: this.#session, pid: process.pid, bootAt: bootTime() };
  }

  async #remember(workspaceId: string, node: string, rest: Omit<ChangedNode, 'workspaceId' | 'node'>): Promise<void> {
    await this.#file.update(({ nodes }) => ({ version: 1, nodes: [...without(nodes, workspaceId, node), { ...rest, workspaceId, node }] }));
  }

  async #forget(workspaceId: string, node: string): Promise<void> {
    await this.#file.update(({ nodes }) => ({ version: 1, nodes: without(nodes, workspaceId, node) }));
  }
}

function without(nodes: readonly ChangedNode[], workspaceId: string, node: string): ChangedNode[] {
  return nodes.filter((each) => each.workspaceId !== workspaceId || each.node !== node);
}

function isAlive({ pid, bootAt }: ChangedNode): boolean {
  if (pid === process.pid || Math.abs(bootAt - bootTime()) > bootSlackMs) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to someone else
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function read(session: RedisSession, node: string): Promise<Reading> {
  const [reply] = await session.batch(0, [['CONFIG', 'GET', setting]], { node });
  if (reply instanceof LookasideError) return { flags: null, problem: reply.toProblem() };
  const value = replyMap(reply).get(setting);
  if (value !== undefined) return { flags: replyText(value), problem: null };
  return { flags: null, problem: { code: 'UNSUPPORTED', message: `${node} has no setting ${setting}`, hint: '', details: { node } } };
}
