import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkoutCommand } from '../../../../test/support/payments/checkout-command.ts';
import type { Command, Outcome } from '../command.ts';
import { book, cancel, idOf, NOW, ticketsBy } from '../decide.fixture.ts';
import { historiesOf, PLAYS_ALL } from '../histories.fixture.ts';
import { expectCounted } from '../invariants.fixture.ts';
import type { BookingState } from '../state/booking-state.ts';
import { World } from '../world.fixture.ts';
import { voucher } from './voucher.fixture.ts';
import type { VoucherState } from './voucher-state.ts';

const SEEDS = [3, 17, 20_261_129];
const RUNS = historiesOf(1_200);
const euros = (amount: number) => ({ amount, currency: 'EUR' });
/** Full prices: odd ones, whose halves are no whole cents. t3 is hidden, t4 an extra. */
const PRICES: Readonly<Record<string, number>> = { t1: 2_001, t2: 999, t3: 5_000, t4: 33 };
const TYPES = Object.entries(PRICES).map(([id, amount]) => ({
  price: euros(amount),
  access: id === 't3' ? ('voucher' as const) : ('public' as const),
  seats: id === 't4' ? 0 : 1,
}));
const VOUCHERS = [
  voucher({ id: 'half', key: 'HA1F', code: 'HALF', percentOff: 50, maxTickets: 4 }),
  voucher({ id: 'free', key: 'FREE', code: 'FREE', percentOff: 100, ticketTypes: ['t2'], maxTicketsPerUser: 2 }),
  voucher({ id: 'vip', key: 'V1P', code: 'VIP', opens: ['t3'], amountOff: euros(40), maxTickets: 3 }),
  voucher({ id: 'gate', key: 'GATE', code: 'GATE', opens: ['t3'] }),
];
const CODES = [null, 'half', 'free', 'vip', 'gate', 'nonsense'];

/** The first bookings are chosen often: a late payment takes many steps. */
const which = fc.oneof(fc.nat(1), fc.nat(6));
const code = fc.constantFrom(...CODES);
const tickets = fc
  .record({ t1: fc.nat(2), t2: fc.nat(2), t3: fc.nat(1), t4: fc.nat(1) })
  .map((counts) => Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)))
  .filter((counts) => Object.keys(counts).length > 0);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('book' as const), user: fc.nat(3), tickets, code }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('change' as const), which, tickets, code }) },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constantFrom('expire' as const, 'pay' as const, 'settle' as const), which }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cancel' as const), which, part: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('disable' as const), which: fc.nat(3), disabled: fc.boolean() }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
const history = fc.array(
  fc.record({ afterMinutes: fc.constantFrom(0, 0, 1, 1, 11), steps: fc.array(step, { minLength: 1, maxLength: 5 }) }),
  { minLength: 2, maxLength: 14 },
);

let made = 0;

/** The command of a step; null if it is about nothing that there is. */
function commandOf(world: World, one: Step): Command | null {
  made += 1;
  if (one.do === 'book') {
    const ids = { requestId: `r${made}`, bookingId: idOf(`b${made}`), code: `C${made}` };
    return book(`u${one.user}`, one.tickets, { ...ids, ...(one.code !== null && { voucher: one.code }) });
  }
  if (one.do === 'disable') return null;
  const picked = [...world.bookings.values()][one.which];
  if (!picked) return null;
  const { id: bookingId, userId: actor } = picked;
  switch (one.do) {
    case 'change':
      return { type: 'changeHold', bookingId, actor, tickets: ticketsBy(one.tickets), voucher: one.code };
    case 'expire':
      return { type: 'expire', bookingId };
    case 'pay':
      return checkoutCommand({ bookingId, actor, paymentId: idOf(`p${made}`) });
    case 'settle': {
      const attempt = world.attempts.get(bookingId)?.at(-1);
      if (!attempt) return { type: 'confirm', bookingId, actor };
      return { type: 'settle', bookingId, paymentId: attempt.id, charge: `${made}`, amount: attempt.amount };
    }
    case 'cancel':
      return cancel(
        picked,
        one.part ? { tickets: picked.tickets.slice(0, 1).map(({ type }) => ({ type, count: 1 })) } : {},
      );
    default:
      return one satisfies never;
  }
}

/** An organiser disables a voucher, or enables it again, between two batches. */
function disable(world: World, one: Step): void {
  const chosen = one.do === 'disable' ? [...world.vouchers.values()][one.which] : undefined;
  if (one.do === 'disable' && chosen) world.vouchers.set(chosen.id, { ...chosen, disabled: one.disabled });
}

/** Whether a voucher concerns a type, in the words of the contract. */
function concerns({ opens, ticketTypes, percentOff, amountOff }: VoucherState, type: string): boolean {
  if (type === 't3') return opens.includes('t3');
  return (percentOff !== null || amountOff !== null) && (ticketTypes ?? Object.keys(PRICES)).includes(type);
}

/** What a ticket costs: half a cent of a discount is a cent. */
function priceWith({ percentOff, amountOff, ...more }: VoucherState, type: string): number {
  const full = PRICES[type] ?? 0;
  const isFor = more.ticketTypes?.includes(type) ?? true;
  const off = percentOff === null ? (amountOff?.amount ?? 0) : Number(((full * percentOff) / 100).toFixed(1));
  return isFor ? Math.max(0, full - Math.round(off)) : full;
}

function usesOf({ tickets: lines }: BookingState, by: VoucherState): number {
  return lines.reduce((sum, { type, count }) => sum + (concerns(by, type) ? count : 0), 0);
}

function expectVouchers(world: World): void {
  for (const by of world.vouchers.values()) {
    const bookings = [...world.bookings.values()].filter((booking) => booking.voucher?.id === by.id);
    const usesIn = (status: string) =>
      bookings.reduce((sum, booking) => sum + (booking.status === status ? usesOf(booking, by) : 0), 0);
    assert.equal(by.held, usesIn('held'), `held of ${by.code}`);
    assert.equal(by.used, usesIn('confirmed'), `used of ${by.code}`);
    if (by.maxTickets !== null) assert(by.held + by.used <= by.maxTickets, `${by.code} is over its limit`);
    for (const user of new Set(bookings.map(({ userId }) => userId))) {
      const own = bookings.filter(({ userId, status }) => userId === user && ['held', 'confirmed'].includes(status));
      const uses = own.reduce((sum, booking) => sum + usesOf(booking, by), 0);
      if (by.maxTicketsPerUser !== null) assert(uses <= by.maxTicketsPerUser, `${by.code} of one user`);
    }
  }
  for (const { tickets: lines, voucher: used } of world.bookings.values()) {
    const by = used && world.vouchers.get(used.id);
    for (const { type, price } of lines) {
      assert.equal(price.amount, by && concerns(by, type) ? priceWith(by, type) : PRICES[type], `price of ${type}`);
      assert(type !== 't3' || by?.opens.includes('t3'), 'a hidden type without its voucher');
    }
  }
}

function play(rounds: { afterMinutes: number; steps: Step[] }[]): { outcomes: Outcome[]; kinds: Set<string> } {
  const world = new World({ ticketTypes: TYPES, maxSeatsPerBooking: 6 }, 12, 2, NOW);
  for (const one of VOUCHERS) world.vouchers.set(one.id, one);
  const outcomes: Outcome[] = [];
  for (const { afterMinutes, steps } of rounds) {
    world.now = new Date(world.now.getTime() + afterMinutes * 60_000);
    for (const one of steps) disable(world, one);
    const commands = steps.flatMap((one) => commandOf(world, one) ?? []);
    if (commands.length > 0) outcomes.push(...world.run(commands));
    expectCounted(world);
    expectVouchers(world);
  }
  const kinds = new Set(world.commits.flatMap(({ decision }) => decision.ledgerEntries.map(({ kind }) => kind)));
  return { outcomes, kinds };
}

it.each(SEEDS)(
  '[I1] the counts of vouchers are the tickets of live bookings that they concern, within their limits, at exact prices (seed %i)',
  (seed) => {
    fc.assert(
      fc.property(history, (rounds) => void play(rounds)),
      { seed, numRuns: RUNS },
    );
  },
  120_000,
);

it.runIf(PLAYS_ALL)('the histories of vouchers meet every refusal of theirs, and every way of a booking', () => {
  const seen = new Set<string>();
  for (const rounds of fc.sample(history, { seed: 5, numRuns: 1_500 })) {
    const { outcomes, kinds } = play(rounds);
    for (const kind of kinds) seen.add(kind);
    for (const outcome of outcomes)
      if (!outcome.ok && outcome.error.code === 'VOUCHER_INVALID') seen.add(String(outcome.error.details?.['reason']));
  }
  for (const wanted of ['unknown', 'used_up', 'limit', 'other_tickets']) expect(seen).toContain(wanted);
  for (const wanted of ['held', 'booked', 'resized', 'confirmed', 'revived', 'expired', 'released', 'cancelled'])
    expect(seen).toContain(wanted);
});
