import type { FastifyInstance } from 'fastify';
import type { Config } from '#server/config.ts';
import { entryAddress, isEntry } from './entry-language.ts';
import { createPageCache } from './page-cache.ts';
import { mountPageForms } from './page-forms.ts';
import type { PageHandler } from './page-handler.ts';
import { originHeaders, runHandler } from './page-handler.ts';
import { publicPage } from './public-page.ts';
import { renderPage } from './render-page.ts';
import { sendPage } from './rendered-page.ts';
import { createAskApi } from './visitor-api.ts';

/** Paths of the API, sockets and metrics: no page answers there. */
const NON_PAGE_PATHS = /^\/(?:api|socket\.io|metrics)(?:[/?]|$)/;

/** What the answer at an entry page depends on: a cache must not give one reader's answer to another. */
const BY_LANGUAGE = 'accept-language';

/** Serves pages and their files on all other paths; `handler` is null without a build. */
export function mountPages(
  app: FastifyInstance,
  { config, handler }: { config: Pick<Config, 'publicUrl' | 'corsOrigins'>; handler: PageHandler | null },
): void {
  const cache = createPageCache();
  app.server.once('listening', () => localOrigin(app));
  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    handler: async (request, reply) => {
      const { url, raw, log } = request;
      if (NON_PAGE_PATHS.test(url)) return reply.callNotFound();
      if (!handler) return reply.status(503).type('text/plain').send('The pages of this server are not built.\n');
      const elsewhere = entryAddress(url, raw.headers);
      if (elsewhere !== null)
        return reply.header('vary', BY_LANGUAGE).header('cache-control', 'no-store').redirect(elsewhere, 302);
      const origin = publicOrigin(app, config);
      const address = publicPage(url);
      if (address === null) {
        const askApi = createAskApi(app, request);
        Object.assign(raw.headers, originHeaders(origin));
        // A page for one visitor may ask in the visitor's name.
        Object.assign(raw, { askApi });
        reply.hijack();
        await runHandler(handler, raw, reply.raw, log);
      } else {
        const { socket } = raw;
        const page = await cache.get(address, () => renderPage(handler, { address, origin, socket, log }));
        reply.hijack();
        await sendPage(page, raw, reply.raw, isEntry(url, raw.headers) ? [BY_LANGUAGE] : []);
      }
      return reply;
    },
  });
  mountPageForms(app, {
    config,
    handler,
    origin: () => publicOrigin(app, config),
    isPage: (url) => !NON_PAGE_PATHS.test(url),
  });
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
