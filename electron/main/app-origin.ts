export const appScheme = 'app';
export const appHost = 'lookaside';
/** The page's address; everything else in the window is refused. */
export const appUrl = `${appScheme}://${appHost}/`;

/** Whether a URL is of the app's own origin, by its parsed parts: a prefix test would accept `app://lookaside.evil/`. */
export function isAppUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === `${appScheme}:` && url.host === appHost && url.username === '' && url.password === '';
}
