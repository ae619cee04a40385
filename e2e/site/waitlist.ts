import type { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { createEvent, type Remote } from './organiser.ts';
import { signUp } from './people.ts';
import { heading, pressUntil } from './seats.ts';
import type { Site } from './test.ts';

/** Creates a free event of four seats, and two bookings of the organiser that take them all. */
export async function createSoldOut(
  { organiser }: Pick<Site, 'organiser'>,
  more: Parameters<typeof createEvent>[1] = {},
) {
  const event = await createEvent(organiser, { totalSeats: 4, offerMinutes: 45, ...more });
  const take = () => organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  return { event, taken: [await take(), await take()] as const };
}

/** Signs up a new user, who joins the waiting list for two seats at this position; returns the session token. */
export async function join(page: Page, eventId: string, place: string): Promise<string> {
  const { token } = await signUp(page);
  await page.goto(`/events/${eventId}`);
  await pressUntil(page, 'Join the waiting list for 2 seats', heading(page, `You are ${place} in line for 2 seats`));
  return token;
}

export const giveBack = (organiser: Remote, booking: { id: string }) =>
  organiser.must('cancelBooking', { bookingId: booking.id });
