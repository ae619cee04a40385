import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BookingState } from './booking-state.ts';
import { requestKey } from './booking-state.ts';
import type { Command, Decision } from './command.ts';
import { decide } from './decide.ts';
import { NOW, book, cancel, edit, stateOf } from './decide.fixture.ts';
import type { State } from './event-state.ts';
import { NOBODY_WAITS } from './event-state.ts';

const SEEDS = [1, 20_261_123, 424_242];
const RUNS = 400;

/** What people do, in words of the model: who, how many, which of the bookings made so far. */
type Step =
  | { do: 'book'; user: number; seats: number; again: boolean }
  | { do: 'cancel'; which: number; seats: number | null; organiser: boolean }
  | { do: 'expire'; which: number }
  | { do: 'resize'; totalSeats: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('book' as const),
      user: fc.nat(4),
      seats: fc.integer({ min: 1, max: 6 }),
      again: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('cancel' as const),
      which: fc.nat(20),
      seats: fc.option(fc.integer({ min: 1, max: 4 })),
      organiser: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire' as const), which: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('resize' as const), totalSeats: fc.integer({ min: 1, max: 30 }) }),
  },
);

const scenario = fc.record({
  priced: fc.boolean(),
  maxSeatsPerUser: fc.option(fc.integer({ min: 1, max: 12 })),
  totalSeats: fc.integer({ min: 1, max: 20 }),
  batches: fc.array(fc.record({ afterMinutes: fc.nat(8), steps: fc.array(step, { minLength: 1, maxLength: 12 }) }), {
    maxLength: 8,
  }),
});

/** The world between two batches: what a database would hold. */
class World {
  state: State;
  readonly all = new Map<string, BookingState>();
  readonly sums = { available: 0, held: 0, sold: 0 };
  #made = 0;
  #last = new Map<number, Command>();

  constructor(more: Parameters<typeof stateOf>[0], totalSeats: number) {
    this.state = stateOf(more, [], totalSeats);
    this.sums.available = totalSeats;
  }

  command(step: Step): Command {
    const bookings = [...this.all.values()];
    const picked = 'which' in step ? bookings[step.which % Math.max(bookings.length, 1)] : undefined;
    switch (step.do) {
      case 'book':
        return this.#book(step.user, step.seats, step.again);
      case 'cancel':
        return picked
          ? cancel(picked, { seats: step.seats, by: step.organiser ? 'organiser' : 'buyer' })
          : { type: 'expire', bookingId: 'none' };
      case 'expire':
        return { type: 'expire', bookingId: picked?.id ?? 'none' };
      case 'resize':
        return edit({ totalSeats: step.totalSeats }, this.state.event.revision);
      default:
        return step satisfies never;
    }
  }

  #book(user: number, seats: number, again: boolean): Command {
    const last = this.#last.get(user);
    if (again && last) return last;
    this.#made += 1;
    const command = book(`u${user}`, seats, { requestId: `r-${this.#made}` });
    this.#last.set(user, command);
    return command;
  }

  apply(decision: Decision): void {
    for (const booking of decision.created) this.all.set(booking.id, booking);
    for (const { booking, from } of decision.changed) {
      expect(this.all.get(booking.id)?.version).toBe(from);
      this.all.set(booking.id, booking);
    }
    for (const entry of decision.entries) {
      this.sums.available += entry.available;
      this.sums.held += entry.held;
      this.sums.sold += entry.sold;
    }
    this.state = this.#reload(decision);
  }

  #reload(decision: Decision): State {
    const bookings = [...this.all.values()];
    const live = bookings.filter((booking) => booking.status === 'held' || booking.status === 'confirmed');
    const seatsByUser = new Map<string, number>();
    for (const { userId, seats } of live) seatsByUser.set(userId, (seatsByUser.get(userId) ?? 0) + seats);
    return {
      event: decision.event,
      bookings: new Map(this.all),
      requests: new Map(bookings.map((booking) => [requestKey(booking.userId, booking.requestId ?? ''), booking])),
      liveHolds: new Map(live.filter((b) => b.status === 'held').map((b) => [b.userId, b.id])),
      seatsByUser,
      otherHoldsUntil: null,
      everBooked: this.all.size > 0,
      waiting: NOBODY_WAITS,
    };
  }
}

function seatsOf(world: World, status: BookingState['status']): number {
  return [...world.all.values()].reduce((sum, b) => sum + (b.status === status ? b.seats : 0), 0);
}

/** [I1] [I2] and the rules that hold for every state of an event. */
function expectSound(world: World, limit: number | null): void {
  const { counters, holdsUntil } = world.state.event;
  expect(counters.heldSeats + counters.soldSeats).toBeLessThanOrEqual(counters.totalSeats);
  expect(counters.availableSeats + counters.heldSeats + counters.soldSeats).toBe(counters.totalSeats);
  expect(counters).toMatchObject({ heldSeats: seatsOf(world, 'held'), soldSeats: seatsOf(world, 'confirmed') });
  expect(world.sums).toEqual({
    available: counters.availableSeats,
    held: counters.heldSeats,
    sold: counters.soldSeats,
  });
  const ends = [...world.all.values()].flatMap((b) => (b.status === 'held' ? [b.holdExpiresAt.getTime()] : []));
  expect(holdsUntil?.getTime() ?? null).toBe(ends.length > 0 ? Math.max(...ends) : null);
  const holders = [...world.all.values()].filter((b) => b.status === 'held').map((b) => b.userId);
  expect(new Set(holders).size).toBe(holders.length);
  if (limit !== null) for (const seats of world.state.seatsByUser.values()) expect(seats).toBeLessThanOrEqual(limit);
}

/** [I3] One booking per request, and every success names a booking that exists. */
function expectAnswered(world: World, commands: Command[], decision: Decision): void {
  expect(decision.outcomes).toHaveLength(commands.length);
  const requests = [...world.all.values()].map((b) => requestKey(b.userId, b.requestId ?? ''));
  expect(new Set(requests).size).toBe(requests.length);
  for (const outcome of decision.outcomes) {
    if (outcome.ok && 'booking' in outcome) expect(world.all.has(outcome.booking.id)).toBe(true);
    if (!outcome.ok && outcome.error.code === 'SOLD_OUT')
      expect(outcome.error.details).toHaveProperty('availableSeats');
  }
}

describe('any sequence of commands', () => {
  it.each(SEEDS)('[I1] [I2] [I3] leaves counters, bookings and ledger in agreement (seed %i)', (seed) => {
    fc.assert(
      fc.property(scenario, ({ priced, maxSeatsPerUser, totalSeats, batches }) => {
        const price = { amount: priced ? 2000 : 0, currency: 'EUR' };
        const world = new World({ price, maxSeatsPerUser, holdMinutes: 10 }, totalSeats);
        let now = NOW;
        for (const { afterMinutes, steps } of batches) {
          now = new Date(now.getTime() + afterMinutes * 60_000);
          const commands = steps.map((s) => world.command(s)).filter((c, i) => c.type !== 'edit' || i === 0);
          const before = structuredClone(world.state);
          const decision = decide(world.state, commands, now);
          expect(world.state).toEqual(before);
          world.apply(decision);
          expectAnswered(world, commands, decision);
          expectSound(world, maxSeatsPerUser);
        }
      }),
      { seed, numRuns: RUNS },
    );
  });
});
