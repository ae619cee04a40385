import type { Locale } from '#shared/account.ts';

/** The pages that mails and messages lead to. English has no prefix. */
const PATHS = {
  verify: (token: string) => `/verify?token=${token}`,
  reset: (token: string) => `/reset?token=${token}`,
  event: (eventId: string) => `/events/${eventId}`,
  bookings: () => '/bookings',
  ticket: (bookingId: string) => `/tickets/${bookingId}`,
} as const;

export type LinkedPage = keyof typeof PATHS;

/** From the site's root, in the recipient's language. */
export function pagePath(place: LinkedPage, of: string, locale: Locale): string {
  return (locale === 'en' ? '' : `/${locale}`) + PATHS[place](of);
}
