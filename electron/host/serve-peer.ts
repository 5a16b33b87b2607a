import { StandardRPCJsonSerializer, StandardRPCSerializer } from '@orpc/client/standard';
import { StandardRPCCodec, StandardRPCHandler } from '@orpc/server/standard';
import { encodeResponseMessage, experimental_ServerPeerWithoutCodec as ServerPeer, MessageType } from '@orpc/standard-server-peer';
import * as v from 'valibot';
import { contractError, edgeInterceptor, type ContractError, type Report } from './contract-edge.ts';
import type { HostRouter } from './router.ts';

export interface ServeOptions {
  report: Report;
  /** Requests of one client that may be under way at once, streams included; one more is refused with LIMIT_EXCEEDED. */
  maxRequests?: number;
}

const defaultMaxRequests = 256;

/**
 * The frames of oRPC's peer protocol that this contract uses: a request and its abort. Headers and methods are not
 * used, and no method takes a stream or a file as input, so the frames for those are refused.
 */
const requestFrame = v.object({
  i: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  t: v.optional(v.literal(MessageType.REQUEST)),
  p: v.object({ u: v.pipe(v.string(), v.startsWith('/'), v.maxLength(1000)), b: v.optional(v.unknown()) }),
});
const abortFrame = v.object({ i: v.string(), t: v.literal(MessageType.ABORT_SIGNAL) });
const frame = v.union([abortFrame, requestFrame]);

function parseFrame(data: unknown): v.InferOutput<typeof frame> | null {
  if (typeof data !== 'string') return null;
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return null;
  }
  const parsed = v.safeParse(frame, json);
  return parsed.success ? parsed.output : null;
}

const codec = new StandardRPCCodec(new StandardRPCSerializer(new StandardRPCJsonSerializer()));
type Response = ReturnType<typeof codec.encodeError>;

const refusal = (error: ContractError): Response => codec.encodeError(error);

/** The one error that oRPC answers with by itself and not through the edge: a body that is not its own format. */
function sealed(response: Response, report: Report): Response {
  if (response.status < 400) return response;
  const { json } = response.body as { json: { defined: boolean; code: string; message: string } };
  if (json.defined) return response;
  if (json.code === 'BAD_REQUEST') return refusal(contractError('INVALID_INPUT', 'Malformed request'));
  report(new Error(`Reply failed: ${json.code} ${json.message}`));
  return refusal(contractError('INTERNAL', 'Something failed inside Lookaside'));
}

export interface ServedPeer {
  /** A frame from the client. False when it is malformed: the connection is not to be trusted any more. */
  receive(data: unknown): boolean;
  /** Aborts every call under way. */
  close(): void;
}

/**
 * One client of the host, whatever carries its frames. `send` resolves when the transport has taken the frame: a
 * stream's next snapshot is not asked for before, so a client that does not read holds one snapshot per stream.
 */
export function servePeer(router: HostRouter, send: (frame: string) => Promise<void> | void, options: ServeOptions): ServedPeer {
  const { report, maxRequests = defaultMaxRequests } = options;
  const handler = new StandardRPCHandler(router, { clientInterceptors: [edgeInterceptor(report)] });
  let underWay = 0;
  let closed = false;

  const sendFrame = async (...message: Parameters<typeof encodeResponseMessage>): Promise<void> => {
    const encoded = await encodeResponseMessage(...message);
    if (typeof encoded !== 'string') throw new TypeError('A reply holds a file');
    if (!closed) await send(encoded);
  };
  const peer = new ServerPeer(async ([id, type, payload]) => sendFrame(id, type, payload));

  const answer = async (id: string, path: string, body: unknown): Promise<void> => {
    if (underWay >= maxRequests) {
      const tooMany = contractError('LIMIT_EXCEEDED', `More than ${maxRequests} requests at once`, { limit: maxRequests });
      await sendFrame(id, MessageType.RESPONSE, refusal(tooMany));
      return;
    }
    underWay += 1;
    try {
      const request = { url: new URL(`http://host${path}`), method: 'POST', headers: {}, body };
      await peer.message([id, MessageType.REQUEST, request], async (received) => {
        const result = await handler.handle({ ...received, body: async () => received.body }, { context: {} });
        return result.matched
          ? sealed(result.response, report)
          : refusal(contractError('NOT_FOUND', 'No such method', { method: path.slice(0, 100) }));
      });
    } finally {
      underWay -= 1;
    }
  };

  const failed = (error: unknown): void => {
    if (!closed) report(error);
  };

  return {
    receive(data) {
      if (closed) return true;
      const message = parseFrame(data);
      if (message === null) return false;
      if ('p' in message) answer(message.i, message.p.u, message.p.b).catch(failed);
      else peer.message([message.i, MessageType.ABORT_SIGNAL, undefined]).catch(failed);
      return true;
    },
    close() {
      closed = true;
      peer.close();
    },
  };
}
