import type { IncomingMessage } from 'node:http';
import type { LiveSocket, LiveTransport } from '../types.ts';

/** What a handshake reads of a request that carries nothing. */
const NOTHING_SENT = { headers: {}, url: '', _query: {}, connection: {} } as unknown as IncomingMessage;

/** What may carry a token: a namespace that is joined later looks for it. */
function keptPart({ headers: { authorization, cookie } }: IncomingMessage): IncomingMessage {
  if (authorization === undefined && cookie === undefined) return NOTHING_SENT;
  return { ...NOTHING_SENT, headers: { authorization, cookie } } as IncomingMessage;
}

/**
 * Replaces the first request of a transport by the part that is still needed: engine.io would keep the whole, a fifth of
 * the memory of an idle client.
 */
export function shortenRequest(transport: LiveTransport): void {
  Object.assign(transport, { request: keptPart(transport.request) });
}

/**
 * Lets go of the request of an upgrade: engine.io's answer to it lives as long as the connection. Answers to other
 * requests are Node's own, and stay as they are.
 */
export function releaseRequest(response: object): void {
  if (!('headersSent' in response)) Object.assign(response, { req: null });
}

const NOTHING = Object.freeze({});

/** Forgets what a socket's handshake carried, once it was admitted and welcomed. */
export function forgetHandshake(socket: LiveSocket): void {
  Object.assign(socket, { handshake: NOTHING });
  socket.data.user = null;
}
