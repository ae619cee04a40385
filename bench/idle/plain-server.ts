// A plain `ws` server, as the baseline of the memory of each client: it answers as our wire client needs it, no more.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const OPEN = '0{}';
const CONNECTED = '40/booking,{}';

const http = createServer();
const clients = new WebSocketServer({ server: http, perMessageDeflate: false });
clients.on('connection', (client) => {
  client.on('message', () => client.send(CONNECTED));
  client.send(OPEN);
});
http.listen(0, '127.0.0.1', () => process.send?.((http.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
