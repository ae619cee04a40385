import type { IncomingHttpHeaders } from 'node:http';
import type { Locale } from '#shared/account.ts';
import { locale } from '#shared/account.ts';
import { preferredLocale } from '../locale.ts';

/** English, the language of addresses without a prefix. */
const BASE: Locale = 'en';

/**
 * Pages in the base language at which a visit may begin. The pages to which mails and payment providers lead are not
 * among them: their addresses have the language of the mail or of the page before the payment.
 */
const ENTRY_PAGE =
  /^\/(?:events\/[\da-f]{24}|organisers\/[^/]+|login|register|forgot|bookings|account|admin(?:\/.*)?)?$/i;

/** Whether a request asks for a page at which a visit may begin, so that its answer depends on the reader's languages. */
export function isEntry(target: string, headers: IncomingHttpHeaders): boolean {
  const [path = ''] = target.split('?');
  return ENTRY_PAGE.test(path) && isNavigation(headers);
}

/**
 * The address of the same page in the language of a reader who enters the site; null if the page is in it already. A
 * language that was chosen here (cookie `locale`) counts before those of the browser. A reader who comes from another
 * page of the site has chosen the address, and stays.
 */
export function entryAddress(target: string, headers: IncomingHttpHeaders): string | null {
  if (!isEntry(target, headers) || isFromHere(headers)) return null;
  const wanted = chosenLocale(headers.cookie) ?? preferredLocale(headers['accept-language']);
  if (wanted === BASE) return null;
  return `/${wanted}${target.replace(/^\/(?=\?|$)/, '')}`;
}

function isNavigation({ accept = '', ...headers }: IncomingHttpHeaders): boolean {
  return (
    headers['sec-fetch-mode'] === 'navigate' ||
    (headers['sec-fetch-mode'] === undefined && accept.includes('text/html'))
  );
}

/** Browsers without Fetch Metadata (before 2023) are recognised by their Referer. */
function isFromHere({ host, referer = '', ...headers }: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return URL.canParse(referer) && new URL(referer).host === host;
}

function chosenLocale(cookies = ''): Locale | null {
  const chosen = locale.safeParse(/(?:^|;\s*)locale=(\w+)/.exec(cookies)?.[1]);
  return chosen.success ? chosen.data : null;
}
