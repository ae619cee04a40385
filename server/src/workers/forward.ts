import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

const LOOPBACK = '127.0.0.1';
const SID = /^\/socket\.io\/?\?(?:.*&)?sid=(\d{1,9})\./;

/** Makes ids of transports that begin with the number of their worker. */
export function transportIds(worker: number): () => string {
  return () => `${worker}.${randomBytes(15).toString('base64url')}`;
}

/** The number of the worker that holds the transport named in this URL; null if the URL names none. */
export function workerOfTransport(url = ''): number | null {
  const id = SID.exec(url)?.[1];
  return id === undefined ? null : Number(id);
}

/**
 * Forwards requests and upgrades that belong to another worker: a connection reaches any worker, but a transport of
 * Socket.IO, which begins with several requests, lives in one. `portOf` returns the private port of the request's
 * worker; null if the request stays here.
 */
export function forwardForeignRequests(server: Server, portOf: (request: IncomingMessage) => number | null): void {
  intercept(server, 'request', portOf, (port, incoming, response: ServerResponse) =>
    forwardRequest(port, incoming, response),
  );
  intercept(server, 'upgrade', portOf, (port, incoming, socket: Duplex, head: Buffer) =>
    forwardUpgrade(port, incoming, socket, head),
  );
}

function intercept<Rest extends unknown[]>(
  server: Server,
  name: 'request' | 'upgrade',
  portOf: (request: IncomingMessage) => number | null,
  forward: (port: number, incoming: IncomingMessage, ...rest: Rest) => void,
): void {
  const listeners = server.listeners(name);
  server.removeAllListeners(name);
  server.on(name, (incoming: IncomingMessage, ...rest: unknown[]) => {
    const port = portOf(incoming);
    if (port !== null) return forward(port, incoming, ...(rest as Rest));
    for (const listener of listeners) Reflect.apply(listener, server, [incoming, ...rest]);
  });
}

function forwardRequest(port: number, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = incoming;
  const passed = request({ host: LOOPBACK, port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  // The worker has ended, and the transport with it: after the 502 the client opens a new one.
  passed.on('error', () => {
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
  response.once('close', () => passed.destroy());
  incoming.pipe(passed);
}

function forwardUpgrade(port: number, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
  const peer = connect(port, LOOPBACK, () => {
    peer.write(headOf(incoming));
    peer.write(head);
    socket.pipe(peer).pipe(socket);
  });
  for (const [one, other] of [
    [socket, peer],
    [peer, socket],
  ] as const) {
    one.on('error', () => other.destroy());
    one.once('close', () => other.destroy());
  }
}

/** The head of the request as it arrived, for the other worker to answer. */
function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
  return [`${method} ${url} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}
