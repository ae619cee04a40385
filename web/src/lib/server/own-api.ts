/** The part of a Node socket that says at which address and port this very server took the request. */
export interface AcceptedSocket {
  localAddress?: string | undefined;
  localPort?: number | undefined;
}

/** Where this server's own API answers: the address the page's request came in at, or the page's origin in development. */
export function ownApiOrigin(socket: AcceptedSocket | undefined, pageOrigin: string): string {
  if (socket?.localAddress === undefined || socket.localPort === undefined) return pageOrigin;
  const address = socket.localAddress.replace(/^::ffff:/, '');
  return `http://${address.includes(':') ? `[${address}]` : address}:${socket.localPort}`;
}

/**
 * The request for a page's public data: to our own API, by GET, with nothing of the visitor in it.
 * No cookie and no authorization, so that an organiser's drafts never reach a page that is cached for everyone.
 */
export function anonymousRequest(request: Request, apiOrigin: string): Request {
  const { pathname, search } = new URL(request.url);
  return new Request(apiOrigin + pathname + search, {
    headers: { accept: 'application/json' },
    signal: request.signal,
  });
}

/** Whether a server-side fetch of a page asks our own API; anything else is a defect of a page. */
export function isOwnApi(request: Request, pageOrigin: string): boolean {
  const url = new URL(request.url);
  return request.method === 'GET' && url.origin === pageOrigin && url.pathname.startsWith('/api/');
}
