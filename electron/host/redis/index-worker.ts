import { parentPort } from 'node:worker_threads';
import type { ToWorker } from './index/index-messages.ts';
import { createIndexProgram, type IndexProgram } from './index/index-program.ts';
import { warmUp } from './index/warm-up.ts';

/** Entry of the worker thread that holds one keyspace index: ready ahead of time, it begins when it is told what. */

if (parentPort === null) throw new Error('The index worker runs as a worker thread only');
const port = parentPort;
let program: IndexProgram | null = null;

port.on('message', (message: ToWorker) => {
  if (message.kind === 'begin') program = createIndexProgram(message.data, (reply) => port.postMessage(reply));
  else program?.receive(message);
});
void warmUp(() => program === null);
