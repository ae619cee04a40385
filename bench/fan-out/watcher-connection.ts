import { connect } from 'node:net';
import { FrameReader, textFrame } from '../load/frames.ts';
import { upgrade } from '../load/wire-client.ts';

/** `public`: a signed-out visitor of the server; `bare`: a client of a WebSocket server without any protocol on it. */
export type WatcherKind = 'public' | 'bare';

interface WatcherConnection {
  close(): void;
}

const NAMESPACE = '/public,';
/** Index of the first letter of the name in `42/public,["name",…`. */
const NAME_AT = `42${NAMESPACE}["`.length;
const [MESSAGE, PING, CONNECT, EVENT] = ['4', '2', '0', '2'].map((character) => character.charCodeAt(0));
const AVAILABILITY_CHANGED = 'a'.charCodeAt(0);
const PONG = textFrame('3');

/** Connects a client that only watches. `watched` is called for each frame of seats; resolves when it is connected. */
export function openWatcher(
  kind: WatcherKind,
  port: number,
  watched: () => void,
  closed: () => void,
): Promise<WatcherConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const connection = { close: () => void socket.destroy() };
    const onText = kind === 'bare' ? watched : onPacket;

    function onPacket(frame: Buffer): void {
      if (frame[0] === PING) socket.write(PONG);
      else if (frame[0] !== MESSAGE) socket.write(textFrame(`40${NAMESPACE}`));
      else if (frame[1] === CONNECT) resolve(connection);
      else if (frame[1] !== EVENT) reject(new Error(`The server refuses: ${frame.toString()}`));
      else if (frame[NAME_AT] === AVAILABILITY_CHANGED) watched();
    }

    const reader = new FrameReader(onText);
    socket.once('error', reject);
    socket.once('close', closed);
    upgrade(socket, port, (rest) => {
      reader.read(rest);
      socket.on('data', (chunk: Buffer) => reader.read(chunk));
      if (kind === 'bare') resolve(connection);
    });
  });
}
