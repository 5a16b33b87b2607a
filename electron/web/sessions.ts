import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const secretBytes = 32;

const newSecret = (): string => randomBytes(secretBytes).toString('base64url');
const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Looks at every entry whatever matches, and compares digests of equal length: time tells nothing about the secret. */
function indexOf(digests: readonly Buffer[], secret: string): number {
  const wanted = digest(secret);
  let found = -1;
  for (const [index, entry] of digests.entries()) {
    if (timingSafeEqual(entry, wanted)) found = index;
  }
  return found;
}

/** One-time tokens (in printed addresses) and the sessions that they were exchanged for. All end with the process. */
export interface Sessions {
  mintToken(): string;
  /** The cookie's value for a token that was never used before, otherwise `null`. */
  exchange(token: string): string | null;
  has(cookieValue: string): boolean;
}

export function createSessions(): Sessions {
  const tokens: Buffer[] = [];
  const sessions: Buffer[] = [];
  return {
    mintToken: () => {
      const token = newSecret();
      tokens.push(digest(token));
      return token;
    },
    exchange: (token) => {
      const index = indexOf(tokens, token);
      if (index < 0) return null;
      tokens.splice(index, 1);
      const session = newSecret();
      sessions.push(digest(session));
      return session;
    },
    has: (cookieValue) => indexOf(sessions, cookieValue) >= 0,
  };
}

/** Cookies ignore ports: without the port in its name, two servers on one machine would overwrite each other's. */
export const cookieName = (port: number): string => `lookaside_${port}`;

export const sessionCookie = (port: number, value: string): string => `${cookieName(port)}=${value}; HttpOnly; SameSite=Strict; Path=/`;

/** Values of the session cookie in a request; a browser may send several of one name. */
export function sessionCookies(request: IncomingMessage, port: number): string[] {
  const name = `${cookieName(port)}=`;
  return (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(name))
    .slice(0, 8)
    .map((pair) => pair.slice(name.length));
}
