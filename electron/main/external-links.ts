import { shell } from 'electron';

/** Documentation that the app links to. A page that was taken over must not be able to send data anywhere else. */
const hosts: ReadonlySet<string> = new Set(['redis.io', 'valkey.io', 'www.postgresql.org']);

export function isSafeExternal(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' && hosts.has(url.host) && url.username === '' && url.password === '';
}

/** The only way out to the system's browser: https, and only to the documentation. Anything else is ignored. */
export function openExternal(url: string, report: (error: unknown) => void): void {
  if (isSafeExternal(url)) shell.openExternal(url).catch(report);
}
