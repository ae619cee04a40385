import type { Booking } from '#shared/booking.ts';
import type { Checkout } from '#shared/checkout.ts';
import type { TEST_CARDS } from '#server/payments/demo/test-cards.ts';
import type { Person, TestApp } from '../test-app.ts';
import { book, eventInput, pushed, testApp } from '../test-app.ts';

/** Twenty euros. */
export const PRICE = { amount: 2_000, currency: 'EUR' };

/** Test cards by outcome. */
export const CARD = {
  pays: '4242424242424242',
  declined: '4000000000000002',
  late: '4000000000000341',
  silent: '4000000000009995',
} as const satisfies Record<string, keyof typeof TEST_CARDS>;

/** A priced event on a server of its own, with an organiser and two buyers. */
export async function paidSetting(
  t: Parameters<typeof testApp>[0],
  more: Parameters<typeof eventInput>[0] = {},
  options: Parameters<typeof testApp>[1] = {},
) {
  const app = await testApp(t, options);
  const [admin, alice, bob] = await Promise.all([app.admin(), app.register('alice'), app.register('bob')]);
  const { id: eventId } = await admin.must('createEvent', eventInput({ price: PRICE, ...more }));
  return { app, admin, alice, bob, eventId };
}

/** Submits the demo provider's form as a browser without scripts does. Returns the address of the redirect. */
export async function useCard({ url }: Pick<Checkout, 'url'>, card: string): Promise<string | null> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ card }).toString(),
    redirect: 'manual',
  });
  if (response.status !== 303)
    throw new Error(`The payment page answered ${response.status}: ${await response.text()}`);
  return response.headers.get('location');
}

/** The next push in which this booking fits; arm it before the act. */
export function shown({ socket }: Person, id: string, fits: (booking: Booking) => boolean): Promise<Booking> {
  return pushed(socket, 'bookingChanged', (booking) => booking.id === id && fits(booking));
}

/** Books seats and pays for them on the demo page. */
export async function buy(person: Person, eventId: string, seats: number): Promise<Booking> {
  const { id } = await book(person, eventId, seats);
  const confirmed = shown(person, id, ({ status }) => status === 'confirmed');
  await useCard(await person.must('checkout', { bookingId: id }), CARD.pays);
  return confirmed;
}

/**
 * Passes the end of a hold of one minute whose payment the provider has not confirmed, and the minute after it in which
 * the hold waits for the payment.
 */
export async function outlastHold({ clock }: TestApp, buyer: Person, bookingId: string): Promise<void> {
  const settling = shown(buyer, bookingId, (booking) => booking.settling);
  clock.offsetMs = 61_000;
  await settling;
  const expired = shown(buyer, bookingId, ({ status }) => status === 'expired');
  clock.offsetMs = 125_000;
  await expired;
}

/** The outcome that the return page shows to a signed-out browser. */
export async function outcomeAt({ get }: TestApp, returnUrl: string | null): Promise<Record<string, unknown>> {
  const token = new URL(returnUrl ?? '').searchParams.get('token') ?? '';
  const response = await get(`/api/checkouts/outcome?token=${encodeURIComponent(token)}`);
  return (await response.json()) as Record<string, unknown>;
}
