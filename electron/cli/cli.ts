#!/usr/bin/env node
import { once } from 'node:events';
import { runCommand } from './command.ts';
import { processTerminal } from './terminal.ts';

const code = await runCommand(process.argv.slice(2), processTerminal(process.stdout, process.stderr));
// a pipe takes long output in pieces, and what it has not taken would be lost
for (const stream of [process.stdout, process.stderr]) if (stream.writableNeedDrain) await once(stream, 'drain');
// Whatever still holds a handle (a socket that does not end, a pooled connection) must not keep the process.
process.exit(code);
