import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathToFileURL } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '#server/config.ts';
import { createKeptPages } from './kept-pages.ts';

/** SvelteKit's handler, as adapter-node builds it. */
export type PageHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => unknown;

/** Only this process sets it: whatever a client sends under this name is overwritten. */
const PROTOCOL_HEADER = 'x-frontrow-protocol';

/** Loads the built pages. Their handler reads these names from the environment once, while it is imported. */
export async function loadPages(handlerFile: string): Promise<PageHandler> {
  // The one write to the environment: adapter-node has no other way to be told.
  process.env['PROTOCOL_HEADER'] = PROTOCOL_HEADER;
  process.env['HOST_HEADER'] = 'host';
  process.env['PORT_HEADER'] = '';
  const built = (await import(pathToFileURL(handlerFile).href)) as { handler: PageHandler };
  return built.handler;
}

/** Not pages, whoever asks: they answer in JSON. */
const NO_PAGES = /^\/(?:api|socket\.io|metrics)(?:[/?]|$)/;

/** Serves pages and their files for everything that is neither API nor socket; `handler` is null without a build. */
export function mountPages(
  app: FastifyInstance,
  { config, handler }: { config: Pick<Config, 'publicUrl'>; handler: PageHandler | null },
): void {
  const kept = createKeptPages();
  app.server.once('listening', () => ownOrigin(app));
  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    handler: async (request, reply) => {
      if (NO_PAGES.test(request.url)) return reply.callNotFound();
      if (!handler) return reply.status(503).type('text/plain').send('The pages of this server are not built.\n');
      if (await kept.answer(request.raw, reply.raw)) return reply.hijack();
      stateOrigin(request, publicOrigin(app, config));
      return servePage(handler, request, reply);
    },
  });
}

/**
 * Pages learn their origin from us, never from the client: with a foreign Host the server's own requests would go
 * there. Links on pages are relative, so one fixed origin is right under whatever name this machine was reached.
 */
function stateOrigin(request: FastifyRequest, origin: string): void {
  const { protocol, host } = new URL(origin);
  request.raw.headers.host = host;
  request.raw.headers[PROTOCOL_HEADER] = protocol.slice(0, -1);
}

/** The address that people use: PUBLIC_URL, or this machine's. */
export function publicOrigin(app: FastifyInstance, config: Pick<Config, 'publicUrl'>): string {
  return config.publicUrl ?? ownOrigin(app);
}

/** The last mails of a server that closes are written when it has no port any more. */
const lastPorts = new WeakMap<FastifyInstance['server'], number>();

function ownOrigin(app: FastifyInstance): string {
  const address = app.server.address();
  if (typeof address === 'object' && address) lastPorts.set(app.server, address.port);
  const port = lastPorts.get(app.server);
  return port === undefined ? 'http://localhost' : `http://localhost:${port}`;
}

async function servePage(handler: PageHandler, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  reply.hijack();
  // Its pages bring their headers along; the files beside them are what they say they are as well.
  reply.raw.setHeader('x-content-type-options', 'nosniff');
  try {
    await handler(request.raw, reply.raw, () => endWith(reply.raw, 404));
  } catch (error) {
    request.log.error({ err: error }, 'A page failed');
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
