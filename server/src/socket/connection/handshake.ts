import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';

/** What a token can come with: the `auth` of the client, which is anything, and the headers. */
export interface Handshake {
  auth: Record<string, unknown>;
  headers: IncomingHttpHeaders;
}

/**
 * The session token of a handshake: `auth.token`, else the bearer token, else the cookie `session`. A token that is
 * there but is no text counts as a wrong one: it is not passed over for the next place.
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
 * How to find a client's address: the peer's own, or what a trusted proxy says of it. Forwarded headers of a direct
 * client are ignored. All addresses of an IPv6 network of one customer (/64) count as one.
 */
export function createAddressOf(trustProxy: readonly string[]): (request: IncomingMessage) => string {
  if (trustProxy.length === 0) return (request) => network(request.socket.remoteAddress ?? '');
  const trusted = proxyAddr.compile([...trustProxy]);
  return (request) => network(proxyAddr(request, trusted));
}

/** 45 characters hold any address; a forwarded header may hold anything. */
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
