import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BookingState } from './booking-state.ts';
import { requestKey } from './booking-state.ts';
import type { Command, Outcome } from './command.ts';
import { NOW, minutes } from './decide.fixture.ts';
import { salesCloseAt } from './event-state.ts';
import { isActive } from './waiting-state.ts';
import type { Committed, Scenario } from './world.fixture.ts';
import { World, scenario } from './world.fixture.ts';

/** Fixed seeds, so that a failure is everybody's; together ten thousand histories. */
const SEEDS = [1, 7, 42, 1234, 20_261_123];
const RUNS = 2_000;

function seatsOf(world: World, status: BookingState['status']): number {
  return [...world.bookings.values()].reduce((sum, b) => sum + (b.status === status ? b.seats : 0), 0);
}

/** [I1] [I2] Counters, bookings and ledger say the same, and nothing is sold twice. */
function expectCounted(world: World): void {
  const { counters, holdsUntil, waitingCount } = world.event;
  expect(counters.availableSeats).toBeGreaterThanOrEqual(0);
  expect(counters.availableSeats + counters.heldSeats + counters.soldSeats).toBe(counters.totalSeats);
  expect(counters).toMatchObject({ heldSeats: seatsOf(world, 'held'), soldSeats: seatsOf(world, 'confirmed') });
  expect(world.sums).toEqual({
    available: counters.availableSeats,
    held: counters.heldSeats,
    sold: counters.soldSeats,
  });
  const ends = [...world.bookings.values()].flatMap((b) => (b.status === 'held' ? [b.holdExpiresAt.getTime()] : []));
  expect(holdsUntil?.getTime() ?? null).toBe(ends.length > 0 ? Math.max(...ends) : null);
  expect(waitingCount).toBe(world.waiting().length);
}

/** [I3] One booking a request, one live hold and one active entry a user, nobody over a limit by their own doing. */
function expectUnique(world: World): void {
  const requests = [...world.bookings.values()].flatMap((b) =>
    b.requestId ? [requestKey(b.userId, b.requestId)] : [],
  );
  expect(new Set(requests).size).toBe(requests.length);
  const holders = world.live().flatMap((b) => (b.status === 'held' ? [b.userId] : []));
  expect(new Set(holders).size).toBe(holders.length);
  const active = [...world.parties.values()].filter(isActive).map(({ userId }) => userId);
  expect(new Set(active).size).toBe(active.length);
  const places = [...world.parties.values()].map(({ place }) => place);
  expect(new Set(places).size).toBe(places.length);
}

/** An offer and its booking tell the same story. */
function expectOffers(world: World): void {
  for (const entry of world.parties.values()) {
    const booking = entry.bookingId === null ? undefined : world.bookings.get(entry.bookingId);
    if (entry.status === 'offered')
      expect(booking).toMatchObject({ status: 'held', source: 'waitlist', userId: entry.userId });
    if (entry.status === 'missed') expect(booking?.status).toBe('expired');
    if (entry.status === 'waiting') expect(entry.bookingId).toBeNull();
    if (entry.status === 'fulfilled') expect(['confirmed', 'cancelled']).toContain(booking?.status);
    if (entry.offerExpiresAt) expect(entry.offerExpiresAt <= salesCloseAt(world.event.settings)).toBe(true);
  }
}

function onSale({ event, now }: World): boolean {
  return event.settings.status === 'published' && now < salesCloseAt(event.settings);
}

/** [I7] No seat lies free that somebody on the list fits and may have. */
function expectServed(world: World): void {
  if (!onSale(world)) return;
  for (const entry of world.waiting()) {
    if (world.eligible(entry)) expect(entry.seats).toBeGreaterThan(world.event.counters.availableSeats);
  }
}

/** [I7] First come, first fitting: whoever was passed over wanted more seats than the one behind, or could not. */
function expectFair(world: World, { before, decision }: Committed): void {
  const offers = decision.moved.filter(({ entry }) => entry.status === 'offered');
  const passedOver = world.waiting().filter((entry) => world.eligible(entry));
  for (const { entry: offered } of offers) {
    for (const { id, seats, place } of passedOver) {
      const was = before.get(id);
      const stood = was?.seats === seats && was.place === place && place < offered.place;
      if (stood) expect(seats).toBeGreaterThan(offered.seats);
    }
  }
}

/** What must be true where a command is refused with this code; `free` is the least that was free meanwhile. */
function expectReason(world: World, command: Command, outcome: Outcome): void {
  if (outcome.ok) return;
  const { code, details = {} } = outcome.error;
  const { settings } = world.event;
  const seats = 'seats' in command ? (command.seats ?? 0) : 0;
  switch (code) {
    case 'SOLD_OUT':
      return expect(Number(details['availableSeats'])).toBeLessThan(Math.max(seats, 1_000));
    case 'SALES_CLOSED':
      return expect(onSale(world)).toBe(false);
    case 'LIMIT_EXCEEDED':
      return 'bookingId' in details
        ? expect(settings.price.amount).toBeGreaterThan(0)
        : expect(details['limit']).toSatisfy(
            (n) => n === settings.maxSeatsPerUser || n === settings.maxSeatsPerBooking,
          );
    case 'NOT_FOUND':
      return expect(['leave', 'expire', 'cancel', 'confirm', 'settle', 'changeHold']).toContain(command.type);
    case 'SEATS_IN_USE':
      return expect(command.type).toBe('edit');
    case 'INVALID_STATE':
      return expect(Object.keys(details)).not.toEqual([]);
    default:
      throw new Error(`Nobody can be refused with ${code} here`);
  }
}

function play({ priced, maxSeatsPerUser, totalSeats, salesMinutes, pageSize, batches }: Scenario): World {
  const price = { amount: priced ? 2000 : 0, currency: 'EUR' };
  const sale = { price, maxSeatsPerUser, holdMinutes: 10, offerMinutes: 20, salesCloseAt: minutes(salesMinutes) };
  const world = new World(sale, totalSeats, pageSize, NOW);
  for (const { afterMinutes, steps } of batches) {
    world.now = new Date(world.now.getTime() + afterMinutes * 60_000);
    // The queue lets an edit stand alone.
    const commands = steps
      .map((s) => world.command(s))
      .filter(({ type }, i) => i === 0 || !['edit', 'cancelEvent'].includes(type));
    const batch = commands[0]?.type === 'edit' || commands[0]?.type === 'cancelEvent' ? commands.slice(0, 1) : commands;
    const first = world.commits.length;
    const outcomes = world.run(batch);
    expect(outcomes).toHaveLength(batch.length);
    batch.forEach((command, i) => expectReason(world, command, outcomes[i] as Outcome));
    expectCounted(world);
    expectUnique(world);
    expectOffers(world);
    expectServed(world);
    for (const committed of world.commits.slice(first)) expectFair(world, committed);
  }
  return world;
}

describe('any history of an event', () => {
  it.each(SEEDS)('[I1] [I2] [I3] [I7] is counted, unique, fair and refused for the right reason (seed %i)', (seed) => {
    fc.assert(
      fc.property(scenario, (sale) => void play(sale)),
      { seed, numRuns: RUNS },
    );
  });

  it('is varied enough to mean something: every state of bookings and parties, every refusal', () => {
    const seen = new Set<string>();
    for (const sale of fc.sample(scenario, { seed: 1, numRuns: 2_000 })) {
      const world = play(sale);
      for (const { status, source } of world.bookings.values()) seen.add(`${source} ${status}`);
      for (const { status } of world.parties.values()) seen.add(`party ${status}`);
      for (const { decision } of world.commits) {
        if (decision.offerAfter !== null) seen.add('a list longer than a batch');
        for (const outcome of decision.outcomes) if (!outcome.ok) seen.add(outcome.error.code);
      }
    }
    const states = ['held', 'confirmed', 'cancelled', 'expired'].flatMap((s) => [`direct ${s}`, `waitlist ${s}`]);
    const parties = ['waiting', 'offered', 'fulfilled', 'left', 'missed', 'closed'].map((s) => `party ${s}`);
    const codes = ['SOLD_OUT', 'SALES_CLOSED', 'LIMIT_EXCEEDED', 'NOT_FOUND', 'SEATS_IN_USE', 'INVALID_STATE'];
    expect([...seen]).toEqual(expect.arrayContaining([...states, ...parties, ...codes, 'a list longer than a batch']));
  });
});
