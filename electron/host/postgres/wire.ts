import type { Dialer, DialedSocket } from '../connections/dial/dialer.ts';
import { translateNetworkError, type NetworkTarget } from '../connections/dial/network-errors.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';

/** SSLRequest and CancelRequest of the frontend/backend protocol ("Message Formats"). */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const cancelCode = 80_877_102;

export function dialTarget(dialer: Dialer, target: NetworkTarget, options: { signal?: AbortSignal | undefined; timeoutMs?: number }): Promise<DialedSocket> {
  return 'path' in target ? dialer.dialPath(target.path, options) : dialer.dial(target.host, target.port, options);
}

/** The first bytes that come, or `null` when none come in time; empty when the peer closes. Rejects with network codes. */
export function firstBytes(socket: DialedSocket, target: NetworkTarget, timeoutMs: number, signal?: AbortSignal): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(null), timeoutMs);
    function release(): void {
      clearTimeout(timer);
      socket.off('data', finish);
      socket.off('end', ended);
      socket.off('close', ended);
      socket.off('error', failed);
      signal?.removeEventListener('abort', aborted);
    }
    function finish(bytes: Buffer | null): void {
      release();
      resolve(bytes);
    }
    function ended(): void {
      finish(Buffer.alloc(0));
    }
    function failed(error: Error): void {
      release();
      reject(translateNetworkError(error, target));
    }
    function aborted(): void {
      release();
      reject(new LookasideError('CANCELLED', 'Cancelled'));
    }
    socket.once('data', finish);
    socket.once('end', ended);
    socket.once('close', ended);
    socket.once('error', failed);
    signal?.addEventListener('abort', aborted, { once: true });
    if (signal?.aborted === true) aborted();
  });
}

function notPostgres(where: string, what: string, hint: string): LookasideError {
  return new LookasideError('PG_NOT_POSTGRES', `${where} answers, but as ${what}`, { hint, details: { answers: what } });
}

/** What a server says about itself when a line that is no Postgres is sent; `null` when it stays silent. */
function recognise(bytes: Buffer, where: string): LookasideError | null {
  const text = bytes.toString('latin1', 0, 64);
  if (/^(?:\+PONG|-NOAUTH|-ERR|-DENIED|-LOADING|-MISCONF)/.test(text)) return notPostgres(where, 'a Redis', 'This is the port of a Redis; Postgres usually listens on 5432.');
  if (/^HTTP\/|^<(?:!doctype|html)/i.test(text)) return notPostgres(where, 'a web server', 'Check the port; Postgres usually listens on 5432.');
  if (text.startsWith('SSH-')) return notPostgres(where, 'an SSH server', 'Put it in as the SSH tunnel, and Postgres as the host.');
  if (/mysql|mariadb/i.test(text)) return notPostgres(where, 'a MySQL or MariaDB', 'Check the port; Postgres usually listens on 5432.');
  if (bytes[0] === 0x15 && bytes[1] === 0x03) return notPostgres(where, 'a server that expects TLS at once', 'A proxy that starts with TLS stands before the server; use another port.');
  return null;
}

/** Asks on a fresh connection who answers there; `null` when nothing is recognised. Never throws for network reasons. */
export async function whoAnswers(dialer: Dialer, target: NetworkTarget, where: string, signal?: AbortSignal): Promise<LookasideError | null> {
  try {
    const socket = await dialTarget(dialer, target, { signal, timeoutMs: 3000 });
    try {
      socket.on('error', () => socket.destroy());
      socket.write('PING\r\n\r\n');
      const bytes = await firstBytes(socket, target, 1000, signal);
      return bytes === null ? null : recognise(bytes, where);
    } finally {
      socket.destroy();
    }
  } catch (error) {
    if (error instanceof LookasideError) return null;
    throw error;
  }
}

/**
 * Asks whether the server speaks TLS. True: the caller starts the handshake now. Rejects with PG_NOT_POSTGRES when
 * something else answers, and CONNECT_TIMEOUT when nothing does.
 */
export async function askForTls(socket: DialedSocket, target: NetworkTarget, where: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  socket.write(sslRequest);
  const bytes = await firstBytes(socket, target, timeoutMs, signal);
  if (bytes === null) throw translateNetworkError(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }), target);
  if (bytes.length === 0) throw translateNetworkError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }), target);
  if (bytes.length === 1 && bytes[0] === 0x53) return true;
  if (bytes.length === 1 && bytes[0] === 0x4e) return false;
  if (bytes[0] === 0x53) {
    // bytes before the handshake could be slipped in by somebody in between (CVE-2021-23222)
    throw new LookasideError('TLS_FAILED', `${where} sends unencrypted bytes before the TLS handshake`, { hint: 'Something between this machine and the server may interfere.' });
  }
  throw recognise(bytes, where) ?? notPostgres(where, 'no Postgres', 'Check the host and the port.');
}

/** Asks the server to stop what the session does now. Sent on a connection of its own, as the protocol wants. */
export async function sendCancel(dialer: Dialer, target: NetworkTarget, processId: number, secretKey: number): Promise<void> {
  const socket = await dialTarget(dialer, target, { timeoutMs: 5000 });
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(cancelCode, 4);
  message.writeInt32BE(processId, 8);
  message.writeInt32BE(secretKey, 12);
  const timer = setTimeout(() => socket.destroy(), 5000);
  await new Promise<void>((resolve) => {
    socket.on('error', () => resolve());
    socket.once('close', () => resolve());
    socket.end(message);
    socket.resume();
  });
  clearTimeout(timer);
}
