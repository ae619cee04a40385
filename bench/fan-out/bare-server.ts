// A WebSocket server that does nothing but send: one frame, prepared once, to each client in a loop.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export interface BareRequest {
  /** Bytes of a frame's text. */
  bytes: number;
}

/** ws's own way to send a frame that was made before; its types do not declare it. */
interface FrameSender {
  _sender: { sendFrame(frame: readonly Buffer[]): void };
}

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });

function sendToAll(frame: readonly Buffer[]): void {
  for (const client of server.clients) (client as unknown as FrameSender)._sender.sendFrame(frame);
}

/** In one piece, a frame leaves by one `write`: the fastest way that ws offers. */
function preparedFrame(bytes: number): Buffer[] {
  const head = Buffer.alloc(4);
  head[0] = 0x81;
  head[1] = 126;
  head.writeUInt16BE(bytes, 2);
  return [Buffer.concat([head, Buffer.alloc(bytes, 'x')])];
}

let frame: Buffer[] = [];
process.on('message', ({ bytes }: BareRequest) => {
  if (frame.length === 0) frame = preparedFrame(bytes);
  sendToAll(frame);
});
process.on('disconnect', () => process.exit());
http.listen(0, '127.0.0.1');
await once(http, 'listening');
process.send?.((http.address() as AddressInfo).port);
