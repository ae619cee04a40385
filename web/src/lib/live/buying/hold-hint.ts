import type { Booking } from '#shared/booking.ts';

/**
 * The cookie by which the script in app.html keeps room for the bar of a hold before anything else of a page has run:
 * which event it is for, or that it is an offer, until its end. It is a hint and nothing more; the pages themselves are
 * the same for everybody.
 */
export function holdHint(held: Booking | undefined, nowMs: number, isSecure: boolean): string {
  const leftMs = Date.parse(held?.holdExpiresAt ?? '') - nowMs;
  const of = held?.source === 'waitlist' ? 'offer' : held?.eventId;
  const value = leftMs > 0 ? `${of}; Max-Age=${Math.ceil(leftMs / 1000)}` : '; Max-Age=0';
  return `has_hold=${value}; Path=/; SameSite=Lax${isSecure ? '; Secure' : ''}`;
}
