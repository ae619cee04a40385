import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { FrameReader, textFrame } from './frames.ts';
import type { Buyer, BuyerEvents } from './buyer-connection.ts';

const NAMESPACE = '/booking,';
/** Only one command of a buyer is in work at a time, so one number does for all acknowledgements. */
const ACK_ID = '1';
/** In `42/booking,["name",…` the name's first letter; in `43/booking,1[{"ok":true` the first of true or false. */
const NAME_AT = '42/booking,["'.length;
const OK_AT = `43/booking,${ACK_ID}[{"ok":`.length;

const code = (character: string) => character.charCodeAt(0);
const [MESSAGE, PING, EVENT, ACK, CONNECT, TRUE, AVAILABILITY, BOOKING] = [
  ...['4', '2', '2', '3', '0', 't', 'a', 'b'].map(code),
] as [number, number, number, number, number, number, number, number];

const PONG = textFrame('3');

/**
 * A buyer that speaks Engine.IO and Socket.IO over a bare WebSocket, and of an answer or a push reads no more than the
 * first bytes: the measuring shares its two cores with what it measures. Resolves when the server has let it in.
 */
export function openWire(port: number, token: string, events: BuyerEvents): Promise<Buyer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const buyer: Buyer = {
      send: (command, input) => void socket.write(textFrame(`42${NAMESPACE}${ACK_ID}["${command}",${input}]`)),
      close: () => void socket.destroy(),
    };
    const reader = new FrameReader((frame) => {
      if (frame[0] === PING) socket.write(PONG);
      else if (frame[0] !== MESSAGE) socket.write(textFrame(`40${NAMESPACE}${JSON.stringify({ token })}`));
      else if (frame[1] === ACK) events.answered(frame[OK_AT] === TRUE, frame);
      else if (frame[1] === EVENT) notePush(frame, events);
      else if (frame[1] === CONNECT) resolve(buyer);
      else reject(new Error(`The server refuses: ${frame.toString()}`));
    });
    socket.once('error', reject);
    socket.once('close', () => events.closed());
    upgrade(socket, port, (rest) => {
      reader.take(rest);
      socket.on('data', (chunk: Buffer) => reader.take(chunk));
    });
  });
}

function notePush(frame: Buffer, events: BuyerEvents): void {
  if (frame[NAME_AT] === AVAILABILITY) events.pushed('availabilityChanged');
  else if (frame[NAME_AT] === BOOKING) events.pushed('bookingChanged');
}

const HEAD_END = '\r\n\r\n';

/** Asks for the WebSocket; `opened` gets what already came behind the answer's head. */
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
  socket.on('data', function read(chunk: Buffer) {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(HEAD_END);
    if (end < 0) return;
    socket.off('data', read);
    if (!head.toString('latin1').startsWith('HTTP/1.1 101')) {
      socket.destroy(new Error(`The server opens no WebSocket: ${head.toString('latin1', 0, 80)}`));
    } else opened(head.subarray(end + HEAD_END.length));
  });
}
