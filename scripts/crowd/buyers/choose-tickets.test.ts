import { describe, expect, test } from 'vitest';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import type { TicketType } from '#shared/tickets/ticket-type.ts';
import type { TicketedEvent } from './choose-tickets.ts';
import { chooseTickets } from './choose-tickets.ts';
import { seededRandom } from './random-choice.ts';

const AT = new Date('2026-06-01T12:00:00.000Z');

function type(id: string, more: Partial<TicketType> = {}): TicketType {
  return aTicketType({ id, name: id, price: { amount: 1_000, currency: 'EUR' }, ...more });
}

function event(...ticketTypes: TicketType[]): TicketedEvent {
  return { price: { amount: 1_000, currency: 'EUR' }, maxSeatsPerBooking: 10, ticketTypes };
}

/** The tickets of many buyers with this party size. */
function choices(of: TicketedEvent, partySize: number) {
  const random = seededRandom('choices');
  return Array.from({ length: 200 }, () => {
    const chosen = chooseTickets(of, partySize, random, AT);
    return chosen && 'tickets' in chosen ? chosen : expect.fail('no tickets');
  });
}

describe('the tickets that a buyer of the crowd chooses', () => {
  test('are a number of seats if the event sells one public type with one seat a ticket', () => {
    const of = event(type('t1'), type('t2', { archived: true }), type('t3', { access: 'voucher' }));
    const price = { amount: 1_000, currency: 'EUR' };
    expect(chooseTickets(of, 3, seededRandom('a'), AT)).toEqual({ seats: 3, price });
    expect(chooseTickets(of, 12, seededRandom('a'), AT)).toEqual({ seats: 10, price });
  });

  test('are of every type, take as many seats as there are people, and cost what was seen', () => {
    const of = event(type('t1'), type('t2', { price: { amount: 600, currency: 'EUR' } }), type('t3', { seats: 4 }));
    const chosen = choices(of, 5);
    const prices = new Map(of.ticketTypes.map(({ id, price, seats }) => [id, { amount: price.amount, seats }]));
    for (const { tickets, total } of chosen) {
      const sumOf = (field: 'amount' | 'seats') =>
        tickets.reduce((sum, { type: id, count }) => sum + count * (prices.get(id)?.[field] ?? 0), 0);
      expect([sumOf('seats'), sumOf('amount')]).toEqual([5, total.amount]);
    }
    expect(new Set(chosen.flatMap(({ tickets }) => tickets.map((one) => one.type)))).toEqual(
      new Set(['t1', 't2', 't3']),
    );
  });

  test('are none of a type that is not on sale now, or used up', () => {
    const of = event(
      type('t1'),
      type('t2', { salesFrom: '2026-06-01T12:00:01.000Z' }),
      type('t3', { salesUntil: '2026-06-01T12:00:00.000Z' }),
      type('t4', { available: 0 }),
    );
    for (const { tickets } of choices(of, 2)) expect(tickets).toEqual([{ type: 't1', count: 2 }]);
  });

  test('keep the least and the greatest number in one booking, and add extras beside seats now and then', () => {
    const of = event(type('t1', { minPerBooking: 2, maxPerBooking: 3 }), type('t2', { seats: 0, minPerBooking: 2 }));
    const chosen = choices(of, 4);
    for (const { tickets } of chosen) expect(tickets[0]).toEqual({ type: 't1', count: 3 });
    const extras = chosen.filter(({ tickets }) => tickets.length === 2);
    expect(extras.length).toBeGreaterThan(10);
    expect(extras.length).toBeLessThan(100);
    for (const { tickets } of extras) expect(tickets[1]).toEqual({ type: 't2', count: 2 });
  });

  test('are the smallest that is sold if nothing else fits, and none if only extras are on sale', () => {
    const family = event(type('t1', { seats: 6 }), type('t2', { seats: 4 }));
    for (const { tickets } of choices(family, 2)) expect(tickets).toEqual([{ type: 't2', count: 1 }]);
    expect(chooseTickets(event(type('t1', { seats: 0 })), 2, seededRandom('a'), AT)).toBeNull();
  });
});
