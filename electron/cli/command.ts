import { LookasideError } from '../../shared/contract/errors.ts';
import { redact } from '../launch/redact.ts';
import { MissingBundle } from '../page/bundle.ts';
import { packageVersion } from '../page/package-root.ts';
import { help } from './help.ts';
import { readServeArguments } from './serve-arguments.ts';
import { serve, type Terminal } from './serve.ts';

const usageCode = 2;

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [command, ...rest] = args;
  if (args.length === 0 || args.includes('--help') || args.includes('-h') || command === 'help') {
    terminal.print(help.trimEnd());
    return args.length === 0 ? usageCode : 0;
  }
  if (command === '--version' || command === '-v' || command === 'version') {
    terminal.print(packageVersion);
    return 0;
  }
  if (command !== 'serve') {
    // What was typed is shown only when it looks like a command: it may be an address with a password.
    const name = command !== undefined && /^-{0,2}[a-z][a-z-]{0,30}$/iu.test(command) ? ` "${command}"` : '';
    throw new LookasideError('INVALID_INPUT', `Unknown command${name}`, { hint: 'See lookaside --help.' });
  }
  return serve(readServeArguments(rest), terminal);
}

function codeOf(error: unknown): number {
  const usage = ['INVALID_INPUT', 'PARSE_FAILED'];
  return error instanceof LookasideError && usage.includes(error.code) ? usageCode : 1;
}

/** What a person reads: no stack for anything that was foreseen. */
function wordsFor(error: unknown): string {
  if (error instanceof LookasideError) return [error.message, error.hint].filter(Boolean).join('. ').replaceAll('..', '.');
  if (error instanceof MissingBundle) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Runs `lookaside` with these arguments. Resolves to the exit code; failures are said in words, without any secret. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await run(args, terminal);
  } catch (error) {
    terminal.say(`lookaside: ${redact(wordsFor(error))}`);
    return codeOf(error);
  }
}
