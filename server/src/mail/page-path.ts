import type { Locale } from '#shared/account.ts';

/** The pages that mails and push messages link to. */
const PATHS = {
  verify: (token: string) => `/verify?token=${token}`,
  reset: (token: string) => `/reset?token=${token}`,
  event: (eventId: string) => `/events/${eventId}`,
  bookings: () => '/bookings',
  login: () => '/login',
  account: () => '/account',
  ticket: (bookingId: string) => `/tickets/${bookingId}`,
  /** Ends all reminders of an account, without a session. */
  reminders: (key: string) => `/reminders/${key}`,
  /** The ticket's link, which needs no session. */
  linkedTicket: (key: string) => `/t/${key}`,
} as const;

type LinkedPage = keyof typeof PATHS;

/** The path of a page in the recipient's language; English has no prefix. `subject` is the id, token or key in the path. */
export function pagePath(page: LinkedPage, subject: string, locale: Locale): string {
  return (locale === 'en' ? '' : `/${locale}`) + PATHS[page](subject);
}
