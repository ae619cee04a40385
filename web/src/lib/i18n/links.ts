import { knownSearch } from '#shared/known-search.ts';
import { baseLocale, deLocalizeUrl, getLocale, locales, type Locale } from '#lib/paraglide/runtime.js';

/** The address of a page in the reader's language: "/events/1" or "/de/events/1". `path` starts with a slash. */
export function link(path: string): string {
  return linkIn(getLocale(), path);
}

/** The address of a page in a language; English has no prefix. */
export function linkIn(locale: Locale, path: string): string {
  if (locale === baseLocale) return path;
  return path === '/' ? `/${locale}` : `/${locale}${path}`;
}

/** The path that routes know, without its language. */
export function plainPath(url: { href: string }): string {
  return deLocalizeUrl(url.href).pathname;
}

export interface Alternate {
  locale: Locale;
  name: string;
  href: string;
}

const LANGUAGE_NAMES: Record<Locale, string> = { en: 'English', de: 'Deutsch' };

/** Pages that show nothing without the token in their address, and those that know where one came from. */
const NEEDED: Record<string, string> = {
  '/paid': 'token',
  '/reset': 'token',
  '/verify': 'token',
  '/login': 'next',
  '/register': 'next',
};

/** The same page in every language, with the part of its query that means something. */
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

/** Where to go after signing in: only a path of this site, never another origin ("//evil.example"). */
export function safeNext(next: string | null): string | null {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : null;
}
