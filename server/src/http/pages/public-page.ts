import { locale } from '#shared/account.ts';
import { knownSearch, LIST_PARAMETERS } from '#shared/text/known-search.ts';

/** English, the base language, has no prefix in an address. */
const LANGUAGE = `(?:/(?:${locale.options.filter((language) => language !== 'en').join('|')}))?`;
const LIST = new RegExp(`^(?:/|${LANGUAGE})$`);
const EVENT = new RegExp(`^${LANGUAGE}/events/[\\da-fA-F]{24}$`);
const ORGANISER = new RegExp(`^${LANGUAGE}/organisers/[^/]+$`);
/** What an organiser's page reads of its query. */
const ORGANISER_PARAMETERS = ['when', 'page'];

/** Longer ones are made up, and would fill a cache. */
const LONGEST_ADDRESS = 400;

/**
 * The address of a page that looks the same to every visitor (the list of events, an event, an organiser), with no other
 * query than the page reads; null for every other target of a request. The path holds the language.
 */
export function publicPage(target: string): string | null {
  const queryAt = target.indexOf('?');
  const [path, query] = queryAt < 0 ? [target, ''] : [target.slice(0, queryAt), target.slice(queryAt)];
  const read = parametersOf(path);
  if (read === null) return null;
  const address = path + knownSearch({ searchParams: new URLSearchParams(query) }, read);
  return address.length > LONGEST_ADDRESS ? null : address;
}

/** The query parameters that a public page reads; null for another page. */
function parametersOf(path: string): string[] | null {
  if (LIST.test(path)) return LIST_PARAMETERS;
  if (ORGANISER.test(path)) return ORGANISER_PARAMETERS;
  return EVENT.test(path) ? [] : null;
}
