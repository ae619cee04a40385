import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';

/** The parts of a handshake that can carry a token; a client may send anything as `auth`. */
interface Handshake {
  auth: Record<string, unknown>;
  headers: IncomingHttpHeaders;
}

/**
 * The session token of a handshake: `auth.token`, else the bearer token, else the cookie `session`. `null` where there
 * is none, and where `auth.token` is no string: that is a wrong token, not a missing one.
 */
export function tokenOf({ auth, headers }: Handshake): string | null {
  const given = auth.token ?? null;
  if (given !== null) return typeof given === 'string' ? given : null;
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return bearer ?? cookieOf(headers.cookie ?? '', 'session');
}

function cookieOf(header: string, name: string): string | null {
  for (const part of header.split(';')) {
    const [key = '', value = ''] = part.split('=', 2);
    if (key.trim() === name) return value.trim().replace(/^"(.*)"$/, '$1') || null;
  }
  return null;
}

/**
 * Returns a function that finds a client's address: the peer's own, or the one that a trusted proxy forwards. Forwarded
 * headers of a direct client are ignored. All IPv6 addresses of one customer's network (/64) count as one.
 */
export function createAddressOf(trustProxy: readonly string[]): (request: IncomingMessage) => string {
  if (trustProxy.length === 0) return (request) => network(request.socket.remoteAddress ?? '');
  const trusted = proxyAddr.compile([...trustProxy]);
  return (request) => network(proxyAddr(request, trusted));
}

/** The longest textual IPv6 address has 45 characters; a forwarded header may hold anything. */
const LONGEST_ADDRESS = 45;

function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (isIP(address) !== 6) return address.slice(0, LONGEST_ADDRESS);
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail?.split(':').filter(Boolean) ?? [];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
