// A WebSocket server that does nothing but send: one frame, prepared once, to each client in a loop; at a request, or
// with each change of a collection.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import mongoose from 'mongoose';
import { WebSocketServer } from 'ws';

export interface BareRequest {
  /** Bytes of a frame's text. */
  bytes: number;
  /** The database whose changes are followed, instead of sending now. */
  follow?: string;
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

async function followChanges(uri: string, frame: readonly Buffer[]): Promise<void> {
  const client = new mongoose.mongo.MongoClient(uri);
  await client.connect();
  const changes = client.db('bench_bare').collection('changes').watch();
  // Opens the stream.
  await changes.tryNext();
  process.send?.('following');
  for await (const _change of changes) sendToAll(frame);
}

let frame: Buffer[] = [];
process.on('message', ({ bytes, follow }: BareRequest) => {
  if (frame.length === 0) frame = preparedFrame(bytes);
  if (follow === undefined) sendToAll(frame);
  else void followChanges(follow, frame);
});
process.on('disconnect', () => process.exit());
http.listen(0, '127.0.0.1');
await once(http, 'listening');
process.send?.((http.address() as AddressInfo).port);
