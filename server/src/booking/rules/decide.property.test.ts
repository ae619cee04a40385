import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command, Outcome } from './command.ts';
import { NOW, idOf, minutes } from './decide.fixture.ts';
import { PLAYS_ALL, historiesOf } from './histories.fixture.ts';
import { expectCounted, expectFair, expectCheckedIn, expectPayments, expectOffers } from './invariants.fixture.ts';
import { expectBought, expectServed, expectUnique, expectWithinLimits, isOnSale } from './invariants.fixture.ts';
import type { Scenario } from './world.fixture.ts';
import { World, bookingsOf, scenario } from './world.fixture.ts';

/** Fixed, so that a failure can be repeated anywhere; model.property.test.ts plays ten thousand more histories. */
const SEEDS = [1, 7, 42, 1234, 20_261_123];
const RUNS = historiesOf(600);
/** Time limit of a test, which takes a few seconds on an idle machine. */
const TIMEOUT_MS = 120_000;

/** What must be true if a command is refused with this code. */
function expectReason(world: World, command: Command, outcome: Outcome): void {
  if (outcome.ok) return;
  const { code, details = {} } = outcome.error;
  const { settings } = world.event;
  const seats = 'seats' in command ? (command.seats ?? 0) : 0;
  switch (code) {
    case 'SOLD_OUT':
      return assert(Number(details['availableSeats']) < seats);
    case 'SALES_CLOSED':
      return assert(!isOnSale(world));
    case 'LIMIT_EXCEEDED':
      if ('bookingId' in details) return assert(settings.price.amount > 0);
      return assert([settings.maxSeatsPerUser, settings.maxSeatsPerBooking].includes(details['limit'] as number));
    case 'NOT_FOUND':
      return assert(!['book', 'join', 'edit', 'cancelEvent', 'closeWaitlist'].includes(command.type));
    case 'SEATS_IN_USE':
      return assert.equal(command.type, 'edit');
    case 'REQUEST_ID_REUSED':
      return assert(['cancel', 'checkIn', 'refundPart'].includes(command.type));
    case 'INVALID_STATE':
      return assert.notEqual(Object.keys(details).length, 0);
    default:
      throw new Error(`No command can be refused with ${code} here`);
  }
}

function play({ priced, currency, maxSeatsPerUser, totalSeats, salesMinutes, pageSize, batches }: Scenario): World {
  const price = { amount: priced ? 2000 : 0, currency };
  const sale = { price, maxSeatsPerUser, holdMinutes: 10, offerMinutes: 20, salesCloseAt: minutes(salesMinutes) };
  const world = new World(sale, totalSeats, pageSize, NOW);
  for (const { afterMinutes, closes, steps } of batches) {
    world.now = new Date(world.now.getTime() + afterMinutes * 60_000);
    if (closes !== null) world.closed.add(idOf(`u${closes}`));
    // The queue puts an edit into a batch of its own.
    const commands = steps
      .map((s) => world.command(s))
      .filter(({ type }, i) => i === 0 || !['edit', 'cancelEvent'].includes(type));
    const batch = commands[0]?.type === 'edit' || commands[0]?.type === 'cancelEvent' ? commands.slice(0, 1) : commands;
    const first = world.commits.length;
    const outcomes = world.run(batch);
    assert.equal(outcomes.length, batch.length);
    batch.forEach((command, i) => expectReason(world, command, outcomes[i] as Outcome));
    expectCounted(world);
    expectUnique(world);
    expectWithinLimits(world);
    expectOffers(world);
    expectCheckedIn(world);
    expectPayments(world);
    expectServed(world);
    for (const committed of world.commits.slice(first)) {
      expectFair(world, committed);
      expectBought(world, committed);
    }
  }
  return world;
}

describe('any history of an event', () => {
  it.each(SEEDS)(
    '[I1] [I2] [I3] [I5] [I7] keeps counters, uniqueness and fairness, and refuses for the right reason (seed %i)',
    (seed) => {
      fc.assert(
        fc.property(scenario, (sale) => void play(sale)),
        { seed, numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it.runIf(PLAYS_ALL)(
    'meets every state of bookings and waitlist entries, and every refusal',
    { timeout: TIMEOUT_MS },
    () => {
      const seen = new Set<string>();
      for (const sale of fc.sample(scenario, { seed: 1, numRuns: 3_000 })) {
        const world = play(sale);
        for (const { status } of world.entries.values()) seen.add(`entry ${status}`);
        for (const { decision } of world.commits) {
          for (const { status, source } of bookingsOf(decision)) seen.add(`${source} ${status}`);
          if (decision.offerAfter !== null) seen.add('a list longer than a batch');
          for (const outcome of decision.outcomes) if (!outcome.ok) seen.add(outcome.error.code);
        }
      }
      const states = ['held', 'confirmed', 'cancelled', 'expired'].flatMap((s) => [`direct ${s}`, `waitlist ${s}`]);
      const entries = ['waiting', 'offered', 'fulfilled', 'left', 'missed', 'closed'].map((s) => `entry ${s}`);
      const codes = ['SOLD_OUT', 'SALES_CLOSED', 'LIMIT_EXCEEDED', 'NOT_FOUND', 'SEATS_IN_USE', 'INVALID_STATE'];
      expect([...seen]).toEqual(
        expect.arrayContaining([...states, ...entries, ...codes, 'a list longer than a batch']),
      );
    },
  );
});
