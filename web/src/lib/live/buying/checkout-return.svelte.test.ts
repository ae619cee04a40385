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

/** Somebody back from the payment page, and the answers that wait for them. */
function returning(answers: (CheckoutOutcome | null)[]) {
  const far = new FakeConnection();
  let passTime: () => void = () => undefined;
  const asked: number[] = [];
  const back = new CheckoutReturn(checking, {
    connection: far,
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
  return { far, back, asked, passTime: () => passTime() };
}

test('a push about the booking brings the outcome, one about another does not ask', async () => {
  const { far, back, asked } = returning([{ ...checking, outcome: 'confirmed' }]);
  far.push('bookingChanged', aBooking({ id: 'c'.repeat(24) }));
  expect(asked).toEqual([]);
  far.push('bookingChanged', aBooking());
  await expect.poll(() => back.outcome.outcome).toBe('confirmed');
  expect(back.isUnsettled).toBe(false);
});

test('a browser that is not the buyer’s learns it from the event’s seats, a reconnect, or now and then', async () => {
  const { far, back, asked, passTime } = returning([null, checking, { ...checking, outcome: 'late_refunding' }]);
  far.push('availabilityChanged', { changes: [anAvailability({ eventId: 'd'.repeat(24) })] });
  expect(asked).toEqual([]);
  far.push('availabilityChanged', { changes: [anAvailability()] });
  await expect.poll(() => asked.length).toBe(1);
  expect(back.outcome.outcome, 'what cannot be said now stays as it was').toBe('checking');
  far.connect();
  await expect.poll(() => asked.length).toBe(2);
  passTime();
  await expect.poll(() => back.outcome.outcome).toBe('late_refunding');
});

test('what is settled is not asked for again and again', async () => {
  const { far, back, asked, passTime } = returning([{ ...checking, outcome: 'confirmed' }]);
  far.push('bookingChanged', aBooking());
  await expect.poll(() => back.outcome.outcome).toBe('confirmed');
  passTime();
  expect(asked).toHaveLength(1);
});
