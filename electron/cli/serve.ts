import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { serveSocket } from '../host/serve-port.ts';
import { launchHost, type Launched } from '../launch/launch-host.ts';
import { openBundle } from '../page/bundle.ts';
import { startWebFace, type WebFace } from '../web/web-face.ts';
import { canRun, planWindow, startWindow } from './app-window.ts';
import type { ServeArguments } from './serve-arguments.ts';
import { sessionVault } from './session-vault.ts';
import { listenForSignals } from './signals.ts';
import type { Terminal } from './terminal.ts';
import { writeTokenFile } from './token-file.ts';

/** How long the servers of the demo and the jobs may take to end before this process ends without them. */
const closeDeadlineMs = 8_000;

/** A new address; with `--token-file` its token goes to the file and the printed address holds none. */
async function freshUrl(face: WebFace, given: ServeArguments): Promise<{ full: string; shown: string }> {
  const full = face.mintUrl();
  if (given.tokenFile === undefined) return { full, shown: full };
  const url = new URL(full);
  await writeTokenFile(given.tokenFile, url.searchParams.get('token') ?? '');
  return { full, shown: url.origin };
}

async function show(url: string, launched: Launched, terminal: Terminal): Promise<void> {
  const plan = planWindow(url, join(launched.dataFolder, 'app-window'), {
    platform: process.platform,
    environment: process.env,
    isRoot: process.getuid?.() === 0,
    canRun,
  });
  if (plan.kind === 'none') {
    terminal.say(`lookaside: open the address in a browser (${plan.words}).`);
    return;
  }
  const problem = await startWindow(plan);
  if (problem === null) terminal.say(`lookaside: opened ${plan.words}.`);
  else terminal.say(`lookaside: open the address in a browser (${plan.command} could not show it: ${problem}).`);
}

/** Whoever can type here, or signal this process, may have another address. */
function offerNewAddresses(face: WebFace, given: ServeArguments, terminal: Terminal): void {
  const offer = async (): Promise<void> => {
    try {
      const { shown } = await freshUrl(face, given);
      terminal.say(given.tokenFile === undefined ? `lookaside: ${shown}` : `lookaside: a new token is in ${given.tokenFile}`);
    } catch (error) {
      terminal.say(`lookaside: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  if (process.platform !== 'win32') process.on('SIGUSR2', () => void offer());
  if (process.stdin.isTTY) createInterface({ input: process.stdin }).on('line', () => void offer());
}

/** `lookaside serve`. Resolves to the exit code when it has ended cleanly. */
export async function serve(given: ServeArguments, terminal: Terminal): Promise<number> {
  const bundle = await openBundle(process.env['LOOKASIDE_PAGE']);
  const launched = launchHost({ face: 'browser', given, vault: sessionVault, environment: process.env, say: terminal.say });
  const { host, log } = launched;
  let becomeIdle: () => void = () => undefined;
  const idle = new Promise<void>((resolve) => {
    becomeIdle = resolve;
  });
  const listening = listenForSignals(terminal);
  const ending = Promise.race([listening.asked, idle.then(() => terminal.say('lookaside: no page was open for a while, ending ...'))]);
  let face: WebFace | null = null;
  try {
    face = await startWebFace({
      bundle,
      listen: given.listen,
      port: given.port,
      publicPorts: given.publicPorts,
      idleExitMinutes: given.idleExitMinutes,
      onIdle: becomeIdle,
      onClient: (socket) => serveSocket(host.router, socket, { report: (error) => log.error(error) }),
      report: (error) => log.error(error),
    });
    const { full, shown } = await freshUrl(face, given);
    if (given.json) terminal.print(JSON.stringify({ url: shown }));
    else terminal.print(shown);
    if (given.tokenFile !== undefined) terminal.say(`lookaside: add ?token= and the content of ${given.tokenFile} to the address.`);
    offerNewAddresses(face, given, terminal);
    if (given.open) await Promise.race([show(full, launched, terminal), ending]);
    else if (!given.json) terminal.say('lookaside: open the address in a browser (--no-open). Ctrl-C ends it.');
    await ending;
  } finally {
    await face?.close();
    const closed = await Promise.race([launched.close().then(() => true), delay(closeDeadlineMs, false, { ref: false })]);
    if (!closed) log.error(new Error(`Not everything ended within ${closeDeadlineMs / 1000} s`));
    listening.stop();
  }
  return 0;
}
