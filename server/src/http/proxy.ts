import type { IncomingHttpHeaders } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '#server/config.ts';
import type { Log } from '#server/log.ts';

/** Headers by which proxies say whose request they forward; a browser's own request has none of them. */
const FORWARDING_HEADERS = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-real-ip',
  'via',
];

/** Whether a proxy has forwarded a request with these headers. */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return FORWARDING_HEADERS.some((name) => headers[name] !== undefined);
}

/**
 * Warns once of requests that a proxy forwards although TRUST_PROXY does not name it: to the limits of reads and wrong
 * passwords all visitors behind it are one, so that one of them locks out all.
 */
export function warnOfUntrustedProxy(app: FastifyInstance, { trustProxy }: Pick<Config, 'trustProxy'>, log: Log): void {
  const isTrusted = proxyAddr.compile([...trustProxy]);
  let isSaid = false;
  app.addHook('onRequest', async ({ headers, socket: { remoteAddress = '' } }) => {
    if (isSaid || !isForwarded(headers) || isTrusted(remoteAddress, 0)) return;
    isSaid = true;
    log.warn({ address: remoteAddress }, UNTRUSTED_PROXY);
  });
}

const UNTRUSTED_PROXY =
  'A request has the headers of a proxy that TRUST_PROXY does not name, so all visitors behind it share the limits ' +
  'of one address. If this address is your proxy, set TRUST_PROXY to it.';

/** A year. Without subdomains, which may belong to other sites. */
const STRICT_TRANSPORT = 'max-age=31536000';

/** Keeps browsers of a site that is served over https from asking for it over http. */
export function requireHttps(app: FastifyInstance, { publicUrl }: Pick<Config, 'publicUrl'>): void {
  const isHttps = publicUrl?.startsWith('https:') ?? false;
  const usesHttps = (request: FastifyRequest) => isHttps || (publicUrl === null && request.protocol === 'https');
  app.addHook('onRequest', async (request, reply) => {
    // On the raw answer, because pages are answered past Fastify.
    if (usesHttps(request)) reply.raw.setHeader('strict-transport-security', STRICT_TRANSPORT);
  });
}
