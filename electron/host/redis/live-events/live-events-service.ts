import type { LiveCheck, LiveNode, LiveSnapshot } from '../../../../shared/contract/live-events.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { Delimiters } from '../../../../shared/redis/key-name.ts';
import { withKinds } from '../../../../shared/redis/notify-flags.ts';
import type { ConnectionService, LiveEventsService, WorkspaceService } from '../../services.ts';
import { snapshotStream } from '../../snapshots.ts';
import { EventHub } from './event-hub.ts';
import { NotifySettings } from './notify-settings.ts';

/** A page that reloads comes back within this time; only then the servers' setting is given back, ms. */
const usualGraceMs = 5000;

export interface LiveEventsOptions {
  connections: Pick<ConnectionService, 'redis'>;
  workspaces: Pick<WorkspaceService, 'get'>;
  /** The data folder; what was changed on servers stands in `live-events.json`. */
  folder: string;
  report: (error: unknown) => void;
  graceMs?: number;
}

function checkOf(nodes: LiveNode[], kinds: Parameters<typeof withKinds>[1]): LiveCheck {
  const enough = nodes.every((each) => each.enough);
  const blind = nodes.filter(({ flags }) => flags === null);
  const refused = nodes.filter(({ problem, flags, enough: tells }) => problem !== null && flags !== null && !tells);
  const asking = `notify-keyspace-events with at least ${withKinds('', kinds)}`;
  const advice = enough
    ? ''
    : blind.length > 0
      ? `This user may not read the setting on ${blind.map(({ node }) => node).join(', ')}. Ask the administrator to set ${asking} (on a managed service in its parameter group).`
      : refused.length > 0
        ? `This user may not change the setting on ${refused.map(({ node }) => node).join(', ')}. Ask the administrator to set ${asking}.`
        : '';
  return { nodes, enough, canEnable: !enough && nodes.some(({ flags, enough: tells }) => flags !== null && !tells) && refused.length === 0, advice };
}

/** Live keyspace events, and the setting of the servers that they need. */
export function createLiveEventsService(options: LiveEventsOptions): LiveEventsService {
  const { connections, workspaces, report, graceMs = usualGraceMs } = options;
  const settings = new NotifySettings(options.folder);
  const hubs = new Map<string, EventHub>();
  const timers = new Map<string, NodeJS.Timeout>();

  const hubsOf = (workspaceId: string): EventHub[] => [...hubs.values()].filter((hub) => hub.options.session.workspaceId === workspaceId);

  function lookAgain(workspaceId: string): void {
    for (const hub of hubsOf(workspaceId)) hub.follow();
  }

  function keepSettings(workspaceId: string): void {
    clearTimeout(timers.get(workspaceId));
    timers.delete(workspaceId);
  }

  async function giveBack(workspaceId: string): Promise<void> {
    keepSettings(workspaceId);
    tellOf(await settings.restore(connections.redis(workspaceId), { deadOnly: false }));
    lookAgain(workspaceId);
  }

  function tellOf(problems: Awaited<ReturnType<NotifySettings['restore']>>): void {
    for (const { node, problem } of problems) {
      report(new LookasideError(problem.code, `notify-keyspace-events of ${node} could not be given back: ${problem.message}`, { hint: problem.hint }));
    }
  }

  function giveBackSoon(workspaceId: string): void {
    keepSettings(workspaceId);
    timers.set(
      workspaceId,
      setTimeout(() => {
        if (hubsOf(workspaceId).length === 0) giveBack(workspaceId).catch(report);
      }, graceMs).unref(),
    );
  }

  async function* watch({ workspaceId, db, kinds }: Parameters<LiveEventsService['watch']>[0], signal: AbortSignal): AsyncGenerator<LiveSnapshot, void, void> {
    const session = connections.redis(workspaceId);
    const { delimiters } = await workspaces.get(workspaceId);
    const key = JSON.stringify([workspaceId, db, kinds.toSorted()]);
    keepSettings(workspaceId);
    let hub = hubs.get(key);
    if (hub === undefined || hub.options.session !== session) {
      hub?.close();
      hub = new EventHub({ session, settings, db, kinds: [...new Set(kinds)], delimiters: new Delimiters(delimiters), report });
      hubs.set(key, hub);
    }
    const mine = hub;
    mine.watchers += 1;
    try {
      yield* snapshotStream({ read: () => mine.read(), subscribe: (listener) => mine.subscribe(listener), signal, minIntervalMs: 200, maxIntervalMs: 1000 });
    } finally {
      mine.watchers -= 1;
      if (mine.watchers === 0) {
        mine.close();
        if (hubs.get(key) === mine) hubs.delete(key);
        if (hubsOf(workspaceId).length === 0) giveBackSoon(workspaceId);
      }
    }
  }

  async function drop(workspaceId: string): Promise<void> {
    for (const [key, hub] of hubs) {
      if (hub.options.session.workspaceId !== workspaceId) continue;
      hubs.delete(key);
      hub.close();
    }
    try {
      await giveBack(workspaceId);
    } catch (error) {
      // not open: nothing can be given back now, and what was changed is on disk for the next time
      if (!(error instanceof LookasideError)) throw error;
      if (error.code !== 'NOT_CONNECTED') report(error);
    }
    keepSettings(workspaceId);
  }

  return {
    check: async ({ workspaceId, kinds }) => checkOf(await settings.check(connections.redis(workspaceId), kinds), kinds),
    enable: async ({ workspaceId, kinds }) => {
      const nodes = await settings.enable(connections.redis(workspaceId), kinds);
      lookAgain(workspaceId);
      // whoever enables and never watches must not leave it on for ever
      if (hubsOf(workspaceId).length === 0) giveBackSoon(workspaceId);
      return checkOf(nodes, kinds);
    },
    restore: async (workspaceId) => {
      const session = connections.redis(workspaceId);
      const problems = new Map((await settings.restore(session, { deadOnly: false })).map(({ node, problem }) => [node, problem]));
      lookAgain(workspaceId);
      return { nodes: (await settings.check(session, ['expired'])).map((each) => ({ ...each, problem: problems.get(each.node) ?? each.problem })) };
    },
    watch,
    recent: async ({ workspaceId, db, after = 0 }) => {
      const hub = hubsOf(workspaceId).findLast((each) => each.options.db === db);
      return hub?.counts.recent(after) ?? [];
    },
    repair: async (workspaceId) => {
      try {
        tellOf(await settings.restore(connections.redis(workspaceId), { deadOnly: true }));
      } catch (error) {
        // a workspace without Redis has nothing to give back
        if (!(error instanceof LookasideError) || error.code !== 'NOT_CONNECTED') report(error);
      }
    },
    drop,
    closeAll: async () => {
      const open = new Set([...[...hubs.values()].map((hub) => hub.options.session.workspaceId), ...timers.keys()]);
      for (const workspaceId of open) await drop(workspaceId);
    },
  };
}
