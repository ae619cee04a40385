import { expect, test } from 'vitest';
import type { CheckoutOutcome } from '#shared/checkout.ts';
import { CheckoutReturn } from './checkout-return.svelte.ts';
import { aBooking, FakeConnection, anAvailability } from '../fixtures.ts';

const checking: CheckoutOutcome = {
  bookingId: aBooking().id,
  eventId: aBooking().eventId,
  title: 'Jazz im Hinterhof',
  timeZone: 'Europe/Berlin',
  seats: 2,
  total: { amount: 4000, currency: 'EUR' },
  heldUntil: null,
  outcome: 'checking',
};

/** A checkout return that loads its payment outcome, with the answers to its requests in order. */
function returning(answers: (CheckoutOutcome | null)[]) {
  const connection = new FakeConnection();
  let passTime: () => void = () => undefined;
  const asked: number[] = [];
  const back = new CheckoutReturn(checking, {
    connection,
    ask: async () => {
      asked.push(asked.length);
      return answers.shift() ?? null;
    },
    every: (_, callback) => {
      passTime = callback;
      return () => undefined;
    },
  });
  back.follow();
  return { connection, back, asked, passTime: () => passTime() };
}

test('a push about the booking loads the payment outcome, a push about another booking does not', async () => {
  const { connection, back, asked } = returning([{ ...checking, outcome: 'confirmed' }]);
  connection.push('bookingChanged', aBooking({ id: 'c'.repeat(24) }));
  expect(asked).toEqual([]);
  connection.push('bookingChanged', aBooking());
  await expect.poll(() => back.outcome.outcome).toBe('confirmed');
  expect(back.isUnsettled).toBe(false);
});

test('without the buyer’s session the payment outcome is loaded after pushed seat counts, after a reconnect and at intervals', async () => {
  const { connection, back, asked, passTime } = returning([null, checking, { ...checking, outcome: 'late_refunding' }]);
  connection.push('availabilityChanged', { changes: [anAvailability({ eventId: 'd'.repeat(24) })] });
  expect(asked).toEqual([]);
  connection.push('availabilityChanged', { changes: [anAvailability()] });
  await expect.poll(() => asked.length).toBe(1);
  expect(back.outcome.outcome, 'an unanswered question keeps the outcome').toBe('checking');
  connection.connect();
  await expect.poll(() => asked.length).toBe(2);
  passTime();
  await expect.poll(() => back.outcome.outcome).toBe('late_refunding');
});

test('a settled payment outcome is not loaded at intervals', async () => {
  const { connection, back, asked, passTime } = returning([{ ...checking, outcome: 'confirmed' }]);
  connection.push('bookingChanged', aBooking());
  await expect.poll(() => back.outcome.outcome).toBe('confirmed');
  passTime();
  expect(asked).toHaveLength(1);
});
