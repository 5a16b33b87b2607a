// Runs before anything is installed, so it is plain JavaScript on Node's own modules.
// @ts-check
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** @param {string} text */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * Runs a command in the project's folder; ends this process with its status when it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [environment]
 */
export function run(command, args, environment = process.env) {
  const result = spawnSync(command, args, {
    cwd: root,
    // Standard output belongs to the program that is started in the end: `--json` prints one line there.
    stdio: ['ignore', 2, 2],
    env: environment,
    shell: process.platform === 'win32',
  });
  if (result.error) {
    say(`lookaside: ${command} could not be started: ${result.error.message}`);
    process.exit(1);
  }
  if (result.status !== 0) {
    say(`lookaside: ${[command, ...args].join(' ')} ended with ${result.signal ?? `status ${result.status}`}`);
    process.exit(result.status ?? 1);
  }
}

/** Ends with a sentence, not a stack trace, on a Node that cannot run Lookaside. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(`lookaside: Node 20.19 or later is needed, this is ${process.versions.node}.`);
  process.exit(1);
}

/** Installs what package-lock.json names, unless exactly that is installed. */
export function ensureDependencies() {
  const stamp = join(root, 'node_modules', '.lookaside-lock');
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('lookaside: installing dependencies (once) ...');
  // Not `npm ci`: it refuses the lock file where a registry lacks the build of an optional package for another platform.
  run(npm, ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, lock);
}

/**
 * Newest change among the sources of the build, Unix ms.
 * @param {string} path
 * @returns {number}
 */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  let latest = stat.mtimeMs;
  for (const name of readdirSync(path)) latest = Math.max(latest, newest(join(path, name)));
  return latest;
}

/** Builds unless the last build is newer than every source. */
export function ensureBuild() {
  const stamp = join(root, 'dist', '.built');
  const sources = ['electron', 'renderer', 'shared', 'vite.config.ts', 'package-lock.json'].map((name) => join(root, name));
  if (existsSync(stamp) && statSync(stamp).mtimeMs > Math.max(...sources.map(newest))) return;
  say('lookaside: building ...');
  run(process.execPath, [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--app', '--logLevel', 'warn']);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, '');
}
