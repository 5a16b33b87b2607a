// `npm test`: everything that must hold, from a fresh clone on a machine with Node and npm (and apt on Debian).
// @ts-check
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { checkNode, ensureBuild, ensureDependencies, root, run, say } from './prepare.mjs';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const bin = (/** @type {string} */ name) => join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);

/** @param {string[]} names @returns {string | null} */
function onPath(names) {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name);
      if (!existsSync(path)) continue;
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch (error) {
        say(`lookaside: ${path} cannot be run (${error instanceof Error ? error.message : String(error)})`);
      }
    }
  }
  return null;
}

/** A Chromium for the page tests: one that is installed, Debian's package, or Playwright's own. @returns {string | null} */
function ensureChromium() {
  const given = process.env['LOOKASIDE_CHROMIUM'];
  if (given) return given;
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
  const found = onPath(names);
  if (found) return found;
  if (onPath(['apt-get']) && process.getuid?.() === 0) {
    say('lookaside: installing Debian’s chromium for the page tests ...');
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], environment);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], environment);
    return onPath(names);
  }
  say('lookaside: installing Playwright’s chromium for the page tests ...');
  run(bin('playwright'), ['install', 'chromium']);
  return null;
}

/**
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} environment
 */
function step(title, command, args, environment) {
  say(`\n== ${title}`);
  const begun = Date.now();
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 1, 2], env: environment });
  say(`== ${title}: ${result.status === 0 ? 'passed' : 'FAILED'} in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  return result.status === 0;
}

checkNode();
ensureDependencies();
const chromium = ensureChromium();
const environment = { ...process.env, CI: process.env['CI'] ?? '', ...(chromium ? { LOOKASIDE_CHROMIUM: chromium } : {}) };

const reports = join(root, '.cache', 'test');
mkdirSync(reports, { recursive: true });

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * @param {string} file
 * @param {(report: { [name: string]: any }) => Counts} read
 * @returns {Counts}
 */
function counts(file, read) {
  return existsSync(file) ? read(JSON.parse(readFileSync(file, 'utf8'))) : { passed: 0, failed: 0, skipped: 0 };
}

const unitReport = join(reports, 'unit.json');
const pageReport = join(reports, 'pages.json');
for (const file of [unitReport, pageReport]) rmSync(file, { force: true });

const steps = [
  () => step('servers for the tests', bin('tsx'), ['electron/demo/obtain.ts', '--all'], environment),
  () => step('lint, types, unused code, layers', npm, ['run', '--silent', 'check'], environment),
  () => {
    ensureBuild();
    return true;
  },
  () =>
    step(
      'unit, property and integration tests',
      bin('vitest'),
      ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${unitReport}`],
      environment,
    ),
  () => step('page tests', bin('playwright'), ['test', '--config', 'e2e/playwright.config.ts'], { ...environment, LOOKASIDE_PAGE_REPORT: pageReport }),
];
const failedStep = steps.findIndex((next) => !next());

const units = counts(unitReport, (report) => ({
  passed: report.numPassedTests,
  failed: report.numFailedTests,
  skipped: report.numPendingTests,
}));
const pages = counts(pageReport, (report) => ({
  passed: report.stats.expected + report.stats.flaky,
  failed: report.stats.unexpected,
  skipped: report.stats.skipped,
}));
if (existsSync(pageReport)) say(`flaky page tests: ${JSON.parse(readFileSync(pageReport, 'utf8')).stats.flaky}`);
const failed = Math.max(units.failed + pages.failed, failedStep === -1 ? 0 : 1);
process.stdout.write(`\n${units.passed + pages.passed} passed, ${failed} failed, ${units.skipped + pages.skipped} skipped\n`);
process.exit(failed === 0 ? 0 : 1);
