import { LookasideError } from '../../shared/contract/errors.ts';
import { redact } from '../launch/redact.ts';
import { MissingBundle } from '../page/bundle.ts';
import { packageVersion } from '../page/package-root.ts';
import { help, serveHelp } from './help.ts';
import { invalidateHelp } from './invalidate-arguments.ts';
import { invalidate } from './invalidate.ts';
import { journal, journalHelp } from './journal.ts';
import { keys, keysHelp } from './keys.ts';
import { runbooks, runbooksHelp, runHelpText, runRunbook } from './run-runbook.ts';
import { runs, runsHelp } from './runs.ts';
import { readServeArguments } from './serve-arguments.ts';
import { serve } from './serve.ts';
import { exitCodes, type Terminal } from './terminal.ts';
import { ttl, ttlHelp } from './ttl.ts';
import { resume, resumeHelp, undo, undoHelp } from './undo.ts';

interface CliCommand {
  help: string;
  run: (args: readonly string[], terminal: Terminal) => Promise<number>;
}

const commands: ReadonlyMap<string, CliCommand> = new Map([
  ['serve', { help: serveHelp, run: (args, terminal) => serve(readServeArguments(args), terminal) }],
  ['keys', { help: keysHelp, run: keys }],
  ['ttl', { help: ttlHelp, run: ttl }],
  ['invalidate', { help: invalidateHelp, run: invalidate }],
  ['undo', { help: undoHelp, run: undo }],
  ['resume', { help: resumeHelp, run: resume }],
  ['run', { help: runHelpText, run: runRunbook }],
  ['runbooks', { help: runbooksHelp, run: runbooks }],
  ['runs', { help: runsHelp, run: runs }],
  ['journal', { help: journalHelp, run: journal }],
]);

const helpWords: readonly string[] = ['--help', '-h', 'help'];

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  const command = commands.get(name ?? '');
  if (command !== undefined && !rest.includes('--help') && !rest.includes('-h')) return command.run(rest, terminal);
  const asked = command ?? (name === undefined || helpWords.includes(name) ? commands.get(rest[0] ?? '') : undefined);
  if (asked !== undefined || name === undefined || helpWords.includes(name)) {
    terminal.print((asked?.help ?? help).trimEnd());
    return name === undefined ? exitCodes.usage : exitCodes.done;
  }
  if (name === '--version' || name === '-v' || name === 'version') {
    terminal.print(packageVersion);
    return exitCodes.done;
  }
  // What was typed is shown only when it looks like a command: it may be an address with a password.
  const shown = /^-{0,2}[a-z][a-z-]{0,30}$/iu.test(name) ? ` "${name}"` : '';
  throw new LookasideError('INVALID_INPUT', `Unknown command${shown}`, { hint: 'See lookaside --help.' });
}

const usage: ReadonlySet<string> = new Set(['INVALID_INPUT', 'PARSE_FAILED']);
const refusals: ReadonlySet<string> = new Set(['READ_ONLY', 'REDIS_READ_ONLY_REPLICA', 'CONFLICT', 'UNSUPPORTED', 'LIMIT_EXCEEDED']);

function codeOf(error: unknown, command: string | undefined): number {
  if (!(error instanceof LookasideError)) return exitCodes.failed;
  if (usage.has(error.code)) return exitCodes.usage;
  return refusals.has(error.code) && command !== 'serve' ? exitCodes.refused : exitCodes.failed;
}

/** What a person reads: no stack for anything that was foreseen. */
function wordsFor(error: unknown): string {
  if (error instanceof LookasideError) return [error.message, error.hint].filter(Boolean).join('. ').replaceAll('..', '.');
  if (error instanceof MissingBundle) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The failure as the one JSON document of a command that was asked for JSON. */
function jsonOf(error: unknown): string {
  const problem = error instanceof LookasideError ? error.toProblem() : { code: 'INTERNAL', message: 'Something failed inside Lookaside', hint: '', details: {} };
  return JSON.stringify({ error: { ...problem, message: redact(problem.message), hint: redact(problem.hint) } });
}

/** Runs `lookaside` with these arguments. Resolves to the exit code; failures are said in words, without any secret. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await run(args, terminal);
  } catch (error) {
    const code = codeOf(error, args[0]);
    // a code to look for, where it is not the usage that is wrong
    const tail = error instanceof LookasideError && code !== exitCodes.usage ? ` [${error.code}]` : '';
    terminal.say(`lookaside: ${redact(wordsFor(error))}${tail}`);
    if (args[0] !== 'serve' && args.includes('--json')) terminal.print(jsonOf(error));
    return code;
  }
}
