import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
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

/** Engine.io's answer to an upgrade, whose class is not exported: of Node's own answer it has next to nothing. */
interface UpgradeAnswer {
  req: unknown;
  socket: Duplex;
}

/**
 * Lets go of the request of an upgrade. Engine.io's answer to it lives as long as the connection, because it passes on
 * the connection's end to nobody. Answers to other requests are Node's own, and stay as they are.
 */
export function releaseRequest(response: object): void {
  if ('headersSent' in response) return;
  const answer = response as UpgradeAnswer;
  const passesOn = answer.socket.listeners('close').at(-1);
  if (passesOn) answer.socket.off('close', passesOn as () => void);
  answer.req = null;
}

const NOTHING = Object.freeze({});

/** Forgets what a socket's handshake carried, once it was admitted and welcomed. */
export function forgetHandshake(socket: LiveSocket): void {
  Object.assign(socket, { handshake: NOTHING });
  socket.data.user = null;
}
