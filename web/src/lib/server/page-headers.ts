/** The headers of every page, besides the Content-Security-Policy that SvelteKit writes (vite.config.ts). */
const PAGE_HEADERS: Record<string, string> = {
  'referrer-policy': 'strict-origin-when-cross-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()',
  // A browser may keep a page but must revalidate it each time, because the seat counts in it change.
  'cache-control': 'no-cache',
};

/**
 * Headers of pages whose address is a secret: it goes to no other site, neither caches nor search engines keep the page.
 */
const SECRET_HEADERS: Record<string, string> = {
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, noarchive',
  'cache-control': 'no-store',
};

/** Pages that the key in their address opens. */
const SECRET_PATH = /^(?:\/de)?\/(?:t|reminders)\//;

export function hasSecretAddress(pathname: string): boolean {
  return SECRET_PATH.test(pathname);
}

/** Pages with a form: without a referrer the browser would send the form with `Origin: null`, which is refused. */
const FORM_PATH = /^(?:\/de)?\/reminders\//;

function headersOf(pathname: string): Record<string, string> {
  if (!hasSecretAddress(pathname)) return PAGE_HEADERS;
  const secret = { ...PAGE_HEADERS, ...SECRET_HEADERS };
  return FORM_PATH.test(pathname) ? { ...secret, 'referrer-policy': 'same-origin' } : secret;
}

/** The policy of responses without one of SvelteKit: data, and the bare page shown when the error page fails. */
const BARE_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Sets the headers of the page at this path on a response and returns it. */
export function withPageHeaders(response: Response, pathname: string): Response {
  for (const [name, value] of Object.entries(headersOf(pathname))) response.headers.set(name, value);
  if (!response.headers.has('content-security-policy')) response.headers.set('content-security-policy', BARE_POLICY);
  return response;
}
