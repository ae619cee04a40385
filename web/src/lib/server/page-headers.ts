/** Headers of every page, beside the Content-Security-Policy that SvelteKit writes (vite.config.ts). */
const PAGE_HEADERS: Record<string, string> = {
  'referrer-policy': 'strict-origin-when-cross-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()',
  // A browser may keep a page, but asks each time whether it is still the one; the numbers in it move.
  'cache-control': 'no-cache',
};

/** For what SvelteKit answers without a policy of its own: data, and the bare page that says that even the error page failed. */
const BARE_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Sets the headers of a page in place and gives it back. */
export function withPageHeaders(response: Response): Response {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.headers.set(name, value);
  if (!response.headers.has('content-security-policy')) response.headers.set('content-security-policy', BARE_POLICY);
  return response;
}
