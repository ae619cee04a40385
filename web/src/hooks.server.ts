import { randomUUID } from 'node:crypto';
import type { Handle, HandleFetch, HandleServerError } from '@sveltejs/kit/hooks';
import { paraglideMiddleware } from '#lib/paraglide/server.js';
import { anonymousRequest, isOwnApi, ownApiOrigin } from '#lib/server/own-api.ts';
import { PageCache, pageKey } from '#lib/server/page-cache.ts';
import { withPageHeaders } from '#lib/server/page-headers.ts';
import { toAnswer, toPage } from '#lib/server/rendered-page.ts';

const pages = new PageCache({ freshMs: 1000, maxPages: 200, now: Date.now });

/** Renders each page in the language of its address, with its headers, and a public page once a second at most. */
export const handle: Handle = async ({ event, resolve }) => {
  const render = () =>
    paraglideMiddleware(event.request, async ({ locale }) =>
      withPageHeaders(
        await resolve(event, {
          transformPageChunk: ({ html }) => html.replace('%lang%', locale),
          preload: (file) => file.type !== 'font' || file.filename.includes('archivo-latin-standard-normal'),
        }),
      ),
    );
  const key = event.isDataRequest ? null : pageKey(event.request.method, event.route.id, event.url);
  if (key === null) return render();
  const page = await pages.get(key, async () => toPage(await render()));
  const { status, headers, body } = await toAnswer(page, event.request.headers.get('accept-encoding'));
  const freshMs = pages.freshForMs(key);
  // The server in front sends it again without asking here: a crowd of readers must not slow down those who book.
  if (freshMs > 0) event.platform?.req.keepPage?.({ headers, body, freshMs });
  return new Response(body, { status, headers });
};

/** A page's data comes from our own API as an anonymous visitor sees it. */
export const handleFetch: HandleFetch = ({ event, request, fetch }) => {
  if (!isOwnApi(request, event.url.origin)) return fetch(request);
  // Not the given `fetch`, which adds the visitor's cookies whatever the request says.
  return globalThis.fetch(anonymousRequest(request, ownApiOrigin(event.platform?.req.socket, event.url.origin)));
};

/** A defect gets an incident id, which the page shows and the log keeps beside the cause. */
export const handleError: HandleServerError = ({ kind, error, event }) => {
  if (kind !== 'unknown') return;
  const incident = randomUUID();
  console.error(JSON.stringify({ incident, path: event.url.pathname }), error);
  return { incident };
};
