import { LookasideError, type ErrorCode, type ErrorDetails } from '../../../../shared/contract/errors.ts';
import { errorCodeOf, targetDetails, targetText, translateNetworkError, type NetworkTarget } from '../dial/network-errors.ts';

export interface RedisErrorContext {
  /** The node that was spoken to. */
  target: NetworkTarget;
  /** Name of the command that failed, for the details; never its arguments. */
  command?: string | undefined;
  /** User of the connection; empty means the default user. */
  user?: string | undefined;
  /** Database that was asked for. */
  db?: number | undefined;
  /** The command was handed to the socket before it broke. */
  sent?: boolean | undefined;
  /** The command may change something, so a lost reply leaves its outcome open. */
  effect?: boolean | undefined;
}

interface Rule {
  code: ErrorCode;
  test: RegExp;
  message: (context: RedisErrorContext, text: string) => string;
  hint: string | ((context: RedisErrorContext, text: string) => string);
}

const where = (context: RedisErrorContext): string => targetText(context.target);
const userName = (context: RedisErrorContext): string => (context.user === undefined || context.user === '' ? 'default' : context.user);

/**
 * The server's own texts (Redis 2.8 to 8, Valkey, KeyDB, Dragonfly). The first rule that fits wins, so the special ones
 * stand first.
 */
const rules: readonly Rule[] = [
  {
    code: 'REDIS_PROTECTED_MODE',
    test: /^-?DENIED /,
    message: (context) => `${where(context)} runs in protected mode and refuses connections from other machines`,
    hint: 'Set a password or a bind address on the server, or connect through SSH so that the connection comes from its own machine.',
  },
  {
    code: 'REDIS_AUTH_REQUIRED',
    test: /^NOAUTH |^ERR operation not permitted/,
    message: (context) => `${where(context)} asks for a password`,
    hint: 'Give the password, and the user name if the server has ACL users.',
  },
  {
    code: 'REDIS_WRONG_PASSWORD',
    test: /^WRONGPASS |^ERR invalid password/i,
    message: (context) => `${where(context)} does not accept this password for the user ${userName(context)}`,
    hint: (context) =>
      context.user === undefined || context.user === ''
        ? 'Check the password. If the server has ACL users, the user name is needed too.'
        : 'Check the user name and the password; a user that is switched off is refused in the same way.',
  },
  {
    code: 'REDIS_NO_PERMISSION',
    // inside a script the refusal comes in other words
    test: /^NOPERM |^ERR ACL failure in script: |^ERR The user executing the script can't/,
    message: (context, text) => `The user ${userName(context)} ${deniedThing(text, context.command)}`,
    hint: 'Whoever runs the server can allow it with ACL SETUSER.',
  },
  {
    code: 'REDIS_LOADING',
    test: /^LOADING /,
    message: (context) => `${where(context)} is loading its data set into memory`,
    hint: 'It answers when it is done; the connection is tried again by itself.',
  },
  {
    code: 'REDIS_MASTER_DOWN',
    test: /^MASTERDOWN /,
    message: (context) => `${where(context)} is a replica without its master, and serves no stale data`,
    hint: 'Connect to the master, wait until the link is up, or set replica-serve-stale-data yes on the server.',
  },
  {
    code: 'REDIS_CLUSTER_DOWN',
    test: /^CLUSTERDOWN /,
    message: (_context, text) => `The cluster is down: ${text.slice('CLUSTERDOWN '.length).replace(/^The cluster is down\.?\s*/i, '') || 'it serves no keys'}`,
    hint: 'Some slots have no master that is up. CLUSTER INFO and CLUSTER NODES on any node say which.',
  },
  {
    code: 'REDIS_MAX_CLIENTS',
    test: /max number of clients (?:\+ cluster connections )?reached/i,
    message: (context) => `${where(context)} has no room for another client (maxclients)`,
    hint: 'Close idle clients, or raise maxclients with CONFIG SET on the server.',
  },
  {
    code: 'REDIS_WRONG_DB',
    test: /DB index is out of range|invalid DB index|SELECT is not allowed in cluster mode/i,
    message: (context) => `${where(context)} has no database ${context.db ?? ''}`.trimEnd(),
    hint: (_context, text) =>
      /cluster/i.test(text) ? 'A cluster has database 0 only.' : 'Databases count from 0; CONFIG GET databases says how many there are (16 by default).',
  },
  {
    code: 'REDIS_WRONG_TYPE',
    test: /^WRONGTYPE /,
    message: () => 'The key holds another type than this command works on',
    hint: 'Read the key again: it may have been replaced.',
  },
  {
    code: 'REDIS_READ_ONLY_REPLICA',
    test: /^READONLY /,
    message: (context) => `${where(context)} is a replica and takes no writes`,
    hint: 'Connect to the master. After a failover the connection moves by itself.',
  },
  {
    code: 'REDIS_OUT_OF_MEMORY',
    test: /^OOM /,
    message: (context) => `${where(context)} has reached maxmemory and its policy evicts nothing that would make room`,
    hint: 'Free memory, raise maxmemory, or choose an evicting maxmemory-policy.',
  },
  {
    code: 'REDIS_BUSY',
    test: /^BUSY /,
    message: (context) => `${where(context)} is busy with a script or a function`,
    hint: 'Wait for it, or end it on the server with SCRIPT KILL or FUNCTION KILL.',
  },
  {
    code: 'REDIS_MISCONF',
    test: /^MISCONF |^NOREPLICAS /,
    message: (context, text) =>
      text.startsWith('NOREPLICAS')
        ? `${where(context)} takes no writes: too few replicas are in step`
        : `${where(context)} takes no writes: it cannot save to its disk`,
    hint: 'The log of the server says why.',
  },
  {
    code: 'REDIS_CLUSTER_MODE_MISMATCH',
    test: /cluster support disabled/i,
    message: (context) => `${where(context)} is not part of a cluster`,
    hint: 'Choose Standalone, or Auto, as the topology.',
  },
  {
    code: 'REDIS_CLUSTER_MODE_MISMATCH',
    test: /^(?:MOVED|ASK) \d+/,
    message: (context) => `${where(context)} is a node of a cluster and does not hold this key`,
    hint: 'Choose Cluster, or Auto, as the topology.',
  },
  {
    code: 'REDIS_COMMAND_FAILED',
    test: /^CROSSSLOT /,
    message: () => 'The keys of this command lie in different slots of the cluster',
    hint: 'Send one command per slot; keys with the same {hash tag} share one.',
  },
  {
    code: 'KEY_GONE',
    test: /no such key$/i,
    message: () => 'The key is gone',
    hint: 'It expired, was evicted or was deleted.',
  },
];

function deniedThing(text: string, command: string | undefined): string {
  const named = /run the '([^']+)' command/.exec(text)?.[1] ?? command;
  if (/command/.test(text) && named !== undefined) return `may not run ${named.replace('|', ' ').toUpperCase()}`;
  if (/key/.test(text)) return 'may not use this key';
  if (/channel/.test(text)) return 'may not use this channel';
  return named === undefined ? 'may not do this' : `may not run ${named.replace('|', ' ').toUpperCase()}`;
}

const closedByDriver = new Set([
  'Connection is closed.',
  "Stream isn't writeable and enableOfflineQueue options is false",
  'Command aborted due to connection close',
]);

/** What the driver throws for replies of the server; its class is not exported with a type. */
function isReplyError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}

function detailsOf(context: RedisErrorContext): ErrorDetails {
  const details: ErrorDetails = targetDetails(context.target);
  return context.command === undefined ? details : { ...details, command: context.command };
}

/** The answer of the server may quote what was sent (`with args beginning with: ...`), which may be a secret or a value. */
function withoutArguments(text: string): string {
  return text.replace(/,?\s*with args beginning with:.*$/su, '').slice(0, 500);
}

/** The error of a connection that broke: open outcome for what may have had an effect, else a plain loss. */
export function lostConnection(context: RedisErrorContext, cause?: unknown): LookasideError {
  const details = detailsOf(context);
  if (context.sent === true && context.effect === true) {
    return new LookasideError('OUTCOME_UNKNOWN', `The connection to ${where(context)} broke before the answer to ${context.command ?? 'the command'} came`, {
      hint: 'It may or may not have been carried out. Look at the key before doing it again.',
      details,
      cause,
    });
  }
  return new LookasideError('CONNECTION_LOST', `The connection to ${where(context)} is lost`, {
    hint: context.sent === true ? 'It only reads, so it can be done again.' : 'Nothing was sent. It is connected again by itself.',
    details,
    cause,
  });
}

/**
 * A failure of the driver, the socket or the server as an error of the closed list. Pure. Arguments of commands never
 * get into the message or the details.
 */
export function translateRedisError(error: unknown, context: RedisErrorContext): LookasideError {
  if (error instanceof LookasideError) return error;
  if (isReplyError(error)) {
    const text = error.message;
    const rule = rules.find((each) => each.test.test(text));
    const details = { ...detailsOf(context), reply: withoutArguments(text) };
    if (rule === undefined) {
      const name = context.command === undefined ? 'the command' : context.command.toUpperCase();
      return new LookasideError('REDIS_COMMAND_FAILED', `${where(context)} refuses ${name}: ${withoutArguments(text).replace(/^ERR /, '')}`, { details });
    }
    const hint = typeof rule.hint === 'string' ? rule.hint : rule.hint(context, text);
    return new LookasideError(rule.code, rule.message(context, text), { hint, details });
  }
  const isClosed = error instanceof Error && (closedByDriver.has(error.message) || error.name === 'MaxRetriesPerRequestError');
  if (isClosed || (context.sent === true && errorCodeOf(error) !== '')) return lostConnection(context);
  if (error instanceof Error && error.message.includes('Please report this')) return notRedis(context, whatAnswers(''), error);
  return translateNetworkError(error, context.target);
}

const others: readonly (readonly [RegExp, string])[] = [
  [/^HTTP\//, 'a web server'],
  [/^SSH-/, 'an SSH server'],
];

/** What speaks instead of Redis, from the first bytes that came. */
export function whatAnswers(firstBytes: string): string {
  return others.find(([test]) => test.test(firstBytes))?.[1] ?? 'something else';
}

export function notRedis(context: RedisErrorContext, what: string, cause?: unknown): LookasideError {
  return new LookasideError('REDIS_NOT_REDIS', `${where(context)} is ${what}, not Redis`, {
    hint: 'Check the host and the port.',
    details: detailsOf(context),
    cause,
  });
}

const permanent: ReadonlySet<ErrorCode> = new Set([
  'INVALID_INPUT',
  'UNSUPPORTED',
  'SOCKET_DENIED',
  'SSH_HOST_KEY_UNKNOWN',
  'SSH_HOST_KEY_CHANGED',
  'SSH_AUTH_FAILED',
  'SSH_KEY_UNREADABLE',
  'SSH_PASSPHRASE_REQUIRED',
  'SSH_CONFIG_INVALID',
  'TLS_EXPECTED_BY_SERVER',
  'TLS_NOT_SPOKEN',
  'TLS_CERT_EXPIRED',
  'TLS_CERT_NOT_YET_VALID',
  'TLS_CERT_SELF_SIGNED',
  'TLS_CERT_UNTRUSTED',
  'TLS_NAME_MISMATCH',
  'TLS_PIN_MISMATCH',
  'TLS_CLIENT_CERT_REQUIRED',
  'TLS_MATERIAL_INVALID',
  'REDIS_AUTH_REQUIRED',
  'REDIS_WRONG_PASSWORD',
  'REDIS_NO_PERMISSION',
  'REDIS_PROTECTED_MODE',
  'REDIS_WRONG_DB',
  'REDIS_CLUSTER_MODE_MISMATCH',
  'REDIS_NOT_REDIS',
]);

/** Whether waiting does not help: someone has to change something. Such a connection is tried again only by hand. */
export function isPermanent(code: ErrorCode): boolean {
  return permanent.has(code);
}
