/** The query parameters that pages read, in one order. */
const KNOWN = ['query', 'when', 'page'];

/**
 * The part of a page's query that means something. What a page links to and what it is cached under must not carry a
 * made-up parameter.
 */
export function knownSearch(url: { searchParams: Pick<URLSearchParams, 'get'> }): string {
  const known = new URLSearchParams();
  for (const name of KNOWN) {
    const value = url.searchParams.get(name);
    if (value !== null && value !== '') known.set(name, value);
  }
  return known.size > 0 ? `?${known}` : '';
}
