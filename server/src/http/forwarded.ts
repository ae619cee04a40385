import type { IncomingHttpHeaders } from 'node:http';

/** Headers by which proxies say whose request they forward; a browser's own request has none of them. */
const FORWARDING_HEADERS = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-real-ip',
  'via',
];

/** Whether a proxy has forwarded a request with these headers. */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return FORWARDING_HEADERS.some((name) => headers[name] !== undefined);
}
