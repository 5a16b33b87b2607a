import { useSyncExternalStore } from 'react';

/** Where the page is: a screen, and the workspace that it shows. Kept in the address' hash, so Back and reload work. */
export interface Route {
  screen: string;
  workspaceId: string | null;
}

const home: Route = { screen: 'connections', workspaceId: null };

/** What a link tells a screen beyond its place, for example what to begin with. */
export type RouteParams = Readonly<Record<string, string>>;

export function parseRoute(hash: string): Route {
  const [first, second, third] = hash
    .replace(/\?.*$/s, '')
    .replace(/^#\/?/, '')
    .split('/')
    .map((part) => decode(part));
  if (first === 'w' && second) return { screen: third || 'keys', workspaceId: second };
  return first ? { screen: first, workspaceId: null } : home;
}

export function parseRouteParams(hash: string): RouteParams {
  const at = hash.indexOf('?');
  return at === -1 ? {} : Object.fromEntries(new URLSearchParams(hash.slice(at + 1)));
}

export function routeHash(route: Route, params: RouteParams = {}): string {
  const query = new URLSearchParams(params).toString();
  const tail = query === '' ? '' : `?${query}`;
  if (route.workspaceId === null) return `#/${encodeURIComponent(route.screen)}${tail}`;
  return `#/w/${encodeURIComponent(route.workspaceId)}/${encodeURIComponent(route.screen)}${tail}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

let current: { hash: string; route: Route } | null = null;
type Guard = (next: Route) => boolean;
const guards = new Set<Guard>();

/** The same object as long as the address is the same. */
function read(): Route {
  const { hash } = window.location;
  if (current?.hash !== hash) current = { hash, route: parseRoute(hash) };
  return current.route;
}

function subscribe(listener: () => void): () => void {
  const changed = () => {
    const before = current?.hash ?? '';
    const next = parseRoute(window.location.hash);
    if (window.location.hash !== before && [...guards].some((guard) => !guard(next))) {
      window.history.replaceState(null, '', before === '' ? '#/' : before);
      return;
    }
    listener();
  };
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, read);
}

/** Goes to another place; a screen with unsaved changes may hold it back. */
export function navigate(route: Route, params: RouteParams = {}): void {
  window.location.hash = routeHash(route, params);
}

/** The parameters of the address, as one text that is equal while they are; `parseRouteParams` reads it. */
export function useRouteQuery(): string {
  return useSyncExternalStore(subscribe, () => window.location.hash.match(/\?.*$/s)?.[0] ?? '');
}

/** Goes there without leaving a trace in the history, for redirects. */
export function redirect(route: Route): void {
  window.history.replaceState(null, '', routeHash(route));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

/** Asks `guard` before the page leaves; `false` keeps it here. Returns what takes it away. */
export function guardNavigation(guard: Guard): () => void {
  guards.add(guard);
  return () => guards.delete(guard);
}
