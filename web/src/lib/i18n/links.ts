import { knownSearch } from '#shared/known-search.ts';
import { baseLocale, deLocalizeUrl, getLocale, locales, type Locale } from '#lib/paraglide/runtime.js';

/** The address of a page in the reader's language: "/events/1" or "/de/events/1". `path` starts with a slash. */
export function link(path: string): string {
  return linkIn(getLocale(), path);
}

/** The address of a page in a language; English has no prefix. */
function linkIn(locale: Locale, path: string): string {
  if (locale === baseLocale) return path;
  return path === '/' ? `/${locale}` : `/${locale}${path}`;
}

/** The path of an address without its language prefix, as routes are named. */
export function plainPath(url: { href: string }): string {
  return deLocalizeUrl(url.href).pathname;
}

interface Alternate {
  locale: Locale;
  name: string;
  href: string;
}

const LANGUAGE_NAMES: Record<Locale, string> = { en: 'English', de: 'Deutsch' };

/** The query parameter without which a page is useless (`token`) or forgets where to return (`next`), by path. */
const NEEDED: Record<string, string> = {
  '/paid': 'token',
  '/reset': 'token',
  '/verify': 'token',
  '/login': 'next',
  '/register': 'next',
};

/** The addresses of the same page in every language, with the query parameters that the page reads. */
export function alternates(url: { href: string; searchParams: Pick<URLSearchParams, 'get'> }): Alternate[] {
  const path = plainPath(url);
  const search = neededSearch(path, url) || knownSearch(url);
  return locales.map((locale) => ({
    locale,
    name: LANGUAGE_NAMES[locale],
    href: linkIn(locale, path) + search,
  }));
}

function neededSearch(path: string, { searchParams }: { searchParams: Pick<URLSearchParams, 'get'> }): string {
  const name = NEEDED[path];
  const value = name === undefined ? null : searchParams.get(name);
  return name === undefined || !value ? '' : `?${new URLSearchParams({ [name]: value })}`;
}

/** The path to open after signing in; null unless it is a path of this site ("//evil.example" is another origin). */
export function safeNext(next: string | null): string | null {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : null;
}
