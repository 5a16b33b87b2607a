import { LookasideError, type ErrorCode, type ErrorDetails } from '../../../../shared/contract/errors.ts';

/** Codes of OpenSSL that mean: what answers is not TLS at all. */
const notTls = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_HTTPS_PROXY_REQUEST',
  'ERR_SSL_UNKNOWN_PROTOCOL',
  'ERR_SSL_RECORD_LAYER_FAILURE',
  'ERR_SSL_UNEXPECTED_MESSAGE',
  'ERR_SSL_BAD_RECORD_TYPE',
  'ERR_SSL_INVALID_ALERT',
]);

const alertCodes = new Map<string, { code: ErrorCode; message: string; hint: string }>([
  [
    'CERTIFICATE_REQUIRED',
    { code: 'TLS_CLIENT_CERT_REQUIRED', message: 'asks for a client certificate', hint: 'Give a client certificate and its key.' },
  ],
  [
    'BAD_CERTIFICATE',
    { code: 'TLS_CLIENT_CERT_REQUIRED', message: 'does not accept the client certificate', hint: 'Give a client certificate that the server trusts, and its key.' },
  ],
  [
    'UNKNOWN_CA',
    { code: 'TLS_CLIENT_CERT_REQUIRED', message: 'does not know who issued the client certificate', hint: 'Use a client certificate issued by a CA that the server trusts.' },
  ],
  [
    'CERTIFICATE_EXPIRED',
    { code: 'TLS_CLIENT_CERT_REQUIRED', message: 'says that the client certificate is expired', hint: 'Renew the client certificate.' },
  ],
  [
    'CERTIFICATE_UNKNOWN',
    { code: 'TLS_CLIENT_CERT_REQUIRED', message: 'does not accept the client certificate', hint: 'Give a client certificate that the server trusts, and its key.' },
  ],
  [
    'PROTOCOL_VERSION',
    { code: 'TLS_FAILED', message: 'speaks no TLS version in common with this app', hint: 'The server needs TLS 1.2 or later.' },
  ],
  [
    'UNRECOGNIZED_NAME',
    { code: 'TLS_FAILED', message: 'does not know the server name that was asked for', hint: 'Set the server name (SNI) that the server expects.' },
  ],
]);

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * The meaning of an OpenSSL failure or a TLS alert (RFC 8446, 6.2), or `null` when the error is not of TLS. In
 * TLS 1.3 a missing client certificate shows only on the first read, so drivers' errors come here too.
 */
export function tlsAlertProblem(error: unknown, where: string, details: ErrorDetails = {}): LookasideError | null {
  const code = codeOf(error);
  if (!code.startsWith('ERR_SSL_') && code !== 'EPROTO') return null;
  if (notTls.has(code)) {
    return new LookasideError('TLS_NOT_SPOKEN', `${where} answers, but not with TLS`, {
      hint: 'Turn TLS off for this connection, or use the port on which the server speaks TLS.',
      details,
      cause: error,
    });
  }
  const alert = [...alertCodes].find(([name]) => code.endsWith(name) || code.endsWith(`ALERT_${name}`));
  if (alert !== undefined) {
    const [, rule] = alert;
    return new LookasideError(rule.code, `${where} ${rule.message}`, { hint: rule.hint, details: { ...details, opensslCode: code }, cause: error });
  }
  return new LookasideError('TLS_FAILED', `The TLS handshake with ${where} fails`, {
    hint: 'The server and this app may have no cipher or protocol version in common, or the server needs a client certificate.',
    details: { ...details, opensslCode: code },
    cause: error,
  });
}
