// `npm start`: from a fresh clone to an open app. Says which face it opens and why.
// @ts-check
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { canFetchElectron, fetchElectron, findElectron, hasDisplay } from './electron-binary.mjs';
import { checkNode, ensureBuild, ensureDependencies, root, say } from './prepare.mjs';

checkNode();
ensureDependencies();
ensureBuild();

const given = process.argv.slice(2);
const wantsBrowser = given.includes('--browser') || given.includes('--json') || given.includes('--no-open');
const args = given.filter((arg) => arg !== '--browser');
const names = (/** @type {string} */ option) => args.some((arg) => arg === option || arg.startsWith(`${option}=`));
if (!names('--url') && !names('--pg') && !names('--demo') && !names('--help')) args.push('--demo');

/** @returns {Promise<{ electron: string | null, reason: string }>} */
async function chooseFace() {
  if (wantsBrowser) return { electron: null, reason: 'it was asked for' };
  if (!hasDisplay()) return { electron: null, reason: 'there is no display for a desktop window' };
  const found = findElectron();
  if (found) return { electron: found, reason: 'its binary is here' };
  if (!(await canFetchElectron(2500))) {
    return { electron: null, reason: "Electron's binary is not here and cannot be fetched" };
  }
  say("lookaside: fetching Electron's binary (once) ...");
  const fetched = fetchElectron();
  if (fetched) return { electron: fetched, reason: 'its binary was fetched' };
  return { electron: null, reason: "Electron's binary could not be fetched" };
}

/**
 * @param {string} command
 * @param {string[]} commandArgs
 * @returns {Promise<{ code: number, afterMs: number }>}
 */
function runFace(command, commandArgs) {
  return new Promise((resolve) => {
    const begun = Date.now();
    const child = spawn(command, commandArgs, { cwd: process.cwd(), stdio: 'inherit' });
    // A terminal sends Ctrl-C to the whole group; a supervisor sends it to this process alone.
    const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    process.on('SIGINT', () => pass('SIGTERM'));
    process.on('SIGTERM', () => pass('SIGTERM'));
    child.on('error', (error) => {
      say(`lookaside: ${command} could not be started: ${error.message}`);
      resolve({ code: 1, afterMs: Date.now() - begun });
    });
    child.on('exit', (code, signal) => resolve({ code: code ?? (signal ? 1 : 0), afterMs: Date.now() - begun }));
  });
}

const face = await chooseFace();
if (face.electron) {
  say(`lookaside: opening the desktop app (${face.reason}).`);
  const rootless = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const end = await runFace(face.electron, [...rootless, root, ...args]);
  // A binary that cannot even load (a missing system library) ends at once; the browser face needs none of that.
  if (end.code === 0 || end.afterMs > 3000) process.exit(end.code);
  say('lookaside: the desktop app ended at once; opening the browser face instead.');
} else {
  say(`lookaside: opening the browser face (${face.reason}).`);
}
const end = await runFace(process.execPath, [join(root, 'dist', 'node', 'cli.js'), 'serve', ...args]);
process.exit(end.code);
