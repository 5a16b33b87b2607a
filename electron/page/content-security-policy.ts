import { randomBytes } from 'node:crypto';

/** A fresh value for one response; `style` elements that carry it are allowed (Mantine and the editor insert some). */
export function createNonce(): string {
  return randomBytes(18).toString('base64');
}

/**
 * The policy of the page, for the response header of either face. Scripts come from the bundle alone.
 * @param connect what the page may connect to besides its own origin, for example `ws://127.0.0.1:4100`
 */
export function contentSecurityPolicy(options: { nonce: string; connect?: readonly string[] }): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${options.nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${["'self'", ...(options.connect ?? [])].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The policy of anything that is not the page: it loads nothing at all. */
export const emptyPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
