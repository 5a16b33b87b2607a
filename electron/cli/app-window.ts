import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Machine {
  platform: NodeJS.Platform;
  environment: NodeJS.ProcessEnv;
  isRoot: boolean;
  /** Whether a file is there and can be run. */
  canRun: (path: string) => boolean;
}

/** How the page will be shown, and the words for it. */
export type WindowPlan =
  | { kind: 'app-window' | 'system-browser'; command: string; args: string[]; words: string }
  | { kind: 'none'; words: string };

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge-stable', 'microsoft-edge', 'brave-browser', 'vivaldi-stable'];
const macPlaces = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
const windowsPlaces = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe', 'BraveSoftware\\Brave-Browser\\Application\\brave.exe'];

export function canRun(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function onPath(machine: Machine, wanted: readonly string[]): string | undefined {
  const folders = (machine.environment['PATH'] ?? '').split(delimiter).filter(Boolean);
  return wanted.flatMap((name) => folders.map((folder) => join(folder, name))).find(machine.canRun);
}

function chromiumOf(machine: Machine): string | undefined {
  const { environment } = machine;
  const given = environment['LOOKASIDE_CHROMIUM'];
  if (given && machine.canRun(given)) return given;
  if (machine.platform === 'darwin') return macPlaces.find(machine.canRun);
  if (machine.platform === 'win32') {
    const roots = [environment['ProgramFiles'], environment['ProgramFiles(x86)'], environment['LOCALAPPDATA']].filter((root) => root !== undefined);
    return roots.flatMap((root) => windowsPlaces.map((place) => `${root}\\${place}`)).find(machine.canRun);
  }
  return onPath(machine, names);
}

/** Chooses how to show `url`: an app window of a Chromium-family browser, else the system's browser, else nothing. */
export function planWindow(url: string, profileFolder: string, machine: Machine): WindowPlan {
  const { platform, environment } = machine;
  if (platform === 'linux' && !environment['DISPLAY'] && !environment['WAYLAND_DISPLAY']) {
    return { kind: 'none', words: 'there is no display here' };
  }
  const chromium = chromiumOf(machine);
  if (chromium !== undefined) {
    const args = [`--app=${url}`, `--user-data-dir=${profileFolder}`, '--no-first-run', '--no-default-browser-check', '--class=Lookaside'];
    // Chromium refuses to start as root with its sandbox on.
    if (machine.isRoot) args.push('--no-sandbox');
    return { kind: 'app-window', command: chromium, args, words: `in an app window of ${chromium}` };
  }
  const words = 'in the system browser (no Chromium-family browser was found)';
  if (platform === 'darwin') return { kind: 'system-browser', command: 'open', args: [url], words };
  if (platform === 'win32') return { kind: 'system-browser', command: 'rundll32', args: ['url.dll,FileProtocolHandler', url], words };
  const opener = onPath(machine, ['xdg-open', 'gio', 'sensible-browser', 'x-www-browser']);
  if (opener === undefined) return { kind: 'none', words: 'no browser was found' };
  return { kind: 'system-browser', command: opener, args: opener.endsWith('/gio') ? ['open', url] : [url], words };
}

/** Starts it. Resolves to what went wrong within the first moments, or `null`. */
export function startWindow(plan: { command: string; args: string[] }, momentMs = 1_500): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(plan.command, plan.args, { stdio: 'ignore', detached: process.platform !== 'win32' });
    const settled = setTimeout(() => resolve(null), momentMs);
    const end = (problem: string | null) => {
      clearTimeout(settled);
      resolve(problem);
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code) => end(code === 0 ? null : `it ended with ${code ?? 'a signal'}`));
    child.unref();
  });
}
