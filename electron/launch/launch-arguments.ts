import { parseArgs, type ParseArgsConfig } from 'node:util';
import { LookasideError } from '../../shared/contract/errors.ts';

/** What both faces understand. */
export interface LaunchArguments {
  demo: boolean;
  /** Keys that the demo makes; absent means its own default. */
  keys: number | undefined;
  /** Requests per second of the demo's traffic. */
  rate: number | undefined;
  /** Any text that names a Redis. May hold a secret. */
  url: string | undefined;
  /** Any text that names a Postgres. May hold a secret. */
  pg: string | undefined;
  dataFolder: string | undefined;
}

export const launchOptions = {
  demo: { type: 'boolean' },
  keys: { type: 'string' },
  rate: { type: 'string' },
  url: { type: 'string' },
  pg: { type: 'string' },
  'data-folder': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

/** Fails with words for a person; `parseArgs` may quote the value, and a value may be a password. */
export function usageError(message: string): LookasideError {
  return new LookasideError('INVALID_INPUT', message, { hint: 'See lookaside --help.' });
}

/** `parseArgs` with its errors made safe to show. */
export function parse<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    const option = /'(-{1,2}[a-z][\w-]*)/iu.exec(error instanceof Error ? error.message : '')?.[1];
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw usageError(`Unknown option ${option ?? ''}`.trim());
    if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') throw usageError(`Option ${option ?? ''} is used wrongly: a value is missing or not allowed`);
    if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') throw usageError('An argument belongs to no option');
    throw error;
  }
}

/**
 * A whole number within bounds.
 * @throws INVALID_INPUT that names the option
 */
export function wholeNumber(option: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,12}$/u.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw usageError(`${option} takes a whole number from ${least} to ${most.toLocaleString('en-US')}`);
}

/** The shared part of parsed options, checked. */
export function readLaunchArguments(values: {
  demo?: boolean | undefined;
  keys?: string | undefined;
  rate?: string | undefined;
  url?: string | undefined;
  pg?: string | undefined;
  'data-folder'?: string | undefined;
}): LaunchArguments {
  for (const option of ['url', 'pg', 'data-folder'] as const) {
    if (values[option]?.trim() === '') throw usageError(`--${option} is empty`);
  }
  return {
    demo: values.demo ?? false,
    keys: wholeNumber('--keys', values.keys, 1, 50_000_000),
    rate: wholeNumber('--rate', values.rate, 0, 100_000),
    url: values.url,
    pg: values.pg,
    dataFolder: values['data-folder'],
  };
}
