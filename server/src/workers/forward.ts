import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

const LOOPBACK = '127.0.0.1';
const SID = /^\/socket\.io\/?\?(?:.*&)?sid=(\d{1,9})\./;

/** Ids of transports that say in front which worker holds them. */
export function transportIds(worker: number): () => string {
  return () => `${worker}.${randomBytes(15).toString('base64url')}`;
}

/** The worker that holds the transport of this address; null where it belongs to none. */
export function holderOf(url = ''): number | null {
  const id = SID.exec(url)?.[1];
  return id === undefined ? null : Number(id);
}

/**
 * Passes on what belongs to another worker: connections come to any of them, but a transport, which begins with several
 * requests, lives in one. `portOf` gives that worker's own port, null where the request stays here.
 */
export function forwardForeign(server: Server, portOf: (request: IncomingMessage) => number | null): void {
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
  // The worker is gone, and with it the transport: the client begins a new one.
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

/** The request as it came: the other worker answers it. */
function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
  return [`${method} ${url} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}
