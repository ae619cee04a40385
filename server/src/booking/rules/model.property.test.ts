import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../test/support/model/tickets/edits.ts';
import { typeSettings } from '../../../test/support/model/tickets/steps.ts';
import { answerOf } from '../../../test/support/model/answer.ts';
import { playBatch } from '../../../test/support/model/model.ts';
import { namesOf, pictureOfModel, pictureOfStored } from '../../../test/support/model/picture.ts';
import type { Speaker, Step } from '../../../test/support/model/steps.ts';
import { anyStep, commandOf, inBatches, lateRound, partStep } from '../../../test/support/model/steps.ts';
import { modelVoucher } from '../../../test/support/model/vouchers/rules.ts';
import type { VoucherUpdate } from '../../../test/support/model/vouchers/steps.ts';
import { isAllowed, scarceVouchers, voucherUpdate, vouchersOf } from '../../../test/support/model/vouchers/steps.ts';
import type { ModelState } from '../../../test/support/model/state.ts';
import { newState } from '../../../test/support/model/state.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import { voucherKey } from './code.ts';
import type { Command, Outcome } from './command.ts';
import { NOW, idOf, minutes, settings } from './decide.fixture.ts';
import { PLAYS_ALL, historiesOf, onceIn } from './histories.fixture.ts';
import { expectCounted, expectPayments, expectUnique } from './invariants.fixture.ts';
import { voucher } from './vouchers/voucher.fixture.ts';
import { World, bookingsOf } from './world.fixture.ts';

/** Fixed seeds, so that a failure is repeatable on any machine; ten thousand histories in all. */
const SEEDS = [2, 11, 1_789, 20_261_124];
const RUNS = historiesOf(2_500);
/** Time limit of one seed, which takes a few seconds on an idle machine. */
const TIMEOUT_MS = 120_000;

const sale = fc.record({
  amount: fc.constantFrom(0, 2_000, 2_000),
  /** Null: one type by the price. */
  types: fc.option(fc.array(typeSettings(NOW), { minLength: 1, maxLength: 4 }), { freq: 2 }),
  vouchers: vouchersOf(NOW),
  maxSeatsPerUser: fc.option(fc.integer({ min: 1, max: 9 })),
  maxSeatsPerBooking: fc.integer({ min: 2, max: 5 }),
  totalSeats: fc.integer({ min: 1, max: 8 }),
  opensIn: onceIn(5, fc.integer({ min: 1, max: 40 })),
  closesIn: fc.option(fc.integer({ min: 60, max: 400 })),
  status: fc.constantFrom('published' as const, 'published' as const, 'published' as const, 'draft' as const),
  /** Waitlist entries that a batch loads: few, so that waiting lists are longer. */
  pageSize: fc.integer({ min: 1, max: 4 }),
  rounds: fc.array(
    fc.record({
      afterMinutes: fc.nat(25),
      closes: onceIn(12, fc.nat(5)),
      update: onceIn(4, voucherUpdate),
      steps: fc.array(anyStep(NOW), { minLength: 1, maxLength: 9 }),
    }),
    { minLength: 2, maxLength: 8 },
  ),
});

const SOLD_IN_PAIRS = {
  price: { amount: 0, currency: 'EUR' },
  seats: 1,
  limit: null,
  salesFrom: null,
  salesUntil: null,
  minPerBooking: 2,
  maxPerBooking: null,
  access: 'public' as const,
};

/** A published event with seats for all, open from the start to the end. */
const ALWAYS_OPEN = {
  totalSeats: fc.constant(12),
  opensIn: fc.constant(null),
  closesIn: fc.constant(null),
  status: fc.constant('published' as const),
  pageSize: fc.constant(2),
};

/** Sales with a low limit per user, where holds end before their payments come. */
const lateSale = fc.record({
  amount: fc.constant(2_000),
  types: fc.constant(null),
  vouchers: scarceVouchers,
  maxSeatsPerUser: fc.integer({ min: 1, max: 4 }),
  maxSeatsPerBooking: fc.constant(3),
  ...ALWAYS_OPEN,
  rounds: fc.array(
    fc
      .tuple(lateRound(), onceIn(30, fc.nat(1)), onceIn(8, voucherUpdate))
      .map(([round, closes, update]) => ({ ...round, closes, update })),
    { minLength: 4, maxLength: 16, size: 'max' },
  ),
});

/** Sales of free tickets with a minimum of two in a booking, whose buyers cancel parts. */
const partSale = fc.record({
  amount: fc.constant(0),
  types: typeSettings(NOW).map((type) => [{ ...type, ...SOLD_IN_PAIRS }]),
  vouchers: fc.constant([]),
  maxSeatsPerUser: fc.constant(null),
  maxSeatsPerBooking: fc.constant(5),
  ...ALWAYS_OPEN,
  rounds: fc.array(
    fc.record({
      afterMinutes: fc.nat(9),
      closes: fc.constant(null),
      update: fc.constant(null),
      steps: fc.array(partStep(), { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 2, maxLength: 5 },
  ),
});

type Sale = typeof sale extends fc.Arbitrary<infer S> ? S : never;

/** The rules and the model with the same event. */
function twins({ amount, types, vouchers, opensIn, closesIn, totalSeats, pageSize, rounds: _, ...more }: Sale) {
  const chosen = settings({
    ...more,
    price: { amount, currency: 'EUR' },
    startsAt: minutes(600),
    salesOpenAt: opensIn === null ? null : minutes(opensIn),
    salesCloseAt: closesIn === null ? null : minutes(closesIn),
    offerMinutes: 20,
    cancelBeforeHours: 9,
  });
  const list = types?.map((type, i) => ({ ...type, seats: i === 0 ? Math.max(1, type.seats) : type.seats }));
  const world = new World({ ...chosen, ...(list && { ticketTypes: list }) }, totalSeats, pageSize, NOW);
  const modelled = list?.map((type, i) => ({ id: `t${i + 1}`, ...fieldsOf(type), archived: false, booked: false }));
  for (const { code, ...terms } of vouchers) {
    const made = voucher({ id: `id of ${code}`, code, key: voucherKey(code), ...terms });
    world.vouchers.set(made.id, made);
  }
  const codes = [...world.vouchers.values()].map(modelVoucher);
  return { world, model: newState(world.event.settings, totalSeats, world.event.revision, modelled, codes) };
}

function speaker(): Speaker {
  let made = 0;
  const next = (kind: string) => `${kind}${(made += 1)}`;
  return {
    userId: (user) => idOf(`u${user}`),
    newId: () => idOf(next('i')),
    newRequestId: () => next('request'),
    newCode: () => next('code'),
    last: new Map(),
  };
}

function same(actual: unknown, wanted: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, wanted)) expect(actual, what).toEqual(wanted);
}

/** Plays a batch on rules and model, and compares each outcome and then everything stored. */
function playOnBoth(world: World, model: ModelState, steps: readonly Step[], speak: Speaker): Outcome[] {
  const named = steps.map((step) => commandOf(step, model, speak));
  const before = namesOf(storedBy(world));
  const commands = named.map((command) => withId(command, before.idOf));
  const outcomes = run(world, commands);
  const { name } = namesOf(storedBy(world));
  const answers = playBatch(model, named, world.now.getTime());
  outcomes.forEach((outcome, i) => same(answerOf(outcome, name), answers[i], `answer to ${JSON.stringify(named[i])}`));
  same(pictureOfStored(storedBy(world)), pictureOfModel(model), 'what is stored');
  expectCounted(world);
  expectUnique(world);
  expectPayments(world);
  return outcomes;
}

/** An organiser changes a voucher between two batches. */
function updateVoucher(world: World, model: ModelState, update: VoucherUpdate): void {
  const before = [...world.vouchers.values()][update.which];
  if (!before || !isAllowed(update, before)) return;
  world.vouchers.set(before.id, { ...before, ...update.change });
  model.vouchers = [...world.vouchers.values()].map(modelVoucher);
}

/** A batch closes the entries that it has loaded: the command is repeated until no entry waits. */
function run(world: World, commands: readonly Command[]): Outcome[] {
  let outcomes = world.run(commands);
  for (let left = Infinity; commands[0]?.type === 'closeWaitlist' && world.event.waitingCount < left;) {
    left = world.event.waitingCount;
    outcomes = world.run(commands);
  }
  return outcomes;
}

function storedBy({ event, bookings, entries, vouchers }: World) {
  const all = { bookings: [...bookings.values()], entries: [...entries.values()] };
  return { event, ...all, vouchers: [...vouchers.values()] };
}

function withId(command: Command, idOfKey: (key: string) => string): Command {
  return 'bookingId' in command ? { ...command, bookingId: idOfKey(command.bookingId) } : command;
}

function play(history: Sale): { world: World; outcomes: Outcome[] } {
  const { world, model } = twins(history);
  const speak = speaker();
  const outcomes: Outcome[] = [];
  for (const { afterMinutes, closes, update, steps } of history.rounds) {
    world.now = new Date(world.now.getTime() + afterMinutes * 60_000);
    if (closes !== null) world.closed.add(speak.userId(closes));
    model.closed = [...world.closed];
    if (update) updateVoucher(world, model, update);
    for (const batch of inBatches(steps)) outcomes.push(...playOnBoth(world, model, batch, speak));
  }
  return { world, outcomes };
}

/** A refusal by its code and details; of a voucher also by its reason. */
function kindOf({ code, details = {} }: Refusal): string {
  const reason = code === 'VOUCHER_INVALID' ? [String(details['reason'])] : [];
  return [code, ...reason, ...Object.keys(details)].join(' ');
}

/** The exact set of cases that the sampled histories cover; a rule that no history covers would be missing here. */
const EVERYTHING = [
  'INVALID_INPUT',
  'INVALID_STATE availableSeats',
  'INVALID_STATE cancelUntil',
  'INVALID_STATE checkedInSeats',
  'INVALID_STATE currency',
  'INVALID_STATE event',
  'INVALID_STATE issue',
  'INVALID_STATE provisional reason',
  'INVALID_STATE reason ticketType seats',
  'INVALID_STATE revision',
  'INVALID_STATE seats',
  'INVALID_STATE seats checkedInSeats',
  'INVALID_STATE status',
  'INVALID_STATE status bookingId',
  'INVALID_STATE status owes',
  'INVALID_STATE status payment',
  'INVALID_STATE status reason',
  'INVALID_STATE status settling',
  'INVALID_STATE ticket',
  'INVALID_STATE ticketType minimum',
  'INVALID_STATE tickets',
  'LIMIT_EXCEEDED bookingId',
  'LIMIT_EXCEEDED limit',
  'LIMIT_EXCEEDED limit ticketType',
  'NOT_FOUND',
  'PRICE_CHANGED price total ticketTypes',
  'REQUEST_ID_REUSED',
  'SALES_CLOSED reason',
  'SALES_CLOSED reason salesOpenAt retryAfterMs',
  'SALES_CLOSED reason ticketType',
  'SALES_CLOSED reason ticketType salesOpenAt retryAfterMs',
  'SEATS_IN_USE minimum',
  'SEATS_IN_USE minimum ticketType',
  'SOLD_OUT availableSeats',
  'SOLD_OUT availableSeats ticketType available',
  'VOUCHER_INVALID closed reason',
  'VOUCHER_INVALID limit reason limit',
  'VOUCHER_INVALID not_open reason validFrom retryAfterMs',
  'VOUCHER_INVALID other_tickets reason',
  'VOUCHER_INVALID unknown reason',
  'VOUCHER_INVALID used_up reason',
  'a list longer than a batch',
  'adopted',
  'booked',
  'cancelled',
  'capacity',
  'checkedIn',
  'confirmed',
  'direct cancelled',
  'direct confirmed',
  'direct expired',
  'direct held',
  'entry closed',
  'entry fulfilled',
  'entry left',
  'entry missed',
  'entry offered',
  'entry waiting',
  'expired',
  'held',
  'mismatch',
  'offered',
  'paying',
  'refunding',
  'released',
  'resized',
  'revived',
  'settling',
  'ticketRevoked',
  'ticketShared',
  'unpaid',
  'waitlist cancelled',
  'waitlist confirmed',
  'waitlist expired',
  'waitlist held',
];

describe('the rules, and a model of them that shares no code,', () => {
  it.each(SEEDS)(
    '[I1] [I2] [I3] [I5] [I7] agree on each outcome, each refusal and everything stored (seed %i)',
    (seed) => {
      fc.assert(
        fc.property(sale, (history) => void play(history)),
        { seed, numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it(
    '[I5] agree on late payments, also if the buyer has booked again under a limit',
    () => {
      fc.assert(
        fc.property(lateSale, (history) => {
          const { world } = play(history);
          for (const { userId } of world.live())
            expect(world.seatsOf(userId)).toBeLessThanOrEqual(history.maxSeatsPerUser);
        }),
        { seed: 20_261_128, numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it.runIf(PLAYS_ALL)('cover every kind of ledger entry and every refusal', { timeout: TIMEOUT_MS }, () => {
    const seen = new Set<string>();
    const histories = [
      ...fc.sample(sale, { seed: 4, numRuns: 10_000 }),
      ...fc.sample(lateSale, { seed: 4, numRuns: 500 }),
      ...fc.sample(partSale, { seed: 4, numRuns: 100 }),
    ];
    for (const history of histories) {
      const { world, outcomes } = play(history);
      for (const { status } of world.entries.values()) seen.add(`entry ${status}`);
      for (const { decision } of world.commits) {
        for (const { status, source } of bookingsOf(decision)) seen.add(`${source} ${status}`);
        if (decision.offerAfter !== null) seen.add('a list longer than a batch');
        for (const { kind } of decision.ledgerEntries) seen.add(kind);
      }
      for (const outcome of outcomes) {
        if (!outcome.ok) seen.add(kindOf(outcome.error));
      }
    }
    expect([...seen].sort()).toEqual(EVERYTHING);
  });
});
