#!/usr/bin/env node
import { runCommand } from './command.ts';

const code = await runCommand(process.argv.slice(2), {
  print: (line) => process.stdout.write(`${line}\n`),
  say: (line) => process.stderr.write(`${line}\n`),
});
// Whatever still holds a handle (a socket that does not end, a pooled connection) must not keep the process.
process.exit(code);
