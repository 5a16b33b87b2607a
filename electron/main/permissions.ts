import type { Session } from 'electron';
import { isAppUrl } from './app-origin.ts';

/** Copying is all that the page needs; Electron grants every request unless told otherwise. */
const allowed: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/** Denies every permission but writing text to the clipboard from our own page. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, decide) => decide(allowed.has(permission) && isAppUrl(contents.getURL())));
  session.setPermissionCheckHandler((_contents, permission, origin) => allowed.has(permission) && isAppUrl(origin));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
}
