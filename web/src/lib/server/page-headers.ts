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

/** Sets the headers of a page in place and gives it back. */
export function withPageHeaders(response: Response): Response {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.headers.set(name, value);
  return response;
}
