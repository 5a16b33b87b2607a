import { describe, expect, it } from 'vitest';
import { planWindow } from './app-window.ts';

const url = 'http://127.0.0.1:4100/?token=t';
const machine = (platform: NodeJS.Platform, files: string[], environment: NodeJS.ProcessEnv = {}) => ({
  platform,
  environment: { PATH: '/usr/local/bin:/usr/bin', DISPLAY: ':0', ...environment },
  isRoot: false,
  canRun: (path: string) => files.includes(path),
});

describe('planWindow', () => {
  it('prefers an app window with a profile of its own', () => {
    const plan = planWindow(url, '/data/app-window', machine('linux', ['/usr/bin/google-chrome', '/usr/bin/xdg-open']));
    expect(plan).toMatchObject({ kind: 'app-window', command: '/usr/bin/google-chrome' });
    expect(plan).toHaveProperty('args', expect.arrayContaining([`--app=${url}`, '--user-data-dir=/data/app-window']));
    expect(plan).toHaveProperty('args', expect.not.arrayContaining(['--no-sandbox']));
  });

  it('switches the sandbox off for root only, where Chromium would refuse to start', () => {
    expect(planWindow(url, '/p', { ...machine('linux', ['/usr/bin/chromium']), isRoot: true })).toHaveProperty('args', expect.arrayContaining(['--no-sandbox']));
  });

  it.each([
    ['linux', ['/usr/bin/xdg-open'], '/usr/bin/xdg-open', [url]],
    ['linux', ['/usr/bin/gio'], '/usr/bin/gio', ['open', url]],
    ['darwin', [], 'open', [url]],
    ['win32', [], 'rundll32', ['url.dll,FileProtocolHandler', url]],
  ] as const)('falls back to the system browser on %s', (platform, files, command, args) => {
    expect(planWindow(url, '/p', machine(platform, [...files]))).toMatchObject({ kind: 'system-browser', command, args });
  });

  it('finds the browsers of macOS and Windows where they live', () => {
    const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
    expect(planWindow(url, '/p', machine('darwin', [mac]))).toMatchObject({ kind: 'app-window', command: mac });
    const edge = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe';
    const windows = machine('win32', [edge], { ProgramFiles: 'C:\\Program Files', 'ProgramFiles(x86)': 'C:\\Program Files (x86)' });
    expect(planWindow(url, '/p', windows)).toMatchObject({ kind: 'app-window', command: edge });
  });

  it('prints the address where there is no display or no browser', () => {
    expect(planWindow(url, '/p', machine('linux', ['/usr/bin/chromium'], { DISPLAY: '' }))).toEqual({ kind: 'none', words: 'there is no display here' });
    expect(planWindow(url, '/p', machine('linux', []))).toEqual({ kind: 'none', words: 'no browser was found' });
    expect(planWindow(url, '/p', machine('linux', ['/usr/bin/chromium'], { DISPLAY: '', WAYLAND_DISPLAY: 'wayland-0' }))).toMatchObject({ kind: 'app-window' });
  });
});
