import type { EventEmitter } from 'node:events';
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

/** engine.io's answer to the request of an upgrade, in fields that its types do not declare; a test shows that they exist. */
interface UpgradeAnswer {
  req: IncomingMessage | null;
  socket: EventEmitter | null;
}

/**
 * Lets go of the answer to the request of an upgrade, which engine.io would keep with the request as long as the
 * connection, to report its end. Answers to other requests are Node's own, and stay as they are.
 */
export function releaseAnswer(answer: object): void {
  if ('headersSent' in answer) return;
  const { socket } = answer as UpgradeAnswer;
  // engine.io listens once; who else listens to the end by then does so for good.
  const reportsEnd = socket?.rawListeners('close').find((listener) => 'listener' in listener);
  if (reportsEnd) socket?.off('close', reportsEnd as unknown as () => void);
  Object.assign(answer, { req: null, socket: null });
}

/** Parts of an open transport, in fields that engine.io does not declare. */
interface OpenTransport {
  name: string;
  socket?: EventEmitter;
  removeAllListeners(name: string): void;
}

/** Removes what engine.io needs only until a WebSocket is open, from its transport and from the WebSocket itself. */
export function releaseOpening({ transport }: LiveTransport): void {
  const opened = transport as unknown as OpenTransport;
  if (opened.name !== 'websocket') return;
  opened.removeAllListeners('headers');
  const beforeOpening = opened.socket?.listeners('error').find(({ name }) => name === 'onUpgradeError');
  if (beforeOpening) opened.socket?.off('error', beforeOpening as () => void);
}

const NOTHING = Object.freeze({});
/** A server that asks no client for an acknowledgement gets none to wait for. */
const NO_ACKNOWLEDGEMENTS: ReadonlyMap<number, never> = new Map<number, never>();

/** Forgets what a socket's handshake carried, once it was admitted and welcomed. */
export function forgetHandshake(socket: LiveSocket): void {
  Object.assign(socket, { handshake: NOTHING, acks: NO_ACKNOWLEDGEMENTS });
  socket.data.user = null;
}
