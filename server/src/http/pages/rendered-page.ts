import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

type Encoding = 'br' | 'gzip';

/** A page as it was rendered, with each compressed form that a client has asked for so far: compressed once for all. */
export interface RenderedPage {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
  encoded: Map<Encoding, Promise<Buffer>>;
}

/**
 * Answers a request with the page: compressed where the client takes that, 304 where it has the page already. `vary`
 * names headers of the request that have led to this page, besides those that the page itself names.
 */
export async function sendPage(
  page: RenderedPage,
  request: IncomingMessage,
  response: ServerResponse,
  vary: readonly string[] = [],
): Promise<void> {
  const { status } = page;
  const headers =
    vary.length > 0 ? { ...page.headers, vary: [page.headers.vary ?? [], vary].flat().join(', ') } : page.headers;
  if (status === 200 && isKnown(headers.etag, request.headers['if-none-match']))
    return sendNotModified(headers, response);
  const encoding = chosenEncoding(request.headers['accept-encoding']);
  const body = encoding === null ? page.body : await encodedBody(page, encoding);
  const length = { vary: varyOf(headers), 'content-length': body.byteLength };
  response.writeHead(status, { ...headers, ...(encoding && { 'content-encoding': encoding }), ...length });
  // Of an answer to HEAD Node sends the headers only.
  response.end(body);
}

/** Headers that a 304 repeats (RFC 9110, 15.4.5). */
function sendNotModified(headers: OutgoingHttpHeaders, response: ServerResponse): void {
  const { etag, 'cache-control': cacheControl = 'no-cache' } = headers;
  response.writeHead(304, { etag, 'cache-control': cacheControl, vary: varyOf(headers) });
  response.end();
}

function varyOf({ vary }: OutgoingHttpHeaders): string {
  return [vary ?? [], 'accept-encoding'].flat().join(', ');
}

/** Whether `If-None-Match` names the page's tag; proxies that compress mark a tag as weak. */
function isKnown(etag: OutgoingHttpHeaders[string], known = ''): boolean {
  const tags = known.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return typeof etag === 'string' && tags.includes(etag);
}

function chosenEncoding(acceptEncoding = ''): Encoding | null {
  const taken = acceptEncoding.split(',').map((part) => part.trim().split(';')[0]);
  if (taken.includes('br')) return 'br';
  return taken.includes('gzip') ? 'gzip' : null;
}

function encodedBody(page: RenderedPage, encoding: Encoding): Promise<Buffer> {
  const known = page.encoded.get(encoding);
  if (known !== undefined) return known;
  const encoded = encoding === 'br' ? brotli(page.body) : promisify(gzip)(page.body);
  page.encoded.set(encoding, encoded);
  return encoded;
}

/** Level 4 of 11: a list page of 70 kB takes about a millisecond and shrinks to a tenth. */
function brotli(body: Buffer): Promise<Buffer> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT };
  return promisify(brotliCompress)(body, { params });
}
