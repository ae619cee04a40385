import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathToFileURL } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '#server/config.ts';
import { createKeptPages } from './kept-pages.ts';

/** SvelteKit's handler, as adapter-node builds it. */
export type PageHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => unknown;

/** Set by this process alone: a value sent by a client is overwritten. */
const PROTOCOL_HEADER = 'x-frontrow-protocol';

/** Loads the built pages. adapter-node reads these names from the environment once, while it is imported. */
export async function loadPages(handlerFile: string): Promise<PageHandler> {
  // The only write to the environment: adapter-node has no other configuration.
  process.env['PROTOCOL_HEADER'] = PROTOCOL_HEADER;
  process.env['HOST_HEADER'] = 'host';
  process.env['PORT_HEADER'] = '';
  const built = (await import(pathToFileURL(handlerFile).href)) as { handler: PageHandler };
  return built.handler;
}

/** Paths of the API, sockets and metrics: no page answers there. */
const NON_PAGE_PATHS = /^\/(?:api|socket\.io|metrics)(?:[/?]|$)/;

/** Serves pages and their files on all other paths; `handler` is null without a build. */
export function mountPages(
  app: FastifyInstance,
  { config, handler }: { config: Pick<Config, 'publicUrl'>; handler: PageHandler | null },
): void {
  const kept = createKeptPages();
  app.server.once('listening', () => localOrigin(app));
  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    handler: async (request, reply) => {
      if (NON_PAGE_PATHS.test(request.url)) return reply.callNotFound();
      if (!handler) return reply.status(503).type('text/plain').send('The pages of this server are not built.\n');
      if (await kept.answer(request.raw, reply.raw)) return reply.hijack();
      overwriteOrigin(request, publicOrigin(app, config));
      return servePage(handler, request, reply);
    },
  });
}

/**
 * Overwrites the client's Host and protocol: with a foreign Host, SvelteKit would send its own requests there. Links on
 * pages are relative, so one fixed origin is right for every host name that reaches this machine.
 */
function overwriteOrigin(request: FastifyRequest, origin: string): void {
  const { protocol, host } = new URL(origin);
  request.raw.headers.host = host;
  request.raw.headers[PROTOCOL_HEADER] = protocol.slice(0, -1);
}

/** The public origin of the site: PUBLIC_URL, or this machine's own. */
export function publicOrigin(app: FastifyInstance, config: Pick<Config, 'publicUrl'>): string {
  return config.publicUrl ?? localOrigin(app);
}

/** Remembered, because the last mails of a closing server are written when it no longer listens. */
const lastPorts = new WeakMap<FastifyInstance['server'], number>();

function localOrigin(app: FastifyInstance): string {
  const address = app.server.address();
  if (typeof address === 'object' && address) lastPorts.set(app.server, address.port);
  const port = lastPorts.get(app.server);
  return port === undefined ? 'http://localhost' : `http://localhost:${port}`;
}

async function servePage(handler: PageHandler, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  reply.hijack();
  // Pages set this header themselves; static files need it as well.
  reply.raw.setHeader('x-content-type-options', 'nosniff');
  try {
    await handler(request.raw, reply.raw, () => endWith(reply.raw, 404));
  } catch (error) {
    request.log.error({ err: error }, 'A page could not be rendered');
    endWith(reply.raw, 500);
  }
  return reply;
}

function endWith(response: ServerResponse, status: number): void {
  if (!response.headersSent) {
    response.statusCode = status;
    response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  }
  response.end();
}
