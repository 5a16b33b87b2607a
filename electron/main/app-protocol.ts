import { protocol } from 'electron';
import type { Bundle } from '../page/bundle.ts';
import { contentSecurityPolicy, createNonce } from '../page/content-security-policy.ts';
import { appHost, appScheme, isAppUrl } from './app-origin.ts';

const common = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** Must run before the app is ready: makes `app://` an origin of its own, with the rights of https. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

async function page(bundle: Bundle): Promise<Response> {
  const nonce = createNonce();
  return new Response(await bundle.index({ nonce, face: 'electron' }), {
    headers: {
      ...common,
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': contentSecurityPolicy({ nonce }),
    },
  });
}

async function answer(bundle: Bundle, request: Request): Promise<Response> {
  const refuse = (status: number) => new Response(null, { status, headers: common });
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
  if (!isAppUrl(request.url)) return refuse(404);
  const { pathname } = new URL(request.url);
  if (pathname === '/' || pathname === '') return page(bundle);
  const asset = await bundle.asset(pathname);
  if (asset === null) return refuse(404);
  return new Response(new Uint8Array(asset.body), {
    headers: { ...common, 'Content-Type': asset.type, 'Content-Security-Policy': "default-src 'none'" },
  });
}

/** Serves the built page, and nothing outside it, at `app://lookaside/`. */
export function serveApp(bundle: Bundle, report: (error: unknown) => void): void {
  protocol.handle(appScheme, async (request) => {
    try {
      return await answer(bundle, request);
    } catch (error) {
      report(error);
      return new Response(null, { status: 500, statusText: `${appHost} failed`, headers: common });
    }
  });
}
