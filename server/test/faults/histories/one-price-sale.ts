import { expect } from 'vitest';
import type { Command, Outcome } from '#server/booking/rules/command.ts';
import { bookCommand, joinCommand, userId } from '../../support/engine-world.ts';
import { bookingOf } from '../../support/outcomes.ts';
import { checkoutCommand } from '../../support/payments/checkout-command.ts';
import { PRICE } from '../../support/payments/demo-payments.ts';
import type { Sale } from './sale.ts';

type Say = (command: Command) => Promise<Outcome>;

const ONE_BACK = { by: 'buyer', requestId: 'part', seats: 1, reason: null } as const;
const BY_EVENT = { by: 'event', requestId: null, seats: null, reason: 'Storm' } as const;

/** One command of every kind that moves seats, on an event of one price. */
export const ONE_PRICE_SALE: Sale = {
  title: 'an event of one price',
  input: { totalSeats: 6, price: PRICE, cancelBeforeHours: 1 },
  vouchers: [],
  async play({ say }) {
    const [alice, carol, dora] = [userId(), userId(), userId()];
    const sold = bookingOf(await say(bookCommand(alice, 3))).id;
    const held = bookingOf(await say(bookCommand(userId(), 3))).id;
    await paid(say, sold, alice);
    await say(joinCommand(carol, 1));
    await say(joinCommand(dora, 2));
    await say({ type: 'cancel', bookingId: sold, actor: alice, ...ONE_BACK });
    await say({ type: 'leave', userId: carol });
    await say({ type: 'changeHold', bookingId: held, actor: userId(), seats: 2 });
    const changes = { totalSeats: 8, maxSeatsPerUser: 5 };
    await say({ type: 'edit', actor: userId(), revision: 1, changes });
    await say(joinCommand(userId(), 4));
    await say({ type: 'cancelEvent', actor: userId(), reason: 'Storm' });
    await say({ type: 'closeWaitlist' });
    for (const bookingId of [sold, held]) await say({ type: 'cancel', bookingId, actor: userId(), ...BY_EVENT });
    await say({ type: 'offer', after: 0 });
  },
};

async function paid(say: Say, bookingId: string, actor: string): Promise<void> {
  const { paymentId, amount } = await openedCheckout(say, bookingId, actor);
  const settled = await say({ type: 'settle', bookingId, paymentId, charge: bookingId, amount });
  expect(settled).toMatchObject({ booking: { status: 'confirmed' } });
}

/** Opens the checkout of a hold. */
export async function openedCheckout(say: Say, bookingId: string, actor: string) {
  const open = await say(checkoutCommand({ bookingId, actor, paymentId: bookingId }));
  if (!open.ok || !('attempt' in open) || !open.attempt) throw new Error('No checkout');
  return { paymentId: open.attempt.id, amount: open.attempt.amount };
}
