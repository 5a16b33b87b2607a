import { launchHost } from '../launch/launch-host.ts';
import { parse } from '../launch/launch-arguments.ts';
import { sessionVault } from './session-vault.ts';
import { exitCodes, type Terminal } from './terminal.ts';
import { aligned, counted } from './words.ts';

export const runsHelp = `lookaside runs: changes of many keys that have a journal on this machine, newest first.

Usage
  lookaside runs [--json]

  --json                  one JSON document: {runs: [{runId, kind, title, workspaceName, state, total, changed, resumable, undoable, ...}]}
  --data-folder DIR       where the journals are (default: LOOKASIDE_DATA, else the system's place)
`;

/** `lookaside runs`. Resolves to the exit code. */
export async function runs(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values } = parse({ args: [...args], options: { json: { type: 'boolean', default: false }, 'data-folder': { type: 'string' } }, strict: true, allowPositionals: false });
  const launched = launchHost({
    face: 'browser',
    given: { demo: false, keys: undefined, rate: undefined, url: undefined, pg: undefined, dataFolder: values['data-folder'] },
    vault: sessionVault,
    environment: process.env,
    say: terminal.say,
  });
  try {
    const found = await launched.host.services.bulk.runs();
    if (values.json) {
      terminal.print(JSON.stringify({ runs: found }));
      return exitCodes.done;
    }
    if (found.length === 0) terminal.print('No run has a journal on this machine');
    const rows = found.map((run) => {
      const can = [run.resumable ? 'resume' : '', run.undoable ? 'undo' : ''].filter(Boolean).join(', ') || 'nothing left to do';
      return [run.runId, new Date(run.startedAt).toISOString().slice(0, 16).replace('T', ' '), run.state, `${counted(run.changed)} of ${counted(run.total)}`, can, `${run.title} (${run.workspaceName})`];
    });
    for (const line of aligned(rows)) terminal.print(line);
    return exitCodes.done;
  } finally {
    await launched.close();
  }
}
