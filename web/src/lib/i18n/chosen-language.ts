import type { Locale } from '#shared/account.ts';
import { ifAllowed } from '../live/text-storage.ts';

const YEAR_S = 365 * 86_400;

/**
 * Keeps the language that the reader has chosen, in a cookie: a reader who enters the site at an English address gets
 * the page in this language (server/src/http/pages/entry-language.ts).
 */
export function keepLanguage(locale: Locale): void {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  ifAllowed(() => (document.cookie = `locale=${locale}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`));
}

/** The language of the account is the reader's choice on a device on which none was made. */
export function keepLanguageOfAccount(locale: Locale): void {
  const cookies = ifAllowed(() => document.cookie);
  if (cookies !== undefined && !/(?:^|; )locale=/.test(cookies)) keepLanguage(locale);
}
