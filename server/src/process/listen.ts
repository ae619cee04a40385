import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** The server cannot listen on its address. The message is meant for the person who starts it. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const DEFAULT_PORT = 5000;
const PORTS_TRIED = 20;

interface ListenOptions {
  /** 0: any free port. */
  port: number;
  host: string;
}

/** Starts to listen and resolves with the port. Throws a ListenError if that port or host is not available. */
export async function listen(
  http: Pick<FastifyInstance, 'listen' | 'server'>,
  options: ListenOptions,
): Promise<number> {
  const { host, port } = options;
  try {
    await http.listen({ host, port });
  } catch (cause) {
    throw new ListenError(messageFor(cause, port, host), { cause });
  }
  const address = http.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** The URL to open in a browser on this machine; a wildcard or loopback address becomes `localhost`. */
export function localAddress(host: string, port: number): string {
  const isLocal = ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host);
  const name = isLocal ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** Whether the port was chosen because the default port is taken; the person at the terminal must be notified then. */
export function isSubstitutePort(configured: number | null, port: number): boolean {
  return configured === null && port !== DEFAULT_PORT;
}

/** The first free port from 5000 on; 0 if the next 20 are taken. Throws a ListenError if the host is not available. */
export async function firstFreePort(host: string): Promise<number> {
  for (let port = DEFAULT_PORT; port < DEFAULT_PORT + PORTS_TRIED; port += 1)
    if (await isPortFree(port, host)) return port;
  return 0;
}

function isPortFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(new ListenError(messageFor(error, port, host), { cause: error }));
    });
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

function messageFor(cause: unknown, port: number, host: string): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `PORT ${port} on ${host} is taken by another program. Choose another PORT, or PORT=0 for any free one.`;
    case 'EACCES':
      return `PORT ${port} may not be used by this account. Choose a PORT above 1023, or PORT=0 for any free one.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST ${host} is not an address of this machine.`;
    default:
      return `HOST ${host} and PORT ${port} cannot be listened on: ${String(cause)}`;
  }
}
