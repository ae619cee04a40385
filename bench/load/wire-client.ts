import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { BuyerConnection, ConnectionEvents } from './buyer-connection.ts';
import { FrameReader, textFrame } from './frames.ts';

const NAMESPACE = '/booking,';
/** A connection has one in-flight command, so all acknowledgements can have the same number. */
const ACK_ID = '1';
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

/**
 * Connects by a client of our own, which speaks Engine.IO and Socket.IO over a bare WebSocket and reads only the first
 * bytes of a reply or push: the load generator shares the cores with the server. Resolves when the server has accepted
 * the connection.
 */
export function openWireConnection(port: number, token: string, events: ConnectionEvents): Promise<BuyerConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const connection: BuyerConnection = {
      send: (command, input) => void socket.write(textFrame(`42${NAMESPACE}${ACK_ID}["${command}",${input}]`)),
      close: () => void socket.destroy(),
    };
    const reader = new FrameReader((frame) => {
      if (frame[0] === PING) socket.write(PONG);
      else if (frame[0] !== MESSAGE) socket.write(textFrame(`40${NAMESPACE}${JSON.stringify({ token })}`));
      else if (frame[1] === ACK) events.replied(frame[OK_AT] === TRUE, frame);
      else if (frame[1] === EVENT) notePush(frame, events);
      else if (frame[1] === CONNECT) resolve(connection);
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

function notePush(frame: Buffer, events: ConnectionEvents): void {
  if (frame[NAME_AT] === AVAILABILITY_CHANGED) events.pushed('availabilityChanged');
  else if (frame[NAME_AT] === BOOKING_CHANGED) events.pushed('bookingChanged');
}

const HEAD_END = '\r\n\r\n';

/** Sends the HTTP upgrade to a WebSocket; `opened` gets the bytes that arrived behind the response's head. */
function upgrade(socket: ReturnType<typeof connect>, port: number, opened: (rest: Buffer) => void): void {
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
