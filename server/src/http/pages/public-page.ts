import { locale } from '#shared/account.ts';
import { knownSearch } from '#shared/text/known-search.ts';

/** English, the base language, has no prefix in an address. */
const LANGUAGE = `(?:/(?:${locale.options.filter((language) => language !== 'en').join('|')}))?`;
const LIST = new RegExp(`^(?:/|${LANGUAGE})$`);
const EVENT = new RegExp(`^${LANGUAGE}/events/[\\da-fA-F]{24}$`);

/** Longer ones are made up, and would fill a cache. */
const LONGEST_ADDRESS = 400;

/**
 * The address of a page that looks the same to every visitor (the list of events, an event), with no other query than
 * the page reads; null for every other target of a request. The path holds the language.
 */
export function publicPage(target: string): string | null {
  const queryAt = target.indexOf('?');
  const [path, query] = queryAt < 0 ? [target, ''] : [target.slice(0, queryAt), target.slice(queryAt)];
  const isList = LIST.test(path);
  if (!isList && !EVENT.test(path)) return null;
  const address = isList ? path + knownSearch({ searchParams: new URLSearchParams(query) }) : path;
  return address.length > LONGEST_ADDRESS ? null : address;
}
