/** Names of browsers by their mark in a `User-Agent`, the special ones first: most name Chrome and Safari as well. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

const LONGEST_READ = 500;
const LONGEST_NAME = 40;

/**
 * A device in the words of its `User-Agent`, to tell one's sessions apart: "Chrome, Android". Of another client than a
 * browser its first word, "" if it says nothing. Names only, so that it reads alike in every language.
 */
export function deviceOf(userAgent: string | undefined): string {
  const text = (userAgent ?? '').slice(0, LONGEST_READ);
  const nameIn = (names: typeof BROWSERS) => names.find(([mark]) => mark.test(text))?.[1];
  const known = [nameIn(BROWSERS), nameIn(SYSTEMS)].filter((name) => name !== undefined);
  if (known.length > 0) return known.join(', ');
  return (/^[\w.+-]+/.exec(text)?.[0] ?? '').slice(0, LONGEST_NAME);
}
