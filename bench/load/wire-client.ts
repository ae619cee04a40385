import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { BuyerConnection, ConnectionEvents } from './buyer-connection.ts';
import { FrameReader, textFrame } from './frames.ts';

const NAMESPACE = '/booking,';
/** A connection has one in-flight command, so all acknowledgements can have the same number. */
const ACK_ID = 1;
/** Index of the first letter of the name in `42/booking,["name",…`. */
const NAME_AT = '42/booking,["'.length;
/** Index of the first letter of true or false in `43/booking,1[{"ok":true`. */
const OK_AT = `43/booking,${ACK_ID}[{"ok":`.length;

/** Bytes that tell packets apart: Engine.IO's types, Socket.IO's types, then first letters of a reply or push. */
const [MESSAGE, PING] = [byteOf('4'), byteOf('2')];
const [CONNECT, EVENT, ACK] = [byteOf('0'), byteOf('2'), byteOf('3')];
const [TRUE, AVAILABILITY_CHANGED, BOOKING_CHANGED] = [byteOf('t'), byteOf('a'), byteOf('b')];

const PONG = textFrame('3');

function byteOf(character: string): number {
  return character.charCodeAt(0);
}

/** A connection over which packets of any kind can be sent. */
interface Wire {
  /** Writes one packet, or several that were framed together. */
  write(frames: Buffer): void;
  close(): void;
}

interface WireEvents {
  /** A push or an acknowledgement. */
  received(frame: Buffer): void;
  closed(): void;
}

/**
 * Connects by a client of our own, which speaks Engine.IO and Socket.IO over a bare WebSocket: the load generator shares
 * the cores with the server. Resolves when the server has accepted the connection.
 */
export function openWire(port: number, token: string, events: WireEvents): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const wire: Wire = { write: (frames) => void socket.write(frames), close: () => void socket.destroy() };
    const reader = new FrameReader((frame) => {
      if (frame[0] === PING) socket.write(PONG);
      else if (frame[0] !== MESSAGE) socket.write(textFrame(`40${NAMESPACE}${JSON.stringify({ token })}`));
      else if (isAcknowledgement(frame) || frame[1] === EVENT) events.received(frame);
      else if (frame[1] === CONNECT) resolve(wire);
      else reject(new Error(`The server refuses: ${frame.toString()}`));
    });
    socket.once('error', reject);
    socket.once('close', () => events.closed());
    upgrade(socket, port, (rest) => {
      reader.read(rest);
      socket.on('data', (chunk: Buffer) => reader.read(chunk));
    });
  });
}

/** Whether a received packet is an acknowledgement; otherwise it is a push. */
export function isAcknowledgement(frame: Buffer): boolean {
  return frame[1] === ACK;
}

/** The packet of a command, framed; `acknowledgement` is the number that its acknowledgement has. */
export function commandFrame(command: string, input: string, acknowledgement: number): Buffer {
  return textFrame(`42${NAMESPACE}${acknowledgement}["${command}",${input}]`);
}

/** Connects a buyer with one in-flight command. Only the first bytes of a reply or push are read. */
export async function openWireConnection(
  port: number,
  token: string,
  events: ConnectionEvents,
): Promise<BuyerConnection> {
  const wire = await openWire(port, token, {
    received: (frame) => {
      if (isAcknowledgement(frame)) events.replied(frame[OK_AT] === TRUE, frame);
      else notePush(frame, events);
    },
    closed: () => events.closed(),
  });
  return { send: (command, input) => wire.write(commandFrame(command, input, ACK_ID)), close: () => wire.close() };
}

function notePush(frame: Buffer, events: ConnectionEvents): void {
  if (frame[NAME_AT] === AVAILABILITY_CHANGED) events.pushed('availabilityChanged');
  else if (frame[NAME_AT] === BOOKING_CHANGED) events.pushed('bookingChanged');
}

const HEAD_END = '\r\n\r\n';

/** Sends the HTTP upgrade to a WebSocket; `opened` gets the bytes that arrived behind the response's head. */
export function upgrade(socket: ReturnType<typeof connect>, port: number, opened: (rest: Buffer) => void): void {
  const request = [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
  ];
  socket.write(request.join('\r\n') + HEAD_END);
  let head: Buffer = Buffer.alloc(0);
  socket.on('data', function readHead(chunk: Buffer) {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(HEAD_END);
    if (end < 0) return;
    socket.off('data', readHead);
    if (!head.toString('latin1').startsWith('HTTP/1.1 101')) {
      socket.destroy(new Error(`The server opens no WebSocket: ${head.toString('latin1', 0, 80)}`));
    } else opened(head.subarray(end + HEAD_END.length));
  });
}
