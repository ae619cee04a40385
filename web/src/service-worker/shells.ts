/** Pages without anything of anybody in them: the browser fills them from what it keeps. */
const SHELLS = ['/bookings', '/tickets/kept', '/offline'];
const LANGUAGES = ['', '/de'];

/** The addresses under which the shells are kept, in every language. */
export const SHELL_PATHS = LANGUAGES.flatMap((prefix) => SHELLS.map((path) => prefix + path));

/** The shell that stands in for a page when the server cannot be reached. */
export function shellPath(pathname: string): string {
  const [, prefix = '', plain = ''] = /^(\/de(?=\/|$))?(.*?)\/?$/.exec(pathname) ?? [];
  if (plain === '/bookings') return `${prefix}/bookings`;
  return /^\/tickets\/[^/]+$/.test(plain) ? `${prefix}/tickets/kept` : `${prefix}/offline`;
}

/** Whether a page can be read without a server; others are not worth giving up waiting for. */
export function isKeptPage(pathname: string): boolean {
  return !shellPath(pathname).endsWith('/offline');
}

/** Fonts for other scripts than Latin are fetched by the pages that need them. */
export function isWorthKeeping(path: string): boolean {
  if (/\/preview\.[^/]+$/.test(path)) return false;
  return !/\.woff2?$/.test(path) || path.includes('archivo-latin-standard-normal');
}

/** A short name for exactly these files; those that a build makes carry a hash of their content. */
export function fingerprint(paths: string[]): string {
  let hash = 0;
  for (const character of paths.toSorted().join('\n'))
    hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return (hash >>> 0).toString(16);
}
