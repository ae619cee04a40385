import type { Booking } from '#shared/booking.ts';

/**
 * The cookie `has_hold`, as text for `document.cookie`: the id of the held event, or `offer`, until the hold ends. The
 * script in app.html reads it to reserve space for the hold bar before the page's code runs. Rendered pages do not
 * depend on it. `nowMs` is the server's time.
 */
export function holdHint(held: Booking | undefined, nowMs: number, isSecure: boolean): string {
  const leftMs = Date.parse(held?.holdExpiresAt ?? '') - nowMs;
  const subject = held?.source === 'waitlist' ? 'offer' : held?.eventId;
  const value = leftMs > 0 ? `${subject}; Max-Age=${Math.ceil(leftMs / 1000)}` : '; Max-Age=0';
  return `has_hold=${value}; Path=/; SameSite=Lax${isSecure ? '; Secure' : ''}`;
}
