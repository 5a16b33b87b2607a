import { mapEventIterator, ORPCError } from '@orpc/client';
import { ValidationError } from '@orpc/contract';
import { errorCodes, LookasideError, type ErrorCode, type ErrorData, type ErrorDetails } from '../../shared/contract/errors.ts';

/** Gets unexpected failures, for the log. They may hold secrets. */
export type Report = (error: unknown) => void;
export type ContractError = ORPCError<ErrorCode, ErrorData>;

const known: ReadonlySet<string> = new Set(errorCodes);
const longestText = 200;

function shorten(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}

type Issue = ValidationError['issues'][number];

function pathOf(issue: Issue): string {
  return shorten((issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'));
}

/** What was expected, without what was received: a misplaced password must not come back in a message. */
function expectation(issue: Issue): string {
  return shorten(issue.message.replace(/ but received .*$/s, ''));
}

function badInput(error: ValidationError): ContractError {
  const lines = error.issues.slice(0, 5).map((issue) => {
    const path = pathOf(issue);
    return path === '' ? expectation(issue) : `${path}: ${expectation(issue)}`;
  });
  const first = error.issues[0];
  return contractError('INVALID_INPUT', lines.join('; '), first === undefined ? {} : { field: pathOf(first) });
}

/** Details that pass the contract's own schema, so that one odd number never turns a good error into INTERNAL. */
function plainDetails(details: ErrorDetails): ErrorDetails {
  const entries = Object.entries(details) as [string, unknown][];
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const plain = value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
      return [name, plain ? (value as ErrorDetails[string]) : typeof value === 'number' ? `${value}` : typeof value];
    }),
  );
}

/** An error of the closed list in the form that the transports carry. */
export function contractError(code: ErrorCode, message: string, details: ErrorDetails = {}, hint = ''): ContractError {
  return new ORPCError(code, { defined: true, message, data: { hint, details: plainDetails(details) } });
}

/** Any failure as an error of the closed list. What was not thrown on purpose loses its message: it may hold a secret. */
export function toContractError(error: unknown, report: Report, signal?: AbortSignal): ContractError {
  if (error instanceof LookasideError) return contractError(error.code, error.message, error.details, error.hint);
  if (error instanceof ORPCError) {
    if (error.defined && known.has(error.code)) return error as ContractError;
    if (error.code === 'BAD_REQUEST' && error.cause instanceof ValidationError) return badInput(error.cause);
  }
  const aborted = error instanceof Error && error.name === 'AbortError';
  if (aborted || signal?.aborted === true) return contractError('CANCELLED', 'Cancelled');
  report(error);
  return contractError('INTERNAL', 'Something failed inside Lookaside');
}

interface Call {
  signal?: AbortSignal | undefined;
  next: () => Promise<unknown>;
}

function isStream(output: unknown): output is AsyncIteratorObject<unknown, unknown, void> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

/**
 * Wraps each call at the outermost place, so that bad input, thrown errors and failing streams all leave the same way.
 * An abort also closes the stream itself: a generator that is suspended at a yield, because its reader stalls, would
 * otherwise keep what it holds.
 */
export function edgeInterceptor(report: Report) {
  return async ({ signal, next }: Call): Promise<unknown> => {
    try {
      const output = await next();
      if (!isStream(output)) return output;
      const stream = mapEventIterator(output, {
        value: async (value) => value,
        error: async (error) => toContractError(error, report, signal),
      });
      const close = (): void => {
        stream.return().catch((error: unknown) => void toContractError(error, report, signal));
      };
      if (signal?.aborted === true) close();
      else signal?.addEventListener('abort', close, { once: true });
      return stream;
    } catch (error) {
      throw toContractError(error, report, signal);
    }
  };
}
