import { errorCodes, type ErrorCode, type ErrorDetails, type Problem } from '../../shared/contract/errors.ts';
import { errorWords } from './error-words.ts';

const known: ReadonlySet<unknown> = new Set(errorCodes);

function isCode(value: unknown): value is ErrorCode {
  return known.has(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function toDetails(value: unknown): ErrorDetails {
  if (!isRecord(value)) return {};
  const kept = Object.entries(value).filter(
    (entry): entry is [string, string | number | boolean | null] =>
      entry[1] === null || ['string', 'number', 'boolean'].includes(typeof entry[1]),
  );
  return Object.fromEntries(kept);
}

/**
 * Anything that was caught, as a Problem. Errors of the contract keep their code, message, hint and details, whatever
 * class carried them; an abort is CANCELLED; the rest is INTERNAL with its own message (it comes from the page itself).
 */
export function toProblem(error: unknown): Problem {
  if (isRecord(error)) {
    const message = typeof error['message'] === 'string' ? error['message'] : '';
    if (isCode(error['code'])) {
      const data = isRecord(error['data']) ? error['data'] : error;
      return {
        code: error['code'],
        message: message === '' ? errorWords[error['code']].title : message,
        hint: typeof data['hint'] === 'string' ? data['hint'] : '',
        details: toDetails(data['details']),
      };
    }
    if (error['name'] === 'AbortError') return { code: 'CANCELLED', message: 'Cancelled', hint: '', details: {} };
    if (message !== '') return { code: 'INTERNAL', message, hint: '', details: {} };
  }
  const message = typeof error === 'string' && error !== '' ? error : errorWords.INTERNAL.title;
  return { code: 'INTERNAL', message, hint: '', details: {} };
}

/** What to do: the problem's own hint, else the words of its code. */
export function hintOf(problem: Problem): string {
  return problem.hint === '' ? errorWords[problem.code].hint : problem.hint;
}

/** Plain text for "copy details": code, message, hint and every fact, one a line. */
export function problemText(problem: Problem): string {
  const facts = Object.entries(problem.details).map(([name, value]) => `${name}: ${String(value)}`);
  return [`${problem.code}: ${problem.message}`, hintOf(problem), ...facts].join('\n');
}
