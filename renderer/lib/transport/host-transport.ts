import { ORPCError, type ClientContext, type ClientLink } from '@orpc/client';
import type { MenuCommand } from '../../../shared/menu-commands.ts';
import { errorCodes, type ErrorCode, type ErrorData } from '../../../shared/contract/errors.ts';

/** One open way to the host: a WebSocket or a MessagePort. When it closes it is done; another is opened. */
export interface HostTransport {
  readonly link: ClientLink<ClientContext>;
  /** Whether calls can still be sent. */
  isOpen(): boolean;
  onClose(listener: () => void): void;
  onMenuCommand(listener: (command: MenuCommand) => void): void;
  close(): void;
}

/** A failure of the page's own making, in the shape of those that come from the host. */
export function transportError(code: ErrorCode, message: string, hint = ''): ORPCError<ErrorCode, ErrorData> {
  return new ORPCError<ErrorCode, ErrorData>(code, { defined: true, message, data: { hint, details: {} } });
}

const known: ReadonlySet<string> = new Set(errorCodes);

/** Errors of the host pass; what oRPC's queues throw on abort and on a lost link becomes CANCELLED or HOST_UNREACHABLE. */
function translate(error: unknown, transport: HostTransport, signal: AbortSignal | undefined): unknown {
  if (error instanceof ORPCError && known.has(error.code)) return error;
  if (signal?.aborted) return transportError('CANCELLED', 'Cancelled');
  if (!transport.isOpen()) {
    return transportError('HOST_UNREACHABLE', 'The connection to Lookaside was lost', 'It reconnects by itself; repeat the action then.');
  }
  return transportError('INTERNAL', 'The reply could not be read', error instanceof Error ? error.message : '');
}

/** Rejects what waits on each transport once it closes. */
const waiting = new WeakMap<HostTransport, Set<() => void>>();

/**
 * The outcome of a call, or its rejection when the transport closes first. oRPC's client alone does not see to that: a
 * call that is still being encoded when a port closes is sent to nobody and would wait for ever.
 */
function whileOpen<T>(transport: HostTransport, call: Promise<T>): Promise<T> {
  const known = waiting.get(transport);
  const lost = known ?? new Set();
  if (known === undefined) {
    waiting.set(transport, lost);
    transport.onClose(() => {
      for (const reject of lost) reject();
    });
  }
  return new Promise((resolve, reject) => {
    const lose = () => reject(new Error('The transport closed'));
    lost.add(lose);
    void call.then(resolve, reject).finally(() => lost.delete(lose));
  });
}

function isStream(output: unknown): output is AsyncIteratorObject<unknown, unknown, void> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

/** The same stream, except that an aborted one ends instead of rejecting, and a lost link rejects with a code. */
function translateStream(
  stream: AsyncIteratorObject<unknown, unknown, void>,
  transport: HostTransport,
  signal: AbortSignal | undefined,
): AsyncIteratorObject<unknown, unknown, void> {
  const ended = { done: true, value: undefined } as const;
  return {
    next: async () => {
      if (signal?.aborted) return ended;
      try {
        return await stream.next();
      } catch (error) {
        if (signal?.aborted) return ended;
        throw translate(error, transport, signal);
      }
    },
    return: async (value) => {
      try {
        return (await stream.return?.(value)) ?? ended;
      } catch (error) {
        // Leaving a stream tells the host to stop; over a lost link there is nobody left to tell.
        if (!transport.isOpen() || signal?.aborted) return ended;
        throw translate(error, transport, signal);
      }
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The one link that the page's client uses for its whole life, over whichever transport is open at the moment. */
export function createTranslatingLink(current: () => HostTransport | null): ClientLink<ClientContext> {
  return {
    call: async (path, input, options) => {
      const transport = current();
      if (transport === null || !transport.isOpen()) {
        throw transportError('HOST_UNREACHABLE', 'Lookaside does not answer', 'It reconnects by itself; repeat the action then.');
      }
      try {
        const output = await whileOpen(transport, transport.link.call(path, input, options));
        return isStream(output) ? translateStream(output, transport, options.signal) : output;
      } catch (error) {
        throw translate(error, transport, options.signal);
      }
    },
  };
}
