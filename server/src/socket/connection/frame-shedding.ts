import type { Socket as NetSocket } from 'node:net';
import type { Result } from '#shared/protocol/errors.ts';
import type { LiveSocket, LiveTransport } from '../types.ts';
import { clientFrameAt } from './client-frames.ts';
import type { Connection } from './connection.ts';
import type { PausableSocket } from './rests.ts';
import { createRests } from './rests.ts';
import { joinedTextFrames } from './text-frames.ts';

/**
 * How long a connection is not read after a refusal, and how much longer for each command that was refused with it. A
 * client that waits as long as it was told to does not notice.
 */
const REST_MS = 200;
const REST_EACH_MS = 10;
const LONGEST_REST_MS = 500;
/** The start of a Socket.IO packet to `/booking` that carries a command and asks for an acknowledgement. */
const COMMAND = /^2\/booking,(\d{1,15})\["(\w+)",/;
/** Engine.IO's type of a packet that carries one of Socket.IO. */
const MESSAGE = '4';
const OBJECT_ID = /^[0-9A-Fa-f]{24}$/;
const EVENT_ID = /"eventId":\s*"([0-9A-Fa-f]{24})"/;

/** The refusal of a command by a full event queue; null if the command takes the whole path. */
type Shed = (connection: Connection, name: string, eventId: string) => Result<never> | null;

/** A refused connection, and what ws reads its bytes with. */
interface RefusedConnection {
  socket: LiveSocket;
  receiver: Receiver;
  /** The listener of ws for bytes that arrive. */
  read(this: NetSocket, chunk: Buffer): void;
}

/**
 * Refuses commands to full event queues as soon as they have arrived: their input is not checked. Over a WebSocket, the
 * connection is then not read for a moment, so that what it sends meanwhile is read, refused and answered at once:
 * system calls are most of what a refusal costs. And from then on its frames are found in the bytes that arrive, before
 * ws, engine.io and Socket.IO have their share, until a chunk of bytes holds nothing to refuse.
 */
export function createFrameShedding(shed: Shed, monotonic: () => number) {
  /** Packets of the refusals that leave at the end of this turn of the event loop. */
  const refusals = new Map<LiveSocket, string[]>();
  const refusedConnections = new WeakMap<NetSocket, RefusedConnection>();
  const rests = createRests(monotonic);

  /** Answers a Socket.IO packet here if it is a command to be refused; returns whether it did. */
  function refusePacket(socket: LiveSocket, packet: string): boolean {
    const command = COMMAND.exec(packet);
    if (!command || !socket.connected) return false;
    const [, acknowledgement = '', name = ''] = command;
    const eventId = EVENT_ID.exec(packet)?.[1]?.toLowerCase();
    const reply = eventId === undefined ? null : shed(socket.data.connection, name, eventId);
    if (!reply) return false;
    refusalsOf(socket).push(`3/booking,${acknowledgement}[${JSON.stringify(reply)}]`);
    return true;
  }

  /** The refusals of this turn, which are sent at its end. From the first on the connection is not read. */
  function refusalsOf(socket: LiveSocket): string[] {
    const known = refusals.get(socket);
    if (known) return known;
    const first: string[] = [];
    refusals.set(socket, first);
    const webSocket = webSocketOf(socket);
    webSocket?.pause();
    setImmediate(() => {
      refusals.delete(socket);
      sendTogether(socket.conn, first);
      if (webSocket) rests.begin(webSocket, Math.min(LONGEST_REST_MS, REST_MS + first.length * REST_EACH_MS));
    });
    return first;
  }

  /** Looks for frames to refuse in the bytes that arrive over this connection from now on. */
  function readBytes(socket: LiveSocket): void {
    const webSocket = webSocketOf(socket);
    const net = webSocket?._socket;
    if (!webSocket || !net || refusedConnections.has(net)) return;
    const [read, ...others] = net.listeners('data') as RefusedConnection['read'][];
    if (!read || others.length > 0) return;
    refusedConnections.set(net, { socket, receiver: webSocket._receiver, read });
    net.off('data', read).on('data', refuseFrames);
  }

  /** Refuses the frames of a chunk that are commands to full queues, and hands all other bytes to ws, in order. */
  function refuseFrames(this: NetSocket, chunk: Buffer): void {
    const { socket, receiver, read } = refusedConnections.get(this) as RefusedConnection;
    // ws reads no more, and has removed its listener, in the place of which this function is.
    if (this.destroyed || receiver._errored) return;
    let kept = 0;
    let hasRefused = false;
    // In the middle of a frame or of a message, ws goes on.
    for (let at = 0, next = isBetweenMessages(receiver) ? clientFrameAt(chunk, 0) : null; next;) {
      const { text, end } = next;
      if (text?.startsWith(MESSAGE) && refusePacket(socket, text.slice(MESSAGE.length))) {
        hasRefused = true;
        if (at > kept) read.call(this, chunk.subarray(kept, at));
        kept = end;
      }
      at = end;
      next = clientFrameAt(chunk, at);
    }
    if (!hasRefused) {
      this.off('data', refuseFrames).on('data', read);
      refusedConnections.delete(this);
    }
    if (kept < chunk.length) read.call(this, kept === 0 ? chunk : chunk.subarray(kept));
  }

  return {
    /** Answers a packet, as Socket.IO has decoded it, if it is a command to be refused; returns whether it did. */
    refuse(socket: LiveSocket, [name, input, acknowledge]: readonly unknown[]): boolean {
      const eventId = eventIdOf(input);
      if (eventId === null || typeof name !== 'string' || typeof acknowledge !== 'function') return false;
      const reply = shed(socket.data.connection, name, eventId);
      if (!reply) return false;
      (acknowledge as (reply: unknown) => void)(reply);
      refusalsOf(socket);
      readBytes(socket);
      return true;
    },
  };
}

function eventIdOf(input: unknown): string | null {
  if (typeof input !== 'object' || input === null || !('eventId' in input)) return null;
  const { eventId } = input;
  return typeof eventId === 'string' && OBJECT_ID.test(eventId) ? eventId.toLowerCase() : null;
}

/** Whether ws has neither a part of a frame nor a part of a message. */
function isBetweenMessages({ _state, _bufferedBytes, _fragmented }: Receiver): boolean {
  return _state === 0 && _bufferedBytes === 0 && _fragmented === 0;
}

function sendTogether(transport: LiveTransport, packets: readonly string[]): void {
  if (packets.length === 0) return;
  const message = packets.map((packet) => `4${packet}`);
  // engine.io sends these bytes as they are, at their place among the other packets; its types do not declare it.
  transport.write('', { wsPreEncodedFrame: joinedTextFrames(message) } as object);
}

/** The part of ws that reads frames. State 0: the next byte is the first of a frame. */
interface Receiver {
  _state: number;
  _bufferedBytes: number;
  /** Type of the message that has begun, or 0. */
  _fragmented: number;
  /** Whether the client broke the protocol. */
  _errored: boolean;
}

interface ReadWebSocket extends PausableSocket {
  _socket?: NetSocket;
  _receiver: Receiver;
}

/** The WebSocket of a connection, in fields that engine.io and ws do not declare; a test shows that they exist. */
function webSocketOf({ conn: { transport } }: LiveSocket): ReadWebSocket | undefined {
  if (transport.name !== 'websocket') return undefined;
  return (transport as unknown as { socket?: ReadWebSocket }).socket;
}
