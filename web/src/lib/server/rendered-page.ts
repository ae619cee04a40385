import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

type Encoding = 'br' | 'gzip';

/** A rendered page, kept as text because a Response can be read only once, and compressed once for all who ask. */
export interface RenderedPage {
  status: number;
  headers: [string, string][];
  body: string;
  encoded: Map<Encoding, Promise<Uint8Array<ArrayBuffer>>>;
}

/** Reads a response into what can be kept. */
export async function toPage(response: Response): Promise<RenderedPage> {
  return {
    status: response.status,
    headers: [...response.headers],
    body: await response.text(),
    encoded: new Map(),
  };
}

export interface PageAnswer {
  status: number;
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer> | string;
}

/** The page as it is sent, compressed where the client takes that (the value of its `Accept-Encoding`). */
export async function toAnswer(page: RenderedPage, acceptEncoding: string | null): Promise<PageAnswer> {
  const headers = new Headers(page.headers);
  headers.append('vary', 'accept-encoding');
  const encoding = chosenEncoding(acceptEncoding);
  if (encoding === null) return { status: page.status, headers: [...headers], body: page.body };
  headers.set('content-encoding', encoding);
  const body = await encodedBody(page, encoding);
  headers.set('content-length', String(body.byteLength));
  return { status: page.status, headers: [...headers], body };
}

function chosenEncoding(acceptEncoding: string | null): Encoding | null {
  const taken = (acceptEncoding ?? '').split(',').map((part) => part.trim().split(';')[0]);
  if (taken.includes('br')) return 'br';
  return taken.includes('gzip') ? 'gzip' : null;
}

function encodedBody(page: RenderedPage, encoding: Encoding): Promise<Uint8Array<ArrayBuffer>> {
  const known = page.encoded.get(encoding);
  if (known !== undefined) return known;
  const encoded = encoding === 'br' ? brotli(page.body) : gzipped(page.body);
  page.encoded.set(encoding, encoded);
  return encoded;
}

/** Level 4 of 11: a list page of 70 kB takes about a millisecond and shrinks to a tenth. */
async function brotli(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT };
  return new Uint8Array(await promisify(brotliCompress)(text, { params }));
}

async function gzipped(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await promisify(gzip)(text));
}
