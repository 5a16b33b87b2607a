import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Bundle } from '../page/bundle.ts';
import { contentSecurityPolicy, createNonce } from '../page/content-security-policy.ts';
import { hasOwnOrigin, ownHost, type OwnHost } from './own-address.ts';
import { badRequest, noSession, notFound, send, serverFault, usedToken, wrongHost, wrongMethod, wrongOrigin, type Reply } from './replies.ts';
import { sessionCookie, sessionCookies, type Sessions } from './sessions.ts';

/** Seconds in a year: what a hashed name holds never changes. */
const yearSeconds = 31_536_000;

export interface Gate {
  sessions: Sessions;
  /** Ports that a Host header may name: our own and those of `--public-port`. */
  ports: () => ReadonlySet<number>;
}

export function hasSession(request: IncomingMessage, own: OwnHost, sessions: Sessions): boolean {
  return sessionCookies(request, own.port).some((value) => sessions.has(value));
}

/** The target of a request as path and query; `null` for anything but the plain form (`/path?query`). */
export function targetOf(request: IncomingMessage): { path: string; query: URLSearchParams } | null {
  const target = request.url ?? '';
  if (!target.startsWith('/') || target.startsWith('//') || target.includes('#')) return null;
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: new URLSearchParams() }
    : { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

async function page(bundle: Bundle, own: OwnHost): Promise<Reply> {
  const nonce = createNonce();
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': contentSecurityPolicy({ nonce, connect: [`ws://${own.host}`] }),
    },
    body: await bundle.index({ nonce, face: 'browser' }),
  };
}

async function file(bundle: Bundle, path: string): Promise<Reply> {
  const asset = await bundle.asset(path);
  if (asset === null) return notFound;
  return {
    status: 200,
    headers: {
      'Content-Type': asset.type,
      'Cache-Control': asset.immutable ? `public, max-age=${yearSeconds}, immutable` : 'no-cache',
      'Content-Security-Policy': "default-src 'none'",
    },
    body: asset.body,
  };
}

function exchange(token: string, request: IncomingMessage, own: OwnHost, sessions: Sessions): Reply {
  const clean = { Location: '/', 'Cache-Control': 'no-store' };
  const session = sessions.exchange(token);
  if (session !== null) return { status: 302, headers: { ...clean, 'Set-Cookie': sessionCookie(own.port, session) }, body: '' };
  // Reloading the printed address in the browser that used it: its session is still good.
  if (hasSession(request, own, sessions)) return { status: 302, headers: clean, body: '' };
  return usedToken;
}

async function reply(request: IncomingMessage, bundle: Bundle, gate: Gate): Promise<Reply> {
  const own = ownHost(request, gate.ports());
  if (own === null) return wrongHost;
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (!reads) return hasOwnOrigin(request, own) ? wrongMethod : wrongOrigin;
  const target = targetOf(request);
  if (target === null) return badRequest;
  const token = target.path === '/' ? target.query.get('token') : null;
  // A look with HEAD does not use the token up.
  if (token !== null && request.method === 'GET') return exchange(token, request, own, gate.sessions);
  if (!hasSession(request, own, gate.sessions)) {
    return noSession(request.headers['sec-fetch-site'] === 'cross-site' && request.headers['sec-fetch-mode'] === 'navigate');
  }
  return target.path === '/' ? page(bundle, own) : file(bundle, target.path);
}

/** Answers plain HTTP: the page, its files, and the exchange of the one-time token. */
export function createRequestHandler(bundle: Bundle, gate: Gate, report: (error: unknown) => void): RequestListener {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      send(response, await reply(request, bundle, gate), request.method !== 'HEAD');
    } catch (error) {
      report(error);
      send(response, serverFault, request.method !== 'HEAD');
    }
  };
  return (request, response) => void answer(request, response);
}
