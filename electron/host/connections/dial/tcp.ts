import * as net from 'node:net';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { translateNetworkError, type NetworkTarget } from './network-errors.ts';
import type { DialOptions, DialStep } from './dialer.ts';

/** Milliseconds that a dial may take when the caller gives none. */
export const defaultDialMs = 10_000;

/**
 * Opens TCP or a unix socket. Names are resolved by the system and all addresses are tried. With `onread` what comes goes
 * into its buffer and no 'data' is emitted. Rejects with a network code of the closed list.
 */
export function connectSocket(
  target: NetworkTarget,
  options: DialOptions,
  onStep: (step: DialStep) => void,
  onread?: net.OnReadOpts,
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const reading = onread === undefined ? {} : { onread };
    const socket = 'path' in target ? net.connect({ path: target.path, ...reading }) : net.connect({ host: target.host, port: target.port, ...reading });
    const timer = setTimeout(() => {
      fail(Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' }));
    }, options.timeoutMs ?? defaultDialMs);
    const addresses: string[] = [];
    function settle(): void {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', aborted);
      socket.off('error', fail);
      socket.off('connect', connected);
    }
    function fail(error: Error): void {
      settle();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(translateNetworkError(error, target));
    }
    function aborted(): void {
      fail(new DOMException('Cancelled', 'AbortError'));
    }
    function connected(): void {
      settle();
      socket.setNoDelay(true);
      onStep({ kind: 'connected', target, durationMs: performance.now() - started });
      resolve(socket);
    }
    socket.on('lookup', (error, address) => {
      if (error !== null && error !== undefined) return;
      addresses.push(address);
      if (addresses.length === 1 && 'host' in target) {
        onStep({ kind: 'resolved', host: target.host, address, durationMs: performance.now() - started });
      }
    });
    socket.once('error', fail);
    socket.once('connect', connected);
    options.signal?.addEventListener('abort', aborted, { once: true });
    if (options.signal?.aborted === true) aborted();
  });
}

/** Waits for a promise no longer than a dial may take; what arrives later goes to `discard`. */
export function withinDial<T>(work: Promise<T>, target: NetworkTarget, options: DialOptions, discard: (late: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let waiting = true;
    const timer = setTimeout(() => {
      giveUp(translateNetworkError(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' }), target));
    }, options.timeoutMs ?? defaultDialMs);
    function settle(): void {
      waiting = false;
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', aborted);
    }
    function giveUp(error: Error): void {
      settle();
      reject(error);
    }
    function aborted(): void {
      giveUp(new LookasideError('CANCELLED', 'Cancelled'));
    }
    work.then(
      (value) => {
        if (!waiting) {
          discard(value);
          return;
        }
        settle();
        resolve(value);
      },
      (error: unknown) => {
        if (waiting) giveUp(translateNetworkError(error, target));
      },
    );
    options.signal?.addEventListener('abort', aborted, { once: true });
    if (options.signal?.aborted === true) aborted();
  });
}
