import { ORPCError } from '@orpc/client';
import { describe, expect, it } from 'vitest';
import { errorCodes, LookasideError } from '../../shared/contract/errors.ts';
import { errorWords } from './error-words.ts';
import { hintOf, problemText, toProblem } from './to-problem.ts';

describe('toProblem', () => {
  it('keeps an error of the contract whole', () => {
    const error = new ORPCError('REDIS_WRONG_PASSWORD', { defined: true, message: 'cache:6379 refuses', data: { hint: 'Check it.', details: { user: 'app', tries: 2 } } });
    expect(toProblem(error)).toEqual({ code: 'REDIS_WRONG_PASSWORD', message: 'cache:6379 refuses', hint: 'Check it.', details: { user: 'app', tries: 2 } });
  });

  it('keeps an error thrown by shared code', () => {
    expect(toProblem(new LookasideError('PARSE_FAILED', 'no server', { hint: 'Paste a URL.' }))).toEqual({
      code: 'PARSE_FAILED',
      message: 'no server',
      hint: 'Paste a URL.',
      details: {},
    });
  });

  it('knows an abort', () => {
    expect(toProblem(new DOMException('left', 'AbortError')).code).toBe('CANCELLED');
  });

  it.each([[null], [undefined], [''], [{}], [42], [new Error('')]])('has words for %j', (thrown) => {
    expect(toProblem(thrown)).toEqual({ code: 'INTERNAL', message: errorWords.INTERNAL.title, hint: '', details: {} });
  });

  it.each([[new TypeError('x is not a function'), 'x is not a function'], ['said so', 'said so']])('keeps the message of %s', (thrown, message) => {
    expect(toProblem(thrown)).toMatchObject({ code: 'INTERNAL', message });
  });

  it('refuses codes that are not in the list', () => {
    expect(toProblem(Object.assign(new Error('odd'), { code: 'ENOENT' })).code).toBe('INTERNAL');
    expect(toProblem({ code: '__proto__', message: 'odd' }).code).toBe('INTERNAL');
  });

  it('drops details that are not plain', () => {
    const problem = toProblem({ code: 'NOT_FOUND', message: 'gone', data: { details: { a: 1, b: { c: 2 }, d: null } } });
    expect(problem.details).toEqual({ a: 1, d: null });
  });
});

describe('words', () => {
  it.each(errorCodes.map((code) => [code]))('%s has a title and a hint in house style', (code) => {
    const { title, hint } = errorWords[code];
    expect(title).toMatch(/^[A-Z][^.!]+$/u);
    expect(hint).toMatch(/\.$/u);
    expect(`${title} ${hint}`).not.toMatch(/!|\b(?:we|oops|sorry|please)\b/iu);
  });

  it('gives the hint of the problem before that of its code, and copies everything', () => {
    const problem = toProblem(new LookasideError('DNS_FAILED', 'db.example is not known', { details: { host: 'db.example' } }));
    expect(hintOf(problem)).toBe(errorWords.DNS_FAILED.hint);
    expect(hintOf({ ...problem, hint: 'Start the VPN.' })).toBe('Start the VPN.');
    expect(problemText(problem)).toBe(`DNS_FAILED: db.example is not known\n${errorWords.DNS_FAILED.hint}\nhost: db.example`);
  });
});
