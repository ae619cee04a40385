import type { Push, PushName } from '#shared/protocol/pushes.ts';

/** A push on the wire: the text of its Socket.IO packet, and the WebSocket frame around it. */
export interface Packet {
  text: string;
  frame: Buffer;
}

/** Engine.IO's and Socket.IO's types of a packet that carries an event. */
const [MESSAGE, EVENT] = ['4', '2'];

/** Final frame of a text, and the lengths above which it has two and eight bytes for its length (RFC 6455, 5.2). */
const FINAL_TEXT = 0x81;
const SHORT = 125;
const TWO_BYTES = 126;
const MOST_OF_TWO_BYTES = 65_535;
const EIGHT_BYTES = 127;

/** The JSON of a push's name and payload, which is the same in every namespace. */
export function pushBody<N extends PushName>(name: N, payload: Push<N>): string {
  return JSON.stringify([name, payload]);
}

/** Encodes a push once for all clients of a namespace; `body`: see `pushBody`. */
export function encodePush(namespace: string, body: string): Packet {
  const text = `${EVENT}${namespace},${body}`;
  return { text, frame: textFrame(MESSAGE + text) };
}

/** A server's WebSocket frame with a text, in one piece: it leaves by one `write`, without `writev`. */
function textFrame(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const headSize = size <= SHORT ? 2 : size <= MOST_OF_TWO_BYTES ? 4 : 10;
  const frame = Buffer.allocUnsafeSlow(headSize + size);
  frame[0] = FINAL_TEXT;
  if (headSize === 2) frame[1] = size;
  else if (headSize === 4) {
    frame[1] = TWO_BYTES;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = EIGHT_BYTES;
    frame.writeBigUInt64BE(BigInt(size), 2);
  }
  frame.write(text, headSize);
  return frame;
}
