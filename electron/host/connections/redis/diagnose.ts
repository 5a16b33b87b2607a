import { LookasideError, type ErrorCode } from '../../../../shared/contract/errors.ts';
import type { Dialer, DialedSocket } from '../dial/dialer.ts';
import { targetDetails, targetText, type NetworkTarget } from '../dial/network-errors.ts';
import { wrapTls } from '../dial/tls.ts';
import { notRedis } from './redis-errors.ts';

const lookMs = 2000;

/** Failures that a wrong choice of TLS can look like. */
const ambiguous: ReadonlySet<ErrorCode> = new Set(['CONNECTION_LOST', 'CONNECT_TIMEOUT', 'TLS_FAILED', 'REDIS_NOT_REDIS']);

function dial(dialer: Dialer, target: NetworkTarget, signal: AbortSignal): Promise<DialedSocket> {
  const limits = { signal, timeoutMs: lookMs };
  return 'path' in target ? dialer.dialPath(target.path, limits) : dialer.dial(target.host, target.port, limits);
}

export function tlsExpected(target: NetworkTarget): LookasideError {
  return new LookasideError('TLS_EXPECTED_BY_SERVER', `${targetText(target)} speaks TLS, and this connection does not`, {
    hint: 'Turn TLS on for this connection.',
    details: targetDetails(target),
  });
}

async function speaksTls(dialer: Dialer, target: NetworkTarget, signal: AbortSignal): Promise<boolean> {
  try {
    const where = 'path' in target ? undefined : target;
    const { socket } = await wrapTls(await dial(dialer, target, signal), { mode: 'skip', serverName: where?.host ?? '' }, { signal, timeoutMs: lookMs, where });
    socket.destroy();
    return true;
  } catch (error) {
    return error instanceof LookasideError && error.code === 'TLS_CLIENT_CERT_REQUIRED';
  }
}

const redisAnswer = /^(?:\+PONG|-NOAUTH|-DENIED|-ERR|-LOADING|-NOPERM|-MASTERDOWN)/;

/** Postgres answers an SSLRequest (protocol 3.0, message formats) with one byte; what Redis says to it is longer. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

function firstAnswer(socket: DialedSocket, question: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const end = (text: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(() => end(''), lookMs);
    socket.once('data', (chunk: Buffer) => end(chunk.toString('latin1', 0, 32)));
    socket.once('error', () => end(''));
    socket.once('close', () => end(''));
    socket.write(question);
  });
}

/** Knocks once more, in another language, when TLS where there is none, or none where there is, would explain a failure. */
export async function explainFailure(
  error: LookasideError,
  about: { dialer: Dialer; target: NetworkTarget; tls: boolean; reached: boolean; signal: AbortSignal },
): Promise<LookasideError> {
  const { dialer, target, signal } = about;
  if (!about.reached || signal.aborted || !ambiguous.has(error.code)) return error;
  try {
    if (!about.tls) {
      if (await speaksTls(dialer, target, signal)) return tlsExpected(target);
      const isPostgres = error.code === 'CONNECTION_LOST' && /^[SN]$/.test(await firstAnswer(await dial(dialer, target, signal), sslRequest));
      return isPostgres ? notRedis({ target }, 'a Postgres server') : error;
    }
    if (!redisAnswer.test(await firstAnswer(await dial(dialer, target, signal), 'PING\r\n'))) return error;
    return new LookasideError('TLS_NOT_SPOKEN', `${targetText(target)} answers, but not with TLS`, {
      hint: 'Turn TLS off for this connection, or use the port on which the server speaks TLS.',
      details: targetDetails(target),
    });
  } catch (second) {
    if (second instanceof LookasideError) return error;
    throw second;
  }
}
