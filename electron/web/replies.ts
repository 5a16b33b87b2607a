import type { ServerResponse } from 'node:http';
import { emptyPolicy } from '../page/content-security-policy.ts';

/** On every reply, whatever it holds. There is no CORS header anywhere. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
};

export interface Reply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer;
}

export function send(response: ServerResponse, reply: Reply, withBody: boolean): void {
  response.writeHead(reply.status, {
    ...commonHeaders,
    ...reply.headers,
    'Content-Length': String(Buffer.byteLength(reply.body)),
  });
  response.end(withBody ? reply.body : undefined);
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);
const escape = (text: string): string => text.replace(/[&<>"]/gu, (sign) => escapes.get(sign) ?? '');

/**
 * A page in plain HTML that says what is wrong and what to do.
 * @param head more elements for its head
 */
export function plainPage(status: number, title: string, paragraphs: readonly string[], head = ''): Reply {
  return {
    status,
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Content-Security-Policy': emptyPolicy },
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">${head}<title>${escape(title)} – Lookaside</title></head><body><h1>${escape(title)}</h1>${paragraphs.map((text) => `<p>${escape(text)}</p>`).join('')}</body></html>\n`,
  };
}

const freshAddress =
  'Open the address that "lookaside serve" printed, or start "lookaside serve" again for a new one. In the terminal where it runs, Enter prints a new address.';

export const wrongHost = plainPage(403, 'This address is not served', [
  'Lookaside answers on 127.0.0.1, localhost and [::1] with its own port only.',
  'Behind a forwarded port (ssh -L), start it with --public-port and the port of this side.',
]);
export const wrongOrigin = plainPage(403, 'Refused', ['The request comes from another site.']);
export const usedToken = plainPage(403, 'This address was used before', ['Each printed address opens Lookaside once.', freshAddress]);
export const notFound = plainPage(404, 'Not found', ['There is nothing at this address.']);
export const badRequest = plainPage(400, 'Bad request', ['The request could not be read.']);
export const wrongMethod: Reply = (() => {
  const page = plainPage(405, 'Method not allowed', ['Only GET and HEAD are answered.']);
  return { ...page, headers: { ...page.headers, Allow: 'GET, HEAD' } };
})();

/**
 * The page without a session. A browser keeps a strict cookie back on a visit that another site (a mail, a chat)
 * started; the page then asks once more by itself, which is a visit from here.
 */
export function noSession(fromAnotherSite: boolean): Reply {
  const again = fromAnotherSite ? '<meta http-equiv="refresh" content="0;url=/">' : '';
  return plainPage(401, 'No session', ['This browser has no session with Lookaside, or the session ended with its process.', freshAddress], again);
}

export const serverFault = plainPage(500, 'Something failed inside Lookaside', ['The log of "lookaside serve" says more.']);
