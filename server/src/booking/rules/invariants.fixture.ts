// Asserts by `node:assert`: these checks run millions of times, and `expect` took a third of the histories' time.
import assert from 'node:assert/strict';
import { isReversal } from '#shared/checkout.ts';
import { chargeStep } from '#shared/money/charge.ts';
import type { BookingState } from './state/booking-state.ts';
import { requestKey } from './state/booking-state.ts';
import { salesCloseAt } from './state/event-state.ts';
import type { Attempt } from './payments/attempt.ts';
import { paymentFactsOf, keptAmount } from './payments/attempt.ts';
import { countOf, seatsOf, totalOf } from './tickets/line-items.ts';
import { isActiveEntry } from './waitlist/entry-state.ts';
import type { Committed, World } from './world.fixture.ts';

function seatsIn(world: World, status: BookingState['status']): number {
  return [...world.bookings.values()].reduce((sum, b) => sum + (b.status === status ? b.seats : 0), 0);
}

function ticketsIn(world: World, status: BookingState['status'], type: string): number {
  return [...world.bookings.values()].reduce((sum, b) => sum + (b.status === status ? countOf(b.tickets, type) : 0), 0);
}

/** [I1] [I2] Counters, bookings and ledger agree, and no seat is sold twice. */
export function expectCounted(world: World): void {
  const { counters, holdsUntil, waitingCount } = world.event;
  const { availableSeats, heldSeats, soldSeats } = counters;
  assert(availableSeats >= 0, `${availableSeats} seats are free`);
  assert.equal(availableSeats + heldSeats + soldSeats, counters.totalSeats);
  assert.equal(heldSeats, seatsIn(world, 'held'));
  assert.equal(soldSeats, seatsIn(world, 'confirmed'));
  assert.deepEqual(world.sums, { available: availableSeats, held: heldSeats, sold: soldSeats });
  for (const { id, held, sold, limit } of world.event.ticketTypes) {
    assert.deepEqual([held, sold], [ticketsIn(world, 'held', id), ticketsIn(world, 'confirmed', id)]);
    assert(held + sold <= (limit ?? Infinity), `${held + sold} of at most ${limit} tickets of ${id}`);
  }
  for (const { seats, tickets } of world.bookings.values()) assert.equal(seats, seatsOf(tickets));
  const ends = [...world.bookings.values()].flatMap((b) => (b.status === 'held' ? [b.holdExpiresAt.getTime()] : []));
  assert.equal(holdsUntil?.getTime() ?? null, ends.length > 0 ? Math.max(...ends) : null);
  assert.equal(waitingCount, world.waiting().length);
}

/** [I3] One booking per request; one live hold and one active entry per user; one sort key per entry. */
export function expectUnique(world: World): void {
  const requests = [...world.bookings.values()].flatMap((b) =>
    b.requestId ? [requestKey(b.userId, b.requestId)] : [],
  );
  assert.equal(new Set(requests).size, requests.length);
  const holders = world.live().flatMap((b) => (b.status === 'held' ? [b.userId] : []));
  assert.equal(new Set(holders).size, holders.length);
  const active = [...world.entries.values()].filter(isActiveEntry).map(({ userId }) => userId);
  assert.equal(new Set(active).size, active.length);
  const sortKeys = [...world.entries.values()].map(({ place }) => place);
  assert.equal(new Set(sortKeys).size, sortKeys.length);
}

/** No user has more live seats than the limit, which no edit lowers here, whichever way they came about. */
export function expectWithinLimits(world: World): void {
  const { maxSeatsPerUser, maxSeatsPerBooking } = world.event.settings;
  for (const { userId, seats } of world.live()) {
    assert(seats <= maxSeatsPerBooking, `${seats} of at most ${maxSeatsPerBooking} seats in a booking`);
    const all = world.seatsOf(userId);
    assert(all <= (maxSeatsPerUser ?? Infinity), `${all} of at most ${maxSeatsPerUser} seats of a user`);
  }
}

/** No booking has more seats checked in than it has, and only a confirmed one has any. */
export function expectCheckedIn(world: World): void {
  for (const { status, seats, checkedInSeats, personalTickets } of world.bookings.values()) {
    assert(checkedInSeats <= seats, `${checkedInSeats} of ${seats} seats are checked in`);
    const personally = personalTickets.filter(({ checkedInAt }) => checkedInAt !== null).length;
    assert(personally <= checkedInSeats, `${personally} of ${checkedInSeats} are checked in by their own tickets`);
    assert(personalTickets.length <= seats, `${personalTickets.length} own tickets of ${seats} seats`);
    if (status !== 'confirmed') assert.equal(checkedInSeats, 0);
  }
}

/** A waitlist entry and the booking that is its offer agree. */
export function expectOffers(world: World): void {
  for (const entry of world.entries.values()) {
    const booking = entry.bookingId === null ? undefined : world.bookings.get(entry.bookingId);
    if (entry.status === 'offered') {
      const facts = [booking?.status, booking?.source, booking?.userId];
      assert.deepEqual(facts, ['held', 'waitlist', entry.userId]);
    }
    if (entry.status === 'missed') assert.equal(booking?.status, 'expired');
    if (entry.status === 'waiting') assert.equal(entry.bookingId, null);
    if (entry.status === 'fulfilled') assert(booking?.status === 'confirmed' || booking?.status === 'cancelled');
    if (entry.offerExpiresAt)
      assert(entry.offerExpiresAt <= salesCloseAt(world.event.settings), 'an offer after sales');
  }
}

export function isOnSale({ event, now }: World): boolean {
  return event.settings.status === 'published' && now < salesCloseAt(event.settings);
}

/** [I7] Free seats fit no waiting entry that may get an offer. */
export function expectServed(world: World): void {
  if (!isOnSale(world)) return;
  for (const entry of world.waiting()) {
    const { availableSeats } = world.event.counters;
    if (world.isEligible(entry)) assert(entry.seats > availableSeats, `${availableSeats} free seats fit an entry`);
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
      if (wasAhead) assert(seats > offered.seats, 'an entry that fits was passed over');
    }
  }
}

/** [I5] No payment buys a booking for a closed account. */
export function expectBought({ closed }: World, { decision, commands }: Committed): void {
  decision.outcomes.forEach((outcome, i) => {
    const isSettled = commands[i]?.type === 'settle' && outcome.ok && 'booking' in outcome && !outcome.repeated;
    if (isSettled && closed.has(outcome.booking.userId)) assert.equal(outcome.attempt?.bought, false);
  });
}

/** [I5] A payment has bought its booking or is refunded; one whose amount does not match waits for a person. */
export function expectPayments(world: World): void {
  for (const booking of world.bookings.values()) {
    const attempts = world.attempts.get(booking.id) ?? [];
    assert.deepEqual(booking.payment, paymentFactsOf(attempts));
    const mayBePaid = attempts.filter(({ status }) => status === 'open' || status === 'cancelling');
    assert(mayBePaid.length < 2, 'two payments of a booking may succeed');
    const confirmed = booking.status === 'confirmed';
    if (confirmed && totalOf(booking.tickets).amount > 0)
      assert.equal(attempts.filter(({ bought }) => bought).length, 1);
    if (!confirmed && booking.status !== 'held')
      assert(
        !attempts.some(({ status }) => status === 'open'),
        `a payment is open for a booking that is ${booking.status}`,
      );
    for (const attempt of attempts) expectMatched(attempt, booking);
  }
}

function expectMatched(attempt: Attempt, booking: BookingState): void {
  const kept = keptAmount(attempt);
  assert(kept >= 0, `${kept} is kept`);
  const step = chargeStep(attempt.provider, attempt.amount.currency);
  if (!attempt.mismatch) for (const { amount } of attempt.refunds) assert.equal(amount % step, 0);
  if (attempt.mismatch && attempt.refunds.every(isReversal)) return;
  if (!attempt.bought || booking.status !== 'confirmed') return assert.equal(kept, 0);
  const price = totalOf(booking.tickets).amount;
  const asked = attempt.refunds.some((refund) => refund.cause === 'organiser' || isReversal(refund));
  if (asked) assert(kept <= price, `${kept} of ${price} is kept`);
  else assert.equal(kept, price);
}
