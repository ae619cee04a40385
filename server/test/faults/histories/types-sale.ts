import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { expect } from 'vitest';
import type { Book, Command, Join } from '#server/booking/rules/command.ts';
import { userId } from '../../support/engine-world.ts';
import { bookingOf, entryOf } from '../../support/outcomes.ts';
import { tickets } from '../../support/payments/typed-event.ts';
import { openedCheckout } from './one-price-sale.ts';
import type { Sale } from './sale.ts';

type Counts = Readonly<Record<string, number>>;

const newId = () => new Types.ObjectId().toHexString();
const euros = (amount: number) => ({ amount, currency: 'EUR' });
const OPEN = { description: '', salesFrom: null, salesUntil: null, minPerBooking: 0, maxPerBooking: null };
const TYPES = [
  { ...OPEN, name: 'Adult', price: euros(2_001), seats: 1, limit: 6, access: 'public' as const },
  { ...OPEN, name: 'Child', price: euros(999), seats: 1, limit: null, access: 'public' as const },
  { ...OPEN, name: 'Lounge', price: euros(5_000), seats: 2, limit: 2, access: 'voucher' as const },
  { ...OPEN, name: 'Parking', price: euros(500), seats: 0, limit: null, access: 'public' as const },
];
const VOUCHERS = [
  { code: 'HALF', percentOff: 50, maxTickets: 7, maxTicketsPerUser: 4 },
  { code: 'LOUNGE', opens: ['t3'], amountOff: euros(400), ticketTypes: ['t3'], maxTickets: 2 },
];

function booking(buyer: string, counts: Counts, voucher: string): Book {
  const ids = { requestId: randomUUID(), bookingId: newId(), code: randomUUID() };
  return { type: 'book', userId: buyer, tickets: tickets(counts), voucher, total: null, ...ids };
}

function joining(buyer: string, counts: Counts): Join {
  return { type: 'join', userId: buyer, requestId: randomUUID(), tickets: tickets(counts), entryId: newId() };
}

function change(bookingId: string, counts: Counts, voucher: string | null): Command {
  return { type: 'changeHold', bookingId, actor: userId(), tickets: tickets(counts), voucher };
}

/**
 * Bookings of several types with vouchers: paid, changed to another voucher, cancelled in part, lapsed, paid too late, and
 * an offer that is changed and declined.
 */
export const TYPES_SALE: Sale = {
  title: 'an event of several types with vouchers',
  input: { totalSeats: 14, ticketTypes: TYPES, holdMinutes: 10, offerMinutes: 30, cancelBeforeHours: 1 },
  vouchers: VOUCHERS,
  async play({ say, passMinutes }) {
    const must = async (command: Command) => bookingOf(await say(command));
    const [alice, bob, carol, dora, erin] = [userId(), userId(), userId(), userId(), userId()];
    const sold = (await must(booking(alice, { t1: 2, t2: 1, t4: 1 }, 'half'))).id;
    const alices = await openedCheckout(say, sold, alice);
    await must({ type: 'settle', bookingId: sold, charge: 'early', ...alices });
    const changed = (await must(booking(bob, { t1: 1, t3: 1 }, 'LOUNGE'))).id;
    await must(change(changed, { t1: 1, t2: 1 }, 'HALF'));
    await must(change(changed, { t1: 1 }, null));
    const part = tickets({ t2: 1, t4: 1 });
    const back = { requestId: 'part', seats: null, tickets: part, reason: null };
    await must({ type: 'cancel', bookingId: sold, actor: alice, by: 'buyer', ...back });

    const late = (await must(booking(carol, { t1: 1, t3: 1 }, 'LOUNGE'))).id;
    const carols = await openedCheckout(say, late, carol);
    passMinutes(11);
    await must({ type: 'expire', bookingId: changed });
    await must({ type: 'expire', bookingId: late });
    passMinutes(2);
    expect(await must({ type: 'expire', bookingId: late })).toMatchObject({ status: 'expired' });
    const again = (await must(booking(dora, { t1: 3, t2: 1 }, 'HALF'))).id;
    expect(await must({ type: 'settle', bookingId: late, charge: 'late', ...carols })).toMatchObject({
      status: 'confirmed',
    });

    entryOf(await say(joining(erin, { t1: 2 })));
    await must({
      type: 'cancel',
      bookingId: again,
      actor: dora,
      by: 'buyer',
      requestId: null,
      seats: null,
      reason: null,
    });
    expect(entryOf(await say({ type: 'leave', userId: erin }))).toMatchObject({ status: 'left' });
    await say({ type: 'edit', actor: userId(), revision: 1, changes: { totalSeats: 9 } });
    await say(booking(dora, { t2: 4 }, 'HALF'));
    await say({ type: 'offer', after: 0 });
  },
};
