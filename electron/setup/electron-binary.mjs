// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const inside = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
}[/** @type {string} */ (process.platform)] ?? 'electron';

/**
 * Where Electron's binary is, or `null`. `require('electron')` is never asked: without a binary it downloads and throws.
 * @returns {string | null}
 */
export function findElectron() {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const places = [...(override ? [join(override, inside)] : []), join(root, 'node_modules', 'electron', 'dist', inside)];
  return places.find((place) => existsSync(place)) ?? null;
}

/** Whether this machine can show a window at all. */
export function hasDisplay() {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/**
 * Whether the place that Electron's package fetches its binary from answers within the time.
 * @param {number} timeoutMs
 * @returns {Promise<boolean>}
 */
export function canFetchElectron(timeoutMs) {
  return new Promise((resolve) => {
    const probe = request('https://github.com', { method: 'HEAD', timeout: timeoutMs }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 500);
    });
    probe.on('timeout', () => probe.destroy(new Error('timeout')));
    probe.on('error', () => resolve(false));
    probe.end();
  });
}

/**
 * Runs the package's own download (checksums included).
 * @returns {string | null} the binary, or `null` when that failed
 */
export function fetchElectron() {
  spawnSync(process.execPath, [join(root, 'node_modules', 'electron', 'install.js')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: 300_000,
  });
  return findElectron();
}
