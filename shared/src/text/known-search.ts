/** The query parameters that the list of events reads, in one order. */
export const LIST_PARAMETERS = ['query', 'when', 'date', 'category', 'city', 'tag', 'free', 'available', 'page'];

/**
 * The part of a public page's query that the page reads, as "?page=2" or "". An unknown parameter must appear in no
 * link, and must not store the same page again in a cache.
 */
export function knownSearch(
  url: { searchParams: Pick<URLSearchParams, 'get'> },
  names: readonly string[] = LIST_PARAMETERS,
): string {
  const known = new URLSearchParams();
  for (const name of names) {
    const value = url.searchParams.get(name);
    if (value !== null && value !== '') known.set(name, value);
  }
  return known.size > 0 ? `?${known}` : '';
}
