/** The part of a Node socket with the local address and port of the page's request. */
interface AcceptedSocket {
  localAddress?: string | undefined;
  localPort?: number | undefined;
}

/** The origin of this server's API: the local address of the page's request, or the page's origin in development. */
export function ownApiOrigin(socket: AcceptedSocket | undefined, pageOrigin: string): string {
  if (socket?.localAddress === undefined || socket.localPort === undefined) return pageOrigin;
  const address = socket.localAddress.replace(/^::ffff:/, '');
  return `http://${address.includes(':') ? `[${address}]` : address}:${socket.localPort}`;
}

/**
 * A GET request to our own API for a page's public data. It has no cookie and no authorization, so that an organiser's
 * drafts never reach a page that is cached for everyone.
 */
export function anonymousRequest(request: Request, apiOrigin: string): Request {
  const { pathname, search } = new URL(request.url);
  return new Request(apiOrigin + pathname + search, {
    headers: { accept: 'application/json' },
    signal: request.signal,
  });
}

/** Whether a server-side fetch of a page reads our own API; any other fetch is a defect of the page. */
export function isOwnApi(request: Request, pageOrigin: string): boolean {
  const url = new URL(request.url);
  return request.method === 'GET' && url.origin === pageOrigin && url.pathname.startsWith('/api/');
}
