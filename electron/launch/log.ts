import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { inspect } from 'node:util';
import { redact, redactSql } from './redact.ts';

const maxFileBytes = 1024 * 1024;

export interface Log {
  info(text: string): void;
  /** An unexpected failure, with its stack. */
  error(error: unknown): void;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : inspect(error, { depth: 3 });
}

/** Appends, keeping one older file, so that the log never takes more than 2 MiB. */
function appendTo(file: string, line: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxFileBytes) renameSync(file, `${file}.1`);
  appendFileSync(file, `${line}\n`, { mode: 0o600 });
}

/**
 * The program's log: errors, and what a supporter needs to know; every line passes through redaction.
 * @param file where to keep it
 * @param say also told each line; a full or read-only disk is said there once and never ends the program
 */
export function createLog(options: { file: string; say: (line: string) => void }): Log {
  let writable = true;
  const write = (line: string): void => {
    if (!writable) return;
    try {
      appendTo(options.file, `${new Date().toISOString()} ${line}`);
    } catch (error) {
      writable = false;
      options.say(redact(`The log cannot be written: ${error instanceof Error ? error.message : String(error)}`));
    }
  };
  return {
    info: (text) => write(`info ${redactSql(text)}`),
    error: (error) => {
      // Line numbers of the stack are not the literals of a statement.
      const [message = '', ...stack] = describe(error).split(/(?=\n\s+at )/u);
      const line = `error ${redactSql(message)}${redact(stack.join(''))}`;
      write(line);
      options.say(line);
    },
  };
}
