import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import * as nodeTls from 'node:tls';
import type { Certificate, TlsFacts } from '../../../../shared/contract/connections.ts';
import { LookasideError, type ErrorCode, type ErrorDetails } from '../../../../shared/contract/errors.ts';
import type { SocketTls } from '../../redis/session.ts';
import { errorCodeOf, translateNetworkError } from './network-errors.ts';
import { tlsAlertProblem } from './tls-errors.ts';

export { loadSocketTls } from './tls-material.ts';

export interface WrapOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds for the handshake; 10,000 when absent. */
  timeoutMs?: number | undefined;
  /** For error messages; the socket's peer or the server name when absent. */
  where?: { host: string; port: number } | undefined;
  /** `false` checks the chain but not the name (libpq's verify-ca). */
  checkName?: boolean | undefined;
  /** Says `encrypt-only` in the facts instead of `skip` (libpq's require and below). */
  encryptOnly?: boolean | undefined;
}

/** How long a TLS 1.3 server gets to refuse the client certificate after the handshake, at most. */
const refusalGraceMs = 1000;

const contexts = new WeakMap<SocketTls, nodeTls.SecureContext>();

/** Parsing a store of 140 roots takes milliseconds, so one context serves all sockets of a profile. */
function contextOf(tls: SocketTls): nodeTls.SecureContext {
  const known = contexts.get(tls);
  if (known !== undefined) return known;
  try {
    const context = nodeTls.createSecureContext({ ca: tls.ca, cert: tls.cert, key: tls.key, passphrase: tls.passphrase });
    contexts.set(tls, context);
    return context;
  } catch (error) {
    throw new LookasideError('TLS_MATERIAL_INVALID', 'The certificates or the key of this connection cannot be used', {
      hint: 'Check the CA file, the client certificate and its key.',
      details: { opensslCode: errorCodeOf(error) },
      cause: error,
    });
  }
}

function nameText(name: unknown): string {
  if (typeof name !== 'object' || name === null) return '';
  return Object.entries(name)
    .map(([field, value]) => `${field}=${Array.isArray(value) ? value.join('+') : String(value)}`)
    .join(', ');
}

/** Alternative names without their kind, as Node lists them: `DNS:a, IP Address:127.0.0.1`. */
function alternativeNames(text: string | undefined): string[] {
  if (text === undefined) return [];
  return (text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []).map((part) => part.trim().replace(/^[^:]+:/, ''));
}

function describe(peer: nodeTls.PeerCertificate): Certificate {
  return {
    subject: nameText(peer.subject),
    issuer: nameText(peer.issuer),
    validFrom: Date.parse(peer.valid_from),
    validTo: Date.parse(peer.valid_to),
    names: alternativeNames(peer.subjectaltname),
    sha256: peer.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

function chainOf(socket: nodeTls.TLSSocket): Certificate[] {
  const chain: Certificate[] = [];
  const seen = new Set<string>();
  let peer: nodeTls.DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (peer?.fingerprint256 !== undefined && !seen.has(peer.fingerprint256)) {
    seen.add(peer.fingerprint256);
    chain.push(describe(peer));
    peer = peer.issuerCertificate;
  }
  return chain;
}

interface Refusal {
  code: ErrorCode;
  message: string;
  hint: string;
}

function dateText(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** OpenSSL's verdict in words. It gives the code of one certificate of the chain; the dates tell which. */
function chainRefusal(verdict: string, chain: readonly Certificate[], where: string): Refusal {
  const now = Date.now();
  const leaf = chain[0];
  switch (verdict) {
    case 'CERT_HAS_EXPIRED': {
      const expired = chain.find((each) => each.validTo < now) ?? leaf;
      const which = expired === leaf ? 'certificate' : `issuing certificate (${expired?.subject ?? ''})`;
      const hint = 'Renew the certificate on the server, or pin this one for now.';
      return { code: 'TLS_CERT_EXPIRED', message: `The ${which} of ${where} expired on ${dateText(expired?.validTo ?? 0)}`, hint };
    }
    case 'CERT_NOT_YET_VALID': {
      const early = chain.find((each) => each.validFrom > now) ?? leaf;
      const hint = 'Check the clock of this machine and of the server.';
      return { code: 'TLS_CERT_NOT_YET_VALID', message: `The certificate of ${where} is valid from ${dateText(early?.validFrom ?? 0)} on`, hint };
    }
    case 'DEPTH_ZERO_SELF_SIGNED_CERT': {
      const hint = 'Give the certificate as the CA file, or pin its fingerprint after checking it.';
      return { code: 'TLS_CERT_SELF_SIGNED', message: `The certificate of ${where} is self-signed`, hint };
    }
    case 'SELF_SIGNED_CERT_IN_CHAIN': {
      const hint = `Give the CA file that issued it (${chain.at(-1)?.subject ?? 'its root'}).`;
      return { code: 'TLS_CERT_UNTRUSTED', message: `The certificate of ${where} comes from a CA that is not trusted here`, hint };
    }
    default: {
      const hint = `Give the CA file that issued it (${leaf?.issuer ?? 'its issuer'}); the server may also leave out an intermediate certificate.`;
      return { code: 'TLS_CERT_UNTRUSTED', message: `The certificate of ${where} comes from a CA that is not trusted here`, hint };
    }
  }
}

function certificateDetails(leaf: Certificate | undefined): ErrorDetails {
  if (leaf === undefined) return {};
  return {
    subject: leaf.subject,
    issuer: leaf.issuer,
    validFrom: new Date(leaf.validFrom).toISOString(),
    validTo: new Date(leaf.validTo).toISOString(),
    names: leaf.names.join(', '),
    sha256: leaf.sha256,
  };
}

/** Decides on a finished handshake; throws what is wrong with the certificate, returns whether it is verified. */
function judge(socket: nodeTls.TLSSocket, tls: SocketTls, chain: readonly Certificate[], where: string, checkName: boolean): boolean {
  const leaf = chain[0];
  const details = certificateDetails(leaf);
  const verdict = socket.authorized ? '' : String(socket.authorizationError);
  if (tls.mode === 'skip') return false;
  if (tls.mode === 'pin') {
    if (leaf?.sha256 === tls.pinSha256) return true;
    throw new LookasideError('TLS_PIN_MISMATCH', `${where} presents another certificate than the pinned one`, {
      hint: 'If the certificate was renewed on purpose, check the new fingerprint with whoever runs the server and pin it.',
      details: { ...details, pinned: tls.pinSha256 ?? '', presented: leaf?.sha256 ?? '' },
    });
  }
  if (verdict !== '') {
    const refusal = chainRefusal(verdict, chain, where);
    throw new LookasideError(refusal.code, refusal.message, { hint: refusal.hint, details: { ...details, opensslCode: verdict } });
  }
  const wrongName = checkName ? nodeTls.checkServerIdentity(tls.serverName, socket.getPeerCertificate()) : undefined;
  if (wrongName !== undefined) {
    const names = leaf?.names.join(', ') ?? '';
    throw new LookasideError('TLS_NAME_MISMATCH', `The certificate of ${where} is not for ${tls.serverName}`, {
      hint: names === '' ? 'The certificate names no host.' : `It is for ${names}: connect by that name, or set it as the server name.`,
      details: { ...details, expected: tls.serverName },
    });
  }
  return true;
}

/** Resolves when the server has taken the handshake: it sent a session ticket, or the grace ended without a refusal. */
function outliveRefusal(socket: nodeTls.TLSSocket, handshakeMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, Math.min(refusalGraceMs, 30 + 2 * handshakeMs));
    function settle(): void {
      clearTimeout(timer);
      socket.off('session', done);
      socket.off('error', failed);
      socket.off('close', closed);
    }
    function done(): void {
      settle();
      // Node raises `session` from inside OpenSSL's read: what is written before that returns is never sent
      setImmediate(resolve);
    }
    function failed(error: Error): void {
      settle();
      reject(error);
    }
    function closed(): void {
      failed(Object.assign(new Error('closed after the handshake'), { code: 'ECONNRESET' }));
    }
    socket.once('session', done);
    socket.once('error', failed);
    socket.once('close', closed);
  });
}

function handshake(socket: nodeTls.TLSSocket, options: WrapOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => failed(Object.assign(new Error('handshake timeout'), { code: 'ETIMEDOUT' })), options.timeoutMs ?? 10_000);
    function settle(): void {
      clearTimeout(timer);
      socket.off('secureConnect', done);
      socket.off('error', failed);
      socket.off('close', closed);
      options.signal?.removeEventListener('abort', aborted);
    }
    function done(): void {
      settle();
      resolve();
    }
    function failed(error: Error): void {
      settle();
      reject(error);
    }
    function closed(): void {
      failed(Object.assign(new Error('closed in the handshake'), { code: 'ECONNRESET' }));
    }
    function aborted(): void {
      failed(new DOMException('Cancelled', 'AbortError'));
    }
    socket.once('secureConnect', done);
    socket.once('error', failed);
    socket.once('close', closed);
    options.signal?.addEventListener('abort', aborted, { once: true });
    if (options.signal?.aborted === true) aborted();
  });
}

/**
 * Speaks TLS on a connected stream and decides on the certificate before any byte of the caller is sent. Rejects
 * with TLS_* of the closed list (or CONNECT_TIMEOUT, CANCELLED) and destroys the stream then. Errors that come
 * later, on the returned socket, are read by `translateNetworkError`.
 */
export async function wrapTls(socket: Duplex, tls: SocketTls, options: WrapOptions = {}): Promise<{ socket: nodeTls.TLSSocket; facts: TlsFacts }> {
  const target = options.where ?? { host: tls.serverName, port: 0 };
  const where = options.where === undefined ? tls.serverName : `${target.host}:${target.port}`;
  const started = performance.now();
  const secure = nodeTls.connect({
    socket,
    secureContext: contextOf(tls),
    // the verdict is ours, after the handshake, so that a refusal can show the certificate
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    minVersion: 'TLSv1.2',
    ...(isIP(tls.serverName) === 0 && tls.serverName !== '' ? { servername: tls.serverName } : {}),
  });
  try {
    await handshake(secure, options);
    const chain = chainOf(secure);
    const verified = judge(secure, tls, chain, where, options.checkName !== false);
    const protocol = secure.getProtocol() ?? '';
    if (protocol === 'TLSv1.3') await outliveRefusal(secure, performance.now() - started);
    const mode = options.encryptOnly === true && tls.mode === 'skip' ? 'encrypt-only' : tls.mode;
    return { socket: secure, facts: { protocol, cipher: secure.getCipher().standardName ?? secure.getCipher().name, verified, mode, chain } };
  } catch (error) {
    secure.on('error', ignoreAfterFailure);
    secure.destroy();
    socket.destroy();
    if (error instanceof LookasideError) throw error;
    const alert = tlsAlertProblem(error, where);
    if (alert !== null) throw alert;
    if (errorCodeOf(error) === 'ECONNRESET') {
      throw new LookasideError('TLS_FAILED', `${where} closes the connection during the TLS handshake`, {
        hint: 'The server may speak no TLS on this port, need a client certificate, or expect another server name.',
        cause: error,
      });
    }
    if (errorCodeOf(error) === 'ETIMEDOUT') {
      throw new LookasideError('CONNECT_TIMEOUT', `${where} accepts the connection, but does not answer the TLS handshake`, {
        hint: 'A server that speaks no TLS on this port looks like this.',
        cause: error,
      });
    }
    throw translateNetworkError(error, target);
  }
}

/** The stream is already reported as failed; what its destruction raises adds nothing. */
function ignoreAfterFailure(): void {
  return undefined;
}
