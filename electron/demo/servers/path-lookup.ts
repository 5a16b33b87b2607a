import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Homebrew's folders and the system's, which a desktop app's PATH often lacks. */
const usual = process.platform === 'win32' ? [] : ['/opt/homebrew/bin', '/usr/local/bin', '/home/linuxbrew/.linuxbrew/bin', '/usr/local/sbin', '/usr/sbin', '/usr/bin'];

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Absent or not executable: either way not a program.
    return false;
  }
}

/** First program with one of these names on PATH and in the usual folders; the order of names comes first. */
export function findOnPath(names: readonly string[]): string | null {
  return allOnPath(names)[0] ?? null;
}

/** Every such program, in order of preference. */
export function allOnPath(names: readonly string[]): string[] {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const folders = [...new Set([...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), ...usual])];
  return names.flatMap((name) => folders.map((folder) => join(folder, `${name}${suffix}`)).filter(isProgram));
}
