import { LookasideError } from '../../../../shared/contract/errors.ts';
import { foldName, type CommandTable } from '../../../../shared/redis/command-table.ts';
import { mayHaveEffect } from '../../../../shared/redis/read-only-gate.ts';
import { keySlot } from '../../../../shared/redis/slot.ts';
import { Command as DriverCommand } from 'ioredis';
import type { CallOptions, Command, CommandPart, RedisReply } from '../../redis/session.ts';
import type { ImpactMeter } from './impact-meter.ts';
import type { Link } from './link.ts';
import type { NodeLinks } from './node-links.ts';
import type { Topology } from './topology.ts';

/** Redirections that one command may take, as the cluster specification advises a small limit. */
const maxHops = 5;
const tryAgainMs = 100;

function asBytes(part: CommandPart): Buffer {
  return Buffer.isBuffer(part) ? part : Buffer.from(String(part));
}

/** The driver throws on arguments that make no sense, which the server refuses wherever they go. */
function driverKey(name: string, parts: readonly CommandPart[]): CommandPart | undefined {
  try {
    return new DriverCommand(name.toLowerCase(), [...parts], { replyEncoding: null }).getKeys()[0];
  } catch {
    return undefined;
  }
}

/** First key of a command, for routing: by the driver's table of argument shapes, else by the server's own. */
export function firstKey(table: CommandTable, command: Command): Buffer | null {
  const [name, ...parts] = command;
  const known = driverKey(name, parts);
  if (known !== undefined) return asBytes(known);
  const entry = table.get(foldName(name));
  const sub = command[1] === undefined ? undefined : entry?.subcommands.get(foldName(command[1]));
  const at = (sub ?? entry)?.firstKey ?? 0;
  const key = at > 0 ? command[at] : undefined;
  return key === undefined ? null : asBytes(key);
}

/** Name as `INFO commandstats` counts it: `get`, `config|get`. */
function statName(table: CommandTable, command: Command): string {
  const name = foldName(command[0]);
  const sub = command[1] === undefined ? '' : foldName(command[1]);
  return table.get(name)?.subcommands.has(sub) === true ? `${name}|${sub}` : name;
}

function redirection(error: unknown): { kind: 'MOVED' | 'ASK'; slot: number; host: string; port: number } | null {
  if (!(error instanceof LookasideError)) return null;
  const found = /^(MOVED|ASK) (\d+) (.*):(\d+)$/.exec(String(error.details['reply'] ?? ''));
  if (found === null) return null;
  const [, kind, slot, host, port] = found;
  return { kind: kind === 'ASK' ? 'ASK' : 'MOVED', slot: Number(slot), host: host ?? '', port: Number(port) };
}

const isTryAgain = (error: unknown): boolean => error instanceof LookasideError && String(error.details['reply'] ?? '').startsWith('TRYAGAIN');

function cancelled(): LookasideError {
  return new LookasideError('CANCELLED', 'Cancelled');
}

/** Gives up waiting when the signal aborts; the command itself goes on. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(cancelled());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * Sends commands to the nodes where their keys are. A command is sent again only after a reply that says it was not carried
 * out (MOVED, ASK, TRYAGAIN); never after a lost connection.
 */
export async function sendRouted(
  topology: Topology,
  table: CommandTable,
  meter: ImpactMeter,
  db: number,
  commands: readonly Command[],
  options: CallOptions,
): Promise<(RedisReply | LookasideError)[]> {
  if (options.signal?.aborted === true) throw cancelled();

  const target = (command: Command): NodeLinks => {
    if (options.node === undefined) return topology.route(topology.kind === 'cluster' ? firstKey(table, command) : null);
    const node = topology.byId(options.node);
    if (node !== null) return node;
    throw new LookasideError('CONNECTION_LOST', `${options.node} is not connected, or holds no keys any more`, {
      hint: 'Ask for the masters again: the topology may have changed.',
      details: { node: options.node },
    });
  };

  const outcomes: Promise<RedisReply | LookasideError>[] = [];
  const groups = new Map<NodeLinks, number[]>();
  commands.forEach((command, at) => {
    try {
      const node = target(command);
      const group = groups.get(node);
      if (group === undefined) groups.set(node, [at]);
      else group.push(at);
    } catch (error) {
      outcomes[at] = settled(Promise.reject(error));
    }
  });

  await Promise.all(
    [...groups].map(async ([node, positions]) => {
      let link: Link;
      try {
        const found = node.link(db);
        link = 'send' in found ? found : await orAbort(found, options.signal);
      } catch (error) {
        for (const at of positions) outcomes[at] = settled(Promise.reject(error));
        return;
      }
      for (const at of positions) meter.count(statName(table, commands[at] as Command), 1);
      const replies = link.sendAll(positions.map((at) => ({ command: commands[at] as Command, effect: mayHaveEffect(table, commands[at] as Command) })));
      replies.forEach((reply, index) => {
        const at = positions[index] as number;
        outcomes[at] = settled(topology.kind === 'cluster' ? followed(commands[at] as Command, node, reply) : reply);
      });
    }),
  );
  return orAbort(Promise.all(outcomes), options.signal);

  async function followed(command: Command, from: NodeLinks, first: Promise<RedisReply>): Promise<RedisReply> {
    let node = from;
    let reply = first;
    for (let hop = 0; ; hop += 1) {
      try {
        return await reply;
      } catch (error) {
        const next = redirection(error);
        if (hop >= maxHops || options.signal?.aborted === true || (next === null && !isTryAgain(error))) throw error;
        const effect = mayHaveEffect(table, command);
        if (next === null) {
          await new Promise((resolve) => setTimeout(resolve, tryAgainMs));
          reply = resend(node, [{ command, effect }]);
          continue;
        }
        // an empty host means the node that answered
        node = await topology.follow({ host: next.host === '' ? node.host : next.host, port: next.port });
        if (next.kind === 'MOVED') {
          const key = firstKey(table, command);
          topology.noteMoved(key === null ? next.slot : keySlot(key), node);
          reply = resend(node, [{ command, effect }]);
        } else {
          reply = resend(node, [{ command: ['ASKING'], effect: false }, { command, effect }]);
        }
      }
    }
  }

  async function resend(node: NodeLinks, all: { command: Command; effect: boolean }[]): Promise<RedisReply> {
    const link = await node.link(db);
    meter.count(statName(table, (all.at(-1) as { command: Command }).command), 1);
    const replies = link.sendAll(all);
    const results = await Promise.allSettled(replies);
    const last = results.at(-1) as PromiseSettledResult<RedisReply>;
    if (last.status === 'rejected') throw last.reason;
    return last.value;
  }
}

/** A failure as a value. What is no LookasideError is a fault of this program and passes. */
function settled(reply: Promise<RedisReply>): Promise<RedisReply | LookasideError> {
  return reply.catch((error: unknown) => {
    if (error instanceof LookasideError) return error;
    throw error;
  });
}
