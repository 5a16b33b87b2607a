import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Round trips in ms of a PING every ms, while `work` runs. They are taken in a process of its own, as another client's
 * would be.
 */
export async function pingEveryMs(port: number, work: () => Promise<unknown>): Promise<number[]> {
  const child = fork(fileURLToPath(new URL('./ping-child.mjs', import.meta.url)), [String(port)], { execArgv: [] });
  await once(child, 'message');
  await work();
  child.send('stop');
  const [times] = (await once(child, 'message')) as [number[]];
  child.disconnect();
  return times;
}
