import { randomUUID } from 'node:crypto';
import type { Handle, HandleFetch, HandleServerError } from '@sveltejs/kit/hooks';
import { m } from '#lib/paraglide/messages.js';
import { paraglideMiddleware } from '#lib/paraglide/server.js';
import { anonymousRequest, isOwnApi, ownApiOrigin } from '#lib/server/own-api.ts';
import { hasSecretAddress, withPageHeaders } from '#lib/server/page-headers.ts';

/** Renders each page in the language of its address, with its headers. */
export const handle: Handle = ({ event, resolve }) =>
  paraglideMiddleware(event.request, async ({ locale }) => {
    const response = await resolve(event, {
      transformPageChunk: ({ html }) =>
        pictureFirst(html.replace('%lang%', locale).replace('%noscript%', noScriptOf(html))),
      preload: (file) => file.type !== 'font' || file.filename.includes('archivo-latin-standard-normal'),
    });
    for (const cookie of event.locals.setCookies ?? []) response.headers.append('set-cookie', cookie);
    return withPageHeaders(response, event.url.pathname);
  });

/**
 * Where a page begins with a picture, scripts and font yield to it: SvelteKit asks for them above all else, but the page
 * is readable without them.
 */
function pictureFirst(html: string): string {
  if (!html.includes(' fetchpriority="high"')) return html;
  return html.replaceAll(/<link href="[^"]+" rel="(?:module)?preload"/g, '$& fetchpriority="low"');
}

/** Pages that are rendered in the browser only (routes/admin) are empty without scripts. */
function noScriptOf(html: string): string {
  return html.includes('<main') ? '' : `<noscript><p>${m.needs_scripts()}</p></noscript>`;
}

/** Pages are rendered with the API's data for signed-out visitors. */
export const handleFetch: HandleFetch = ({ event, request, fetch }) => {
  if (!isOwnApi(request, event.url.origin)) return fetch(request);
  // Not the given `fetch`, which adds the visitor's cookies to any request.
  return globalThis.fetch(anonymousRequest(request, ownApiOrigin(event.platform?.req.socket, event.url.origin)));
};

/** Gives a defect an incident id, which the page shows and the log has beside the cause. */
export const handleError: HandleServerError = ({ kind, error, event }) => {
  if (kind !== 'unknown') return;
  const incident = randomUUID();
  const { pathname } = event.url;
  console.error(JSON.stringify({ incident, path: hasSecretAddress(pathname) ? '[secret]' : pathname }), error);
  return { incident };
};
