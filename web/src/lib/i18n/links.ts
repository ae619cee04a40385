import { knownSearch } from '#shared/text/known-search.ts';
import { ownPath } from '#shared/own-path.ts';
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
  '/forgot': 'next',
};

type PageUrl = { href: string; pathname: string; searchParams: Pick<URLSearchParams, 'get'> };

/** The addresses of the same page in every language, with the query parameters that the page reads. */
export function alternates(url: Omit<PageUrl, 'pathname'>): Alternate[] {
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

/** The pages around signing in: they lead on to the page of their `next`, not back to each other. */
const SIGN_IN_PAGES = ['/login', '/register', '/forgot'];
/** Pages of one mailed link, which is used up: signing in does not lead back there. */
const MAILED_PAGES = ['/reset', '/verify'];

/** The address of a page around signing in, from which signing in leads back to the page `from`. */
export function signInLink(path: '/login' | '/register' | '/forgot', from: PageUrl): string {
  const next = nextOf(from);
  return link(path) + (next === null ? '' : `?${new URLSearchParams({ next })}`);
}

/** The path to open after signing in on a page with this address: its `next` if that is on this site, else the list. */
export function pathAfterSignIn(url: Pick<PageUrl, 'searchParams'>): string {
  return ownPath(url.searchParams.get('next')) ?? link('/');
}

/** The path on this site that signing in leads back to; null without one. */
function nextOf(from: PageUrl): string | null {
  const path = plainPath(from);
  if (SIGN_IN_PAGES.includes(path)) return ownPath(from.searchParams.get('next'));
  if (MAILED_PAGES.includes(path)) return null;
  return from.pathname + (neededSearch(path, from) || knownSearch(from));
}
