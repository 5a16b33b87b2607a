import { LookasideError } from '../../../../shared/contract/errors.ts';
import { foldName, type CommandTable } from '../../../../shared/redis/command-table.ts';
import type { Command } from '../../redis/session.ts';

/**
 * Commands that change the connection itself. All screens share it, so they would answer the wrong database, join a
 * transaction of someone else's, or get no replies any more.
 */
const stateful: ReadonlySet<string> = new Set(
  (
    'asking auth client|caching client|no-evict client|no-touch client|reply client|setinfo client|setname client|tracking discard exec hello monitor ' +
    'multi psubscribe psync punsubscribe quit readonly readwrite replconf reset script|debug select ssubscribe subscribe sunsubscribe sync unsubscribe unwatch watch'
  ).split(' '),
);

/** Commands that make the connection wait, whatever the server says of them. */
const waiting: ReadonlySet<string> = new Set('blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin wait waitaof'.split(' '));

/** Throws UNSUPPORTED for what cannot go over a connection that others use at the same time, and INVALID_INPUT for what is no command. */
export function checkShareable(table: CommandTable, command: Command): void {
  const name = foldName(command[0]);
  if (name === '') throw new LookasideError('INVALID_INPUT', 'There is no command');
  const sub = command[1] === undefined ? '' : foldName(command[1]);
  const isStateful = stateful.has(name) || stateful.has(`${name}|${sub}`);
  const reads = name === 'xread' || name === 'xreadgroup';
  const waits = reads
    ? command.some((part, at) => at > 0 && foldName(part) === 'block' && beforeStreams(command, at))
    : waiting.has(name) || table.get(name)?.flags.has('blocking') === true;
  if (!isStateful && !waits) return;
  const shown = (stateful.has(name) || sub === '' || waits ? name : `${name} ${sub}`).toUpperCase();
  throw new LookasideError('UNSUPPORTED', `${shown} cannot be sent: ${waits ? 'it blocks' : 'it changes'} the connection that all screens share`, {
    hint: name === 'select' ? 'Choose the database of the screen instead.' : '',
    details: { command: shown },
  });
}

/** After STREAMS come names and ids, where `block` would be an ordinary key. */
function beforeStreams(command: Command, at: number): boolean {
  const streams = command.findIndex((part, index) => index > 0 && foldName(part) === 'streams');
  return streams === -1 || at < streams;
}
