import { expect } from 'vitest';
import { isReversal } from '#shared/checkout.ts';
import { chargeStep } from '#shared/money/charge.ts';
import type { BookingState } from './state/booking-state.ts';
import { requestKey } from './state/booking-state.ts';
import { salesCloseAt } from './state/event-state.ts';
import type { Attempt } from './payments/attempt.ts';
import { paymentFactsOf, keptAmount } from './payments/attempt.ts';
import { isActiveEntry } from './waitlist/entry-state.ts';
import type { Committed, World } from './world.fixture.ts';

function seatsIn(world: World, status: BookingState['status']): number {
  return [...world.bookings.values()].reduce((sum, b) => sum + (b.status === status ? b.seats : 0), 0);
}

/** [I1] [I2] Counters, bookings and ledger agree, and no seat is sold twice. */
export function expectCounted(world: World): void {
  const { counters, holdsUntil, waitingCount } = world.event;
  expect(counters.availableSeats).toBeGreaterThanOrEqual(0);
  expect(counters.availableSeats + counters.heldSeats + counters.soldSeats).toBe(counters.totalSeats);
  expect(counters).toMatchObject({ heldSeats: seatsIn(world, 'held'), soldSeats: seatsIn(world, 'confirmed') });
  expect(world.sums).toEqual({
    available: counters.availableSeats,
    held: counters.heldSeats,
    sold: counters.soldSeats,
  });
  const ends = [...world.bookings.values()].flatMap((b) => (b.status === 'held' ? [b.holdExpiresAt.getTime()] : []));
  expect(holdsUntil?.getTime() ?? null).toBe(ends.length > 0 ? Math.max(...ends) : null);
  expect(waitingCount).toBe(world.waiting().length);
}

/** [I3] One booking per request; one live hold and one active entry per user; one sort key per entry. */
export function expectUnique(world: World): void {
  const requests = [...world.bookings.values()].flatMap((b) =>
    b.requestId ? [requestKey(b.userId, b.requestId)] : [],
  );
  expect(new Set(requests).size).toBe(requests.length);
  const holders = world.live().flatMap((b) => (b.status === 'held' ? [b.userId] : []));
  expect(new Set(holders).size).toBe(holders.length);
  const active = [...world.entries.values()].filter(isActiveEntry).map(({ userId }) => userId);
  expect(new Set(active).size).toBe(active.length);
  const sortKeys = [...world.entries.values()].map(({ place }) => place);
  expect(new Set(sortKeys).size).toBe(sortKeys.length);
}

/** No user has more live seats than the limit, which no edit lowers here, whichever way they came about. */
export function expectWithinLimits(world: World): void {
  const { maxSeatsPerUser, maxSeatsPerBooking } = world.event.settings;
  for (const { userId, seats } of world.live()) {
    expect(seats).toBeLessThanOrEqual(maxSeatsPerBooking);
    expect(world.seatsOf(userId)).toBeLessThanOrEqual(maxSeatsPerUser ?? Infinity);
  }
}

/** No booking has more seats checked in than it has, and only a confirmed one has any. */
export function expectCheckedIn(world: World): void {
  for (const { status, seats, checkedInSeats } of world.bookings.values()) {
    expect(checkedInSeats).toBeLessThanOrEqual(seats);
    if (status !== 'confirmed') expect(checkedInSeats).toBe(0);
  }
}

/** A waitlist entry and the booking that is its offer agree. */
export function expectOffers(world: World): void {
  for (const entry of world.entries.values()) {
    const booking = entry.bookingId === null ? undefined : world.bookings.get(entry.bookingId);
    if (entry.status === 'offered')
      expect(booking).toMatchObject({ status: 'held', source: 'waitlist', userId: entry.userId });
    if (entry.status === 'missed') expect(booking?.status).toBe('expired');
    if (entry.status === 'waiting') expect(entry.bookingId).toBeNull();
    if (entry.status === 'fulfilled') expect(['confirmed', 'cancelled']).toContain(booking?.status);
    if (entry.offerExpiresAt) expect(entry.offerExpiresAt <= salesCloseAt(world.event.settings)).toBe(true);
  }
}

export function isOnSale({ event, now }: World): boolean {
  return event.settings.status === 'published' && now < salesCloseAt(event.settings);
}

/** [I7] Free seats fit no waiting entry that may get an offer. */
export function expectServed(world: World): void {
  if (!isOnSale(world)) return;
  for (const entry of world.waiting()) {
    if (world.isEligible(entry)) expect(entry.seats).toBeGreaterThan(world.event.counters.availableSeats);
  }
}

/** [I7] First come, first fitting: an entry is passed over only for one behind it that wants fewer seats. */
export function expectFair(world: World, { before, decision }: Committed): void {
  const offers = decision.changedWaitlistEntries.filter(({ entry }) => entry.status === 'offered');
  const passedOver = world.waiting().filter((entry) => world.isEligible(entry));
  for (const { entry: offered } of offers) {
    for (const { id, seats, place } of passedOver) {
      const was = before.get(id);
      const wasAhead = was?.seats === seats && was.place === place && place < offered.place;
      if (wasAhead) expect(seats).toBeGreaterThan(offered.seats);
    }
  }
}

/** [I5] No payment buys a booking for a closed account. */
export function expectBought({ closed }: World, { decision, commands }: Committed): void {
  decision.outcomes.forEach((outcome, i) => {
    const isSettled = commands[i]?.type === 'settle' && outcome.ok && 'booking' in outcome && !outcome.repeated;
    if (isSettled && closed.has(outcome.booking.userId)) expect(outcome.attempt?.bought).toBe(false);
  });
}

/** [I5] A payment has bought its booking or is refunded; one whose amount does not match waits for a person. */
export function expectPayments(world: World): void {
  for (const booking of world.bookings.values()) {
    const attempts = world.attempts.get(booking.id) ?? [];
    expect(booking.payment).toEqual(paymentFactsOf(attempts));
    expect(attempts.filter(({ status }) => status === 'open' || status === 'cancelling').length).toBeLessThan(2);
    const confirmed = booking.status === 'confirmed';
    if (confirmed && booking.price.amount > 0) expect(attempts.filter(({ bought }) => bought)).toHaveLength(1);
    if (!confirmed && booking.status !== 'held') expect(attempts.map(({ status }) => status)).not.toContain('open');
    for (const attempt of attempts) expectMatched(attempt, booking);
  }
}

function expectMatched(attempt: Attempt, booking: BookingState): void {
  const kept = keptAmount(attempt);
  expect(kept).toBeGreaterThanOrEqual(0);
  const step = chargeStep(attempt.provider, attempt.amount.currency);
  if (!attempt.mismatch) for (const { amount } of attempt.refunds) expect(amount % step).toBe(0);
  if (attempt.mismatch && attempt.refunds.every(isReversal)) return;
  if (!attempt.bought || booking.status !== 'confirmed') return expect(kept).toBe(0);
  const price = booking.price.amount * booking.seats;
  const asked = attempt.refunds.some((refund) => refund.cause === 'organiser' || isReversal(refund));
  if (asked) expect(kept).toBeLessThanOrEqual(price);
  else expect(kept).toBe(price);
}
