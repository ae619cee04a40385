const OWN_ORIGIN = 'http://own.invalid';

/**
 * The path, query and fragment of an address on this site; null for an address of another site, which no link and no
 * redirect may follow. Parsed as browsers parse it: they read a backslash as a slash, and drop tabs and line breaks.
 */
export function ownPath(address: unknown): string | null {
  if (typeof address !== 'string' || !address.startsWith('/') || /\p{Cc}/u.test(address)) return null;
  if (!URL.canParse(address, OWN_ORIGIN)) return null;
  const { origin, pathname, search, hash } = new URL(address, OWN_ORIGIN);
  // "/.//evil.example" is on this site, but its resolved path "//evil.example" is not.
  return origin === OWN_ORIGIN && !pathname.startsWith('//') ? pathname + search + hash : null;
}
