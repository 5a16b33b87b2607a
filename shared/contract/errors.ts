import * as v from 'valibot';

/**
 * The closed list of everything that can go wrong across the contract. The renderer holds words for every
 * code (`renderer/lib/error-words.ts` is a total record: a missing one fails the type check).
 */
export const errorCodes = [
  // the request itself
  'INVALID_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'CANCELLED',
  'INTERNAL',
  'UNSUPPORTED',
  'LIMIT_EXCEEDED',
  // the transport between the page and the host
  'HOST_UNREACHABLE',
  // network
  'DNS_FAILED',
  'CONNECTION_REFUSED',
  'HOST_UNROUTABLE',
  'CONNECT_TIMEOUT',
  'CONNECTION_LOST',
  'SOCKET_MISSING',
  'SOCKET_DENIED',
  // ssh
  'SSH_HOST_KEY_UNKNOWN',
  'SSH_HOST_KEY_CHANGED',
  'SSH_AUTH_FAILED',
  'SSH_KEY_UNREADABLE',
  'SSH_PASSPHRASE_REQUIRED',
  'SSH_AGENT_UNAVAILABLE',
  'SSH_FORWARD_REFUSED',
  'SSH_CONFIG_INVALID',
  'SSH_FAILED',
  // tls
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
  'TLS_FAILED',
  // redis
  'REDIS_AUTH_REQUIRED',
  'REDIS_WRONG_PASSWORD',
  'REDIS_NO_PERMISSION',
  'REDIS_PROTECTED_MODE',
  'REDIS_LOADING',
  'REDIS_MASTER_DOWN',
  'REDIS_CLUSTER_DOWN',
  'REDIS_MAX_CLIENTS',
  'REDIS_WRONG_DB',
  'REDIS_WRONG_TYPE',
  'REDIS_READ_ONLY_REPLICA',
  'REDIS_OUT_OF_MEMORY',
  'REDIS_BUSY',
  'REDIS_MISCONF',
  'REDIS_CLUSTER_MODE_MISMATCH',
  'REDIS_SENTINEL_NO_MASTER',
  'REDIS_SENTINEL_UNREACHABLE',
  'REDIS_NOT_REDIS',
  'REDIS_COMMAND_FAILED',
  'OUTCOME_UNKNOWN',
  'READ_ONLY',
  'NOT_CONNECTED',
  'KEY_GONE',
  // postgres
  'PG_WRONG_PASSWORD',
  'PG_PASSWORD_REQUIRED',
  'PG_WRONG_DATABASE',
  'PG_WRONG_ROLE',
  'PG_NO_HBA_ENTRY',
  'PG_TOO_MANY_CONNECTIONS',
  'PG_STARTING_UP',
  'PG_NO_PERMISSION',
  'PG_NOT_POSTGRES',
  'PG_QUERY_FAILED',
  // parsing and files
  'PARSE_FAILED',
  'IMPORT_UNREADABLE',
  'STORE_DISK_FULL',
  'STORE_DENIED',
  'STORE_CORRUPT',
  'STORE_FAILED',
  'SECRETS_NOT_PROTECTED',
  // demo
  'DEMO_UNAVAILABLE',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

const detail = v.union([v.string(), v.number(), v.boolean(), v.null()]);

/** What every error carries besides its code and message. */
export const errorData = v.object({
  /** What to do about it, one sentence; empty when nothing can be added to the code's own words. */
  hint: v.string(),
  /** Facts for the reader and for "copy details"; never a secret. */
  details: v.record(v.string(), detail),
});
export type ErrorData = v.InferOutput<typeof errorData>;
export type ErrorDetails = ErrorData['details'];

/** An error as a value, where it is data (a test step, a connection's state) and not a thrown failure. */
export const problem = v.object({
  code: v.picklist(errorCodes),
  message: v.string(),
  ...errorData.entries,
});
export type Problem = v.InferOutput<typeof problem>;

/**
 * The one error that the host throws on purpose. Anything else that escapes is reduced to INTERNAL at the edge
 * of the contract (`electron/host/contract-edge.ts`).
 */
export class LookasideError extends Error {
  override readonly name = 'LookasideError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { hint?: string; details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? '';
    this.details = options.details ?? {};
  }

  toProblem(): Problem {
    return { code: this.code, message: this.message, hint: this.hint, details: this.details };
  }
}
