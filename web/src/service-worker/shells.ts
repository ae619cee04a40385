/** Pages rendered without personal data: the browser fills in the tickets that it keeps. */
const SHELLS = ['/bookings', '/tickets/kept', '/t/kept', '/offline'];
const LANGUAGES = ['', '/de'];

/** Paths of the cached shells, in every language. */
export const SHELL_PATHS = LANGUAGES.flatMap((prefix) => SHELLS.map((path) => prefix + path));

/** The path of the shell to show instead of a page that cannot be fetched. */
export function shellPath(pathname: string): string {
  const [, prefix = '', plain = ''] = /^(\/de(?=\/|$))?(.*?)\/?$/.exec(pathname) ?? [];
  if (plain === '/bookings') return `${prefix}/bookings`;
  const [, page] = /^\/(tickets|t)\/[^/]+$/.exec(plain) ?? [];
  return page === undefined ? `${prefix}/offline` : `${prefix}/${page}/kept`;
}

/** Whether a page is readable offline. For other pages the request has no time limit. */
export function isKeptPage(pathname: string): boolean {
  return !shellPath(pathname).endsWith('/offline');
}

/** Whether a file belongs in the cache. Fonts for other scripts than Latin load with the pages that need them. */
export function isWorthKeeping(path: string): boolean {
  if (/\/preview\.[^/]+$/.test(path)) return false;
  return !/\.woff2?$/.test(path) || path.includes('archivo-latin-standard-normal');
}

/** A hash of the file names; built files have a hash of their content in their name. */
export function fingerprint(paths: string[]): string {
  let hash = 0;
  for (const character of paths.toSorted().join('\n'))
    hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return (hash >>> 0).toString(16);
}
