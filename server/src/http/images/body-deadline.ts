import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How long a client may take to send the body of a request of this route, in milliseconds. */
    bodyMs?: number;
  }
}

/** Cuts the connection of a client that sends the body of its request too slowly: all bodies but pictures are small. */
export function limitBodyTimes(app: FastifyInstance, defaultMs: number): void {
  app.addHook('onRequest', async (request) => {
    if (!hasBody(request)) return;
    const { raw, routeOptions } = request;
    const timer = setTimeout(() => raw.destroy(), routeOptions.config.bodyMs ?? defaultMs);
    raw.once('end', () => clearTimeout(timer));
    raw.once('close', () => clearTimeout(timer));
  });
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
