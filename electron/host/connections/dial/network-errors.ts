import { LookasideError, type ErrorCode } from '../../../../shared/contract/errors.ts';
import { tlsAlertProblem } from './tls-errors.ts';

/** Where a connection was meant to go: a host and port, or the path of a unix socket. */
export type NetworkTarget = { host: string; port: number } | { path: string };

/** A target as people write it: `host:port`, with brackets around IPv6, or the path. */
export function targetText(target: NetworkTarget): string {
  if ('path' in target) return target.path;
  return target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
}

export function targetDetails(target: NetworkTarget): Record<string, string | number> {
  return 'path' in target ? { path: target.path } : { host: target.host, port: target.port };
}

interface Rule {
  code: ErrorCode;
  message: (where: string) => string;
  hint: string;
}

const dns: Rule = {
  code: 'DNS_FAILED',
  message: (where) => `The name in ${where} does not resolve`,
  hint: 'Check the spelling; a private name may need a VPN or an SSH tunnel.',
};
const refused: Rule = {
  code: 'CONNECTION_REFUSED',
  message: (where) => `Nothing listens at ${where}`,
  hint: 'Check that the server runs, that the port is right and that it listens on this address.',
};
const unroutable: Rule = {
  code: 'HOST_UNROUTABLE',
  message: (where) => `There is no route to ${where}`,
  hint: 'Check the network, the VPN, or use an SSH tunnel.',
};
const timeout: Rule = {
  code: 'CONNECT_TIMEOUT',
  message: (where) => `${where} does not answer in time`,
  hint: 'A firewall or security group that drops packets looks like this.',
};
const lost: Rule = {
  code: 'CONNECTION_LOST',
  message: (where) => `The connection to ${where} is closed`,
  hint: 'The server, or something between, ended it.',
};
const missing: Rule = {
  code: 'SOCKET_MISSING',
  message: (where) => `There is no socket at ${where}`,
  hint: 'Check the path and that the server runs with a unix socket.',
};
const denied: Rule = {
  code: 'SOCKET_DENIED',
  message: (where) => `This user may not use ${where}`,
  hint: 'Check the permissions of the socket and of its folder.',
};

const rules = new Map<string, Rule>([
  ['ENOTFOUND', dns],
  ['EAI_AGAIN', dns],
  ['EAI_NODATA', dns],
  ['EAI_NONAME', dns],
  ['EAI_FAIL', dns],
  ['ECONNREFUSED', refused],
  ['EHOSTUNREACH', unroutable],
  ['ENETUNREACH', unroutable],
  ['EHOSTDOWN', unroutable],
  ['ENETDOWN', unroutable],
  ['EADDRNOTAVAIL', unroutable],
  ['ETIMEDOUT', timeout],
  ['ERR_SOCKET_CONNECTION_TIMEOUT', timeout],
  ['ECONNRESET', lost],
  ['ECONNABORTED', lost],
  ['EPIPE', lost],
  ['ERR_STREAM_PREMATURE_CLOSE', lost],
  ['ERR_STREAM_DESTROYED', lost],
  ['ERR_SOCKET_CLOSED', lost],
  ['ENOENT', missing],
  ['ENOTSOCK', missing],
  ['ENOTDIR', missing],
  ['EACCES', denied],
  ['EPERM', denied],
]);

export function errorCodeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Of several addresses that failed, the failure that says most: a refusal is nearer to the truth than "no IPv6 here". */
function mostTelling(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error;
  const order = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH'];
  const found = order.map((code) => error.errors.find((each) => errorCodeOf(each) === code)).find((each) => each !== undefined);
  return found ?? error.errors[0] ?? error;
}

/**
 * A socket's failure as an error of the closed list, by Node's and OpenSSL's codes. A LookasideError passes
 * unchanged; what has no known code becomes CONNECTION_LOST with the system's code in the details.
 */
export function translateNetworkError(error: unknown, target: NetworkTarget): LookasideError {
  if (error instanceof LookasideError) return error;
  const telling = mostTelling(error);
  const code = errorCodeOf(telling);
  if (telling instanceof Error && telling.name === 'AbortError') return new LookasideError('CANCELLED', 'Cancelled', { cause: error });
  const tls = tlsAlertProblem(telling, targetText(target));
  if (tls !== null) return tls;
  const onSocket = 'path' in target;
  const rule = rules.get(code) ?? lost;
  // file codes mean a socket's path; on TCP a denied connect is a local firewall's doing
  const fitting = !onSocket && rule === denied ? unroutable : rule;
  const details = { ...targetDetails(target), ...(code === '' ? {} : { systemCode: code }) };
  const hint = onSocket && fitting === refused ? 'The socket file is there, but no server listens on it.' : fitting.hint;
  return new LookasideError(fitting.code, fitting.message(targetText(target)), { hint, details, cause: error });
}
