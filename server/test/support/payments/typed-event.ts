import { randomUUID } from 'node:crypto';
import type { Booking } from '#shared/booking.ts';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { Voucher } from '#shared/tickets/voucher.ts';
import type { Person } from '../test-app.ts';

type TypesInput = NonNullable<CommandRequest<'createEvent'>['ticketTypes']>;

/** Adult, child, family of four and parking at different prices, in minor units of the currency. */
export function fourTypes(
  amounts: readonly [number, number, number, number] = [2_000, 1_250, 5_555, 500],
  currency = 'EUR',
): TypesInput {
  const [adult, child, family, parking] = amounts;
  return [
    { name: 'Adult', price: { amount: adult, currency } },
    { name: 'Child', price: { amount: child, currency }, limit: 20 },
    { name: 'Family of 4', price: { amount: family, currency }, seats: 4 },
    { name: 'Parking', price: { amount: parking, currency }, seats: 0 },
  ];
}

/** The tickets of a command: how many of `t1`, `t2` and so on. */
export function tickets(counts: Readonly<Record<string, number>>): { type: string; count: number }[] {
  return Object.entries(counts).map(([type, count]) => ({ type, count }));
}

/** Books tickets of several types, if wanted with a voucher. */
export function bookTickets(
  { must }: Pick<Person, 'must'>,
  eventId: string,
  counts: Readonly<Record<string, number>>,
  voucher?: string,
): Promise<Booking> {
  const by = voucher === undefined ? {} : { voucher };
  return must('book', { requestId: randomUUID(), eventId, tickets: tickets(counts), ...by });
}

export type NewVouchers = CommandRequest<'createVouchers'>;

/** Vouchers that an organiser makes; one if `count` is absent. */
export async function vouchersOf(
  { must }: Pick<Person, 'must'>,
  eventId: string,
  more: Partial<NewVouchers>,
): Promise<Voucher[]> {
  return (await must('createVouchers', { requestId: randomUUID(), eventId, count: 1, ...more })).vouchers;
}

/** One voucher that an organiser makes. */
export async function voucherOf(
  admin: Pick<Person, 'must'>,
  eventId: string,
  more: Partial<NewVouchers>,
): Promise<Voucher> {
  const [voucher] = await vouchersOf(admin, eventId, more);
  if (!voucher) throw new Error('No voucher was made');
  return voucher;
}
