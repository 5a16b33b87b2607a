import * as v from 'valibot';

/**
 * How the page of the desktop app gets its ports. The page posts `handOffRequest` with a nonce of its own to its
 * window; the preload passes it to the main process on `handOffChannel`; the main process checks the sender and
 * answers on `portsChannel` with two ports (the host's contract, the menu); the preload posts `handOffReply`, with
 * the same nonce and the ports, to the window.
 */
export const handOffChannel = 'lookaside:hand-off';
export const portsChannel = 'lookaside:ports';

const nonce = v.pipe(v.string(), v.regex(/^[\w-]{16,64}$/));

export const handOffNonce = nonce;
export const handOffRequest = v.object({ lookaside: v.literal('hand-off'), nonce });
export const handOffReply = v.object({ lookaside: v.literal('ports'), nonce });
