import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '#server/config.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from '../answer.ts';
import { createOriginCheck } from '../origin.ts';
import { createAskApi } from './visitor-api.ts';
import type { PageHandler } from './page-handler.ts';
import { renderPage } from './render-page.ts';
import { sendPage } from './rendered-page.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';

interface PageFormDeps {
  config: Pick<Config, 'publicUrl' | 'corsOrigins'>;
  handler: PageHandler | null;
  /** The public origin of the site. */
  origin: () => string;
  isPage: (url: string) => boolean;
}

/** Accepts forms that a browser posts without the page's scripts, and has SvelteKit's form actions answer them. */
export function mountPageForms(app: FastifyInstance, { config, handler, origin, isPage }: PageFormDeps): void {
  const isAllowed = createOriginCheck(config);
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(FORM_TYPE, { parseAs: 'string' }, (_request, body, done) => done(null, body));
    // Other requests are refused before their body is read: no form action would take it.
    scope.addHook('onRequest', async (request, reply) => {
      const isForm = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() === FORM_TYPE;
      if (!isForm || handler === null || !isPage(request.url)) return reply.callNotFound();
      if (!isAllowed(request.headers)) return answerRefusal(reply, refuse('FORBIDDEN').error);
      return undefined;
    });
    scope.post('/*', (request, reply) => answerForm(app, handler as PageHandler, origin(), request, reply));
  });
}

async function answerForm(
  app: FastifyInstance,
  handler: PageHandler,
  origin: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { raw, log, body } = request;
  const form = { body: typeof body === 'string' ? body : '', type: FORM_TYPE, askApi: createAskApi(app, request) };
  const page = await renderPage(handler, { address: request.url, origin, socket: raw.socket, log, form });
  // The answer is for this visitor only.
  page.headers['cache-control'] = 'no-store';
  reply.hijack();
  await sendPage(page, raw, reply.raw);
  return reply;
}
