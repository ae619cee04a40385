import { inject } from 'light-my-request';
import type { Log } from '#server/log.ts';
import type { AskApi } from '#shared/ask-api.ts';
import type { PageHandler } from './page-handler.ts';
import { originHeaders, runHandler } from './page-handler.ts';
import type { RenderedPage } from './rendered-page.ts';

interface RenderRequest {
  /** Path and query. */
  address: string;
  /** The server's own origin. */
  origin: string;
  /** Where this server took the request in: there pages ask its API. */
  socket: { localAddress?: string | undefined; localPort?: number | undefined };
  log: Pick<Log, 'error'>;
  /** A form that a browser sent to this address by itself. */
  form?: { type: string; body: string; askApi: AskApi };
}

/** Of Node's connection, not of the page. */
const CONNECTION_HEADERS = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'];

/**
 * Renders a page as a stranger sees it. The handler gets a request of our own, which holds nothing of the visitor's (no
 * cookie, no token, no address) and goes on when the visitor leaves: the page may be sent to anybody.
 */
export async function renderPage(handler: PageHandler, page: RenderRequest): Promise<RenderedPage> {
  const { address, origin, log, form } = page;
  const { localAddress, localPort } = page.socket;
  const answer = await inject(
    (request, response) => {
      Object.assign(request.socket, { localAddress, localPort });
      Object.assign(request, { askApi: form?.askApi });
      void runHandler(handler, request, response, log);
    },
    {
      url: address,
      headers: {
        ...originHeaders(origin),
        accept: 'text/html',
        // The form's origin was checked before; SvelteKit compares it with its own once more.
        ...(form && { 'content-type': form.type, origin }),
      },
      ...(form && { method: 'POST', payload: form.body }),
    },
  );
  const headers = { ...answer.headers };
  for (const name of CONNECTION_HEADERS) delete headers[name];
  return { status: answer.statusCode, headers, body: answer.rawPayload, encoded: new Map() };
}
