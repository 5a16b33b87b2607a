import { fromWire, toWire, type WireBytes } from '../../../../shared/bytes.ts';
import type { StoredFacts } from '../../../../shared/contract/key-facts.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { FromWorker, HostCalls, HostMethod, IndexCalls, IndexMethod, IndexWorkerData, ToWorker } from './index-messages.ts';
import { KeyGroups } from './key-groups.ts';
import { topKeys, ttlHistogram } from './key-questions.ts';
import { takeSketch } from './key-sketch.ts';
import { IndexScan } from './index-scan.ts';
import { PendingCalls, toProblem } from './pending-calls.ts';
import { rootFolder } from './prefix-tree.ts';
import type { KeyWalk, View } from './view.ts';

interface OpenWalk {
  /** Kept so that the walk goes on when the view itself is closed or moved to another tree. */
  view: View;
  walk: KeyWalk;
  nameOf: (key: number) => Uint8Array;
  factsOf: (key: number) => StoredFacts | null;
}
type Handlers = { [M in IndexMethod]: (input: IndexCalls[M]['input']) => IndexCalls[M]['output'] | Promise<IndexCalls[M]['output']> };

export interface IndexProgram {
  /** Takes a message of the host. */
  receive(message: Exclude<ToWorker, { kind: 'begin' }>): void;
}

/** One keyspace index and its scans behind messages: what a worker thread runs. It opens its own sockets; the host tells it where. */
export function createIndexProgram(data: IndexWorkerData, post: (message: FromWorker) => void): IndexProgram {
  const pending = new PendingCalls();

  function askHost<M extends HostMethod>(method: M, input: HostCalls[M]['input']): Promise<HostCalls[M]['output']> {
    // the pair of method and input is right by the signature, which the compiler cannot follow into the union
    const ask = pending.call((id) => post({ kind: 'call', id, method, input } as FromWorker));
    return ask as Promise<HostCalls[M]['output']>;
  }

  const scan = new IndexScan(data, {
    endpoint: (nodeId) => askHost('endpoint', { nodeId }),
    topology: () => askHost('topology', {}),
    snapshot: (snapshot) => post({ kind: 'snapshot', snapshot }),
    work: (work) => post({ kind: 'work', work }),
  });
  const { index } = scan;
  const groups = new KeyGroups(index);

  const walks = new Map<number, OpenWalk>();
  let lastWalk = 0;

  const handlers: Handlers = {
    start: () => {
      scan.start();
      return scan.snapshot();
    },
    leave: () => {
      scan.leave();
      return scan.snapshot();
    },
    pause: () => {
      scan.pause();
      return scan.snapshot();
    },
    resume: () => {
      scan.resume();
      return scan.snapshot();
    },
    restart: () => {
      scan.restart();
      return scan.snapshot();
    },
    topologyChanged: async () => {
      await scan.topologyChanged();
      return {};
    },
    configure: ({ delimiters, budget }) => {
      if (delimiters !== undefined) index.setDelimiters(delimiters);
      if (budget !== undefined) scan.setBudget(budget);
      return scan.snapshot();
    },
    noteChange: ({ added, removed }) => {
      scan.noteChange(added.map(fromWire), removed.map(fromWire));
      return {};
    },
    openView: async ({ viewId, options, waitMs }) => {
      await scan.firstNames(waitMs);
      const { total, keys, judged } = await index.openView(viewId, options);
      return { total, keys, exactness: index.exactness === 'exact' && !judged ? 'atLeast' : index.exactness };
    },
    closeView: ({ viewId }) => {
      index.closeView(viewId);
      return {};
    },
    rows: ({ viewId, from, count, anchor }) => index.view(viewId).rows(from, count, anchor, index.exactness),
    toggle: ({ viewId, folderId, open, deep }) => {
      const view = index.view(viewId);
      view.toggle(folderId, open, deep);
      return { total: view.totals().total, expanded: view.expanded() };
    },
    reveal: ({ viewId, name, folder }) => {
      const view = index.view(viewId);
      const at = view.reveal(fromWire(name), folder);
      return { at, total: view.totals().total, expanded: view.expanded() };
    },
    names: ({ viewId, ranges, limit }) => ({ names: index.view(viewId).names(ranges, limit) }),
    openWalk: async ({ viewId, folderId }) => {
      const view = await index.completeView(viewId);
      const total = view.countBelow(folderId ?? rootFolder);
      lastWalk += 1;
      walks.set(lastWalk, { view, walk: view.keysBelow(folderId ?? rootFolder), nameOf: view.nameReader(), factsOf: view.factsReader() });
      return { walkId: lastWalk, total };
    },
    walk: ({ walkId, bytes, facts }) => {
      const open = walks.get(walkId);
      if (open === undefined) throw new LookasideError('NOT_FOUND', 'This walk over the keys is closed');
      open.view.sync(index.version);
      const names: WireBytes[] = [];
      const known: (StoredFacts | null)[] = [];
      for (let left = bytes; left > 0; ) {
        const key = open.walk.next();
        if (key === null) return { names, facts: known, done: true };
        const name = open.nameOf(key);
        names.push(toWire(name));
        if (facts) known.push(open.factsOf(key));
        left -= name.length + (facts ? 150 : 16);
      }
      return { names, facts: known, done: false };
    },
    closeWalk: ({ walkId }) => {
      walks.delete(walkId);
      return {};
    },
    enrich: ({ fields, refresh = false }) => {
      scan.enrich(fields, refresh);
      return scan.snapshot();
    },
    namespaces: (input) => groups.namespaces(input),
    treemap: (input) => groups.treemap(input),
    top: (input) => topKeys(index, input),
    sketch: ({ viewId, templates }) => takeSketch(index, viewId, templates),
    ttlHistogram: (input) => ttlHistogram(index, input),
  };

  async function serve(message: Extract<ToWorker, { kind: 'call' }>): Promise<void> {
    try {
      const handler = handlers[message.method] as (input: unknown) => unknown;
      post({ kind: 'answer', id: message.id, value: await handler(message.input) });
    } catch (error) {
      post({ kind: 'refusal', id: message.id, problem: toProblem(error) });
    }
  }

  return {
    receive: (message) => {
      if (message.kind === 'call') void serve(message);
      else if (message.kind === 'answer') pending.answer(message.id, message.value);
      else pending.refuse(message.id, message.problem);
    },
  };
}
