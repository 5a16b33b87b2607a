import type { IncomingMessage } from 'node:http';
import { LookasideError } from '../../shared/contract/errors.ts';

/** Addresses that the face may listen on, and the URL host of each. Remote use is `ssh -L`. */
const loopback: ReadonlyMap<string, { address: string; urlHost: string }> = new Map([
  ['127.0.0.1', { address: '127.0.0.1', urlHost: '127.0.0.1' }],
  ['localhost', { address: '127.0.0.1', urlHost: '127.0.0.1' }],
  ['::1', { address: '::1', urlHost: '[::1]' }],
  ['[::1]', { address: '::1', urlHost: '[::1]' }],
]);

/**
 * The address to bind, always explicit: without one Node listens on every interface.
 * @throws INVALID_INPUT for anything that is not loopback
 */
export function loopbackAddress(listen: string): { address: string; urlHost: string } {
  const found = loopback.get(listen);
  if (found) return found;
  throw new LookasideError('INVALID_INPUT', `Refused to listen on ${JSON.stringify(listen)}: only 127.0.0.1 and ::1 are allowed`, {
    hint: 'From another machine, forward the port: ssh -L 4100:127.0.0.1:PORT host, with --public-port 4100.',
  });
}

const hostHeader = /^(localhost|127\.0\.0\.1|\[::1\])(?::([1-9]\d{0,4}))?$/iu;

export interface OwnHost {
  /** As in a URL: `127.0.0.1:4100`. */
  host: string;
  port: number;
  /** `http://127.0.0.1:4100`, as a browser writes its Origin. */
  origin: string;
}

/** Only the parsed value counts: exactly one Host header, one of our names, one of our ports. Otherwise `null`. */
export function ownHost(request: IncomingMessage, ports: ReadonlySet<number>): OwnHost | null {
  const given = request.headersDistinct['host'] ?? [];
  const match = given.length === 1 ? hostHeader.exec(given[0] ?? '') : null;
  if (!match) return null;
  const port = Number(match[2] ?? 80);
  if (!ports.has(port)) return null;
  const name = (match[1] ?? '').toLowerCase();
  const host = port === 80 ? name : `${name}:${port}`;
  return { host, port, origin: `http://${host}` };
}

/** Whether the request carries exactly our own Origin; one without any does not. */
export function hasOwnOrigin(request: IncomingMessage, own: OwnHost): boolean {
  const given = request.headersDistinct['origin'] ?? [];
  return given.length === 1 && given[0] === own.origin;
}
