import { describe, expect, test } from 'vitest';
import type { Availability, Event } from '#shared/event.ts';
import type { TicketType } from '#shared/tickets/ticket-type.ts';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import { aBooking, anAvailability, anEvent, memoryStorage } from '#lib/live/fixtures.ts';
import { fullTotal } from './discount.ts';
import { freeTypes } from './free-types.ts';
import { changedTotal, heldTypes } from './held-types.ts';
import { keepChoice, keptChoice } from './kept-choice.ts';
import { lessOf } from './less-of.ts';
import { requestAgain } from './request-again.ts';
import { isOfTypes, shownLines, takenOff } from './shown-lines.ts';
import { bookableTypes, isHeldBySeats, isSoldBySeats, publicTypes } from './sold-types.ts';
import { areExhausted, typeSale } from './type-sale.ts';
import { unsoldSeats, unsoldTypes } from './unsold.ts';

const NOW_MS = Date.parse('2026-10-01T12:00:00.000Z');
const BEFORE = '2026-10-01T11:00:00.000Z';
const AFTER = '2026-10-01T13:00:00.000Z';
const euros = (amount: number) => ({ amount, currency: 'EUR' });

const adult = aTicketType({ name: 'Adult', price: euros(4_000) });
const child = aTicketType({ id: 't2', name: 'Child', price: euros(1_200) });
const hidden = aTicketType({ id: 't3', name: 'Friends', access: 'voucher' });
const parking = aTicketType({ id: 't4', name: 'Parking', seats: 0, price: euros(0) });
const line = (type: TicketType, count: number, price = type.price) => ({
  type: type.id,
  name: type.name,
  count,
  price,
  seats: type.seats,
});
const eventOf = (...ticketTypes: TicketType[]): Event => anEvent({ ticketTypes });

describe('the types of an event', () => {
  test('without archived and hidden ones are those that everybody may book', () => {
    expect(publicTypes(eventOf(adult, hidden, { ...child, archived: true }))).toEqual([adult]);
  });

  test('have the voucher’s prices, and those that it opens come after them', () => {
    const cheaper = { ...child, price: euros(600) };
    expect(bookableTypes(eventOf(adult, child), [cheaper, hidden])).toEqual([adult, cheaper, hidden]);
    expect(bookableTypes(eventOf(), [])).toEqual([]);
  });

  test('are shown by the number of seats alone, where there is one without a rule of its own', () => {
    expect(isSoldBySeats(eventOf(aTicketType()))).toBe(true);
    expect(isSoldBySeats(eventOf(aTicketType(), hidden))).toBe(true);
    for (const rule of [
      { limit: 5 },
      { seats: 2 },
      { minPerBooking: 2 },
      { maxPerBooking: 3 },
      { salesFrom: BEFORE },
      { salesUntil: AFTER },
      { description: 'With a drink.' },
    ])
      expect(isSoldBySeats(eventOf(aTicketType(rule))), JSON.stringify(rule)).toBe(false);
    expect(isSoldBySeats(eventOf(aTicketType({ maxPerBooking: 10, minPerBooking: 1 })))).toBe(true);
    expect(isSoldBySeats(eventOf(adult, child))).toBe(false);
    expect(isSoldBySeats(eventOf(hidden))).toBe(false);
  });

  test('can be booked without scripts where they cost nothing and a seat is among them', () => {
    const free = aTicketType({ id: 't5', price: euros(0) });
    const seats = anAvailability();
    expect(freeTypes(eventOf(adult, free, parking), seats, NOW_MS)).toEqual([free, parking]);
    expect(freeTypes(eventOf(adult, parking), seats, NOW_MS)).toEqual([]);
    expect(freeTypes(eventOf({ ...free, salesUntil: BEFORE }), seats, NOW_MS)).toEqual([]);
  });
});

describe('the sale of a type', () => {
  const sale = (type: Partial<TicketType>, seats: Partial<Availability> = {}) =>
    typeSale(aTicketType(type), anAvailability(seats), NOW_MS);

  test('has a number of its own only where its limit leaves fewer than the free seats', () => {
    expect(sale({})).toEqual({ state: 'open', left: 100, ownLeft: null });
    expect(sale({ limit: 200, available: 100 })).toMatchObject({ left: 100, ownLeft: null });
    expect(sale({ limit: 10, available: 7 })).toMatchObject({ left: 7, ownLeft: 7 });
    const pushed = { availableSeats: 50, ticketsLeft: [{ type: 't1', available: 3 }] };
    expect(sale({ limit: 10, available: 7 }, pushed)).toMatchObject({ left: 3, ownLeft: 3 });
    expect(sale({ limit: 10, available: 7 }, { availableSeats: 2 })).toMatchObject({ left: 2, ownLeft: null });
    expect(sale({ seats: 0, limit: 4, available: 4 }, { availableSeats: 0 })).toMatchObject({ left: 4, ownLeft: 4 });
  });

  test('takes whole tickets from the free seats', () => {
    expect(sale({ seats: 4 }, { availableSeats: 7 })).toMatchObject({ state: 'open', left: 1 });
    expect(sale({ seats: 4 }, { availableSeats: 3 })).toMatchObject({ state: 'sold_out', left: 0 });
  });

  test('begins and ends with its window, whatever is left', () => {
    expect(sale({ salesFrom: AFTER }).state).toBe('not_open');
    expect(sale({ salesFrom: BEFORE, salesUntil: AFTER }).state).toBe('open');
    expect(sale({ salesUntil: '2026-10-01T12:00:00.000Z' }).state).toBe('closed');
    expect(sale({ limit: 1, available: 0 }).state).toBe('sold_out');
  });

  test('is over for all where every type with a seat is sold out or not on sale', () => {
    const seats = anAvailability();
    const gone = aTicketType({ limit: 1, available: 0 });
    expect(areExhausted([gone], seats, NOW_MS)).toBe(true);
    expect(areExhausted([gone, parking], seats, NOW_MS)).toBe(true);
    expect(areExhausted([gone, { ...child, salesUntil: BEFORE }], seats, NOW_MS)).toBe(true);
    expect(areExhausted([gone, child], seats, NOW_MS)).toBe(false);
    expect(areExhausted([{ ...child, salesFrom: AFTER }], seats, NOW_MS), 'nothing is on sale yet').toBe(false);
    expect(areExhausted([], seats, NOW_MS), 'all are hidden').toBe(false);
  });
});

test('without a voucher, tickets cost their full prices', () => {
  const types = [{ ...adult, price: euros(3_400), fullPrice: euros(4_000) }, child];
  expect(fullTotal(types, { t1: 2, t2: 1 }, euros(8_000))).toEqual(euros(9_200));
});

test('a waitlist entry may ask for what is sold', () => {
  const event = { ...eventOf(adult), availableSeats: 0, ticketsLeft: [{ type: 't1', available: 0 }] };
  expect(unsoldSeats(event)).toMatchObject({ availableSeats: 100 });
  expect(unsoldSeats(event).ticketsLeft).toBeUndefined();
  expect(unsoldTypes([{ ...adult, limit: 8, available: 0 }])[0]?.available).toBe(8);
});

describe('a change of a hold', () => {
  const hold = { seats: 3, total: euros(9_200), tickets: [line(adult, 2), line(child, 1)], voucher: null };

  test('may use what the hold has beside what is free', () => {
    const early = { ...adult, limit: 5, available: 1 };
    const seats = anAvailability({ availableSeats: 4, ticketsLeft: [{ type: 't1', available: 1 }] });
    const held = heldTypes(hold, eventOf(early, child), seats, []);
    expect(held.own).toEqual({ t1: 2, t2: 1 });
    expect(held.seats).toMatchObject({ availableSeats: 7, ticketsLeft: [{ type: 't1', available: 3 }] });
    expect(held.types.map(({ id, available }) => [id, available])).toEqual([
      ['t1', 3],
      ['t2', 101],
    ]);
  });

  test('keeps tickets of a type that is sold no more, and gets no others of it', () => {
    const { types } = heldTypes(hold, eventOf(adult), anAvailability(), []);
    expect(types.map(({ id, limit, available }) => [id, limit, available])).toEqual([
      ['t1', null, 102],
      ['t2', 1, 1],
    ]);
  });

  test('costs today’s price only for types that the hold does not have yet', () => {
    const dearer = { ...adult, price: euros(5_000) };
    expect(changedTotal(hold, [dearer, child, parking], { t1: 3, t2: 0, t4: 1 })).toEqual(euros(12_000));
    const friends = { ...hidden, price: euros(1_000) };
    expect(changedTotal(hold, [dearer, friends], { t1: 1, t3: 2 })).toEqual(euros(6_000));
  });

  test('is one of the number of seats only for seats of an event that has nothing else', () => {
    const plain = { tickets: [line(aTicketType(), 2)], voucher: null };
    expect(isHeldBySeats(plain, eventOf(aTicketType()))).toBe(true);
    expect(isHeldBySeats({ ...plain, voucher: 'HALF' }, eventOf(aTicketType()))).toBe(false);
    expect(isHeldBySeats(plain, eventOf(adult, child))).toBe(false);
    expect(isHeldBySeats({ tickets: [line(hidden, 1)], voucher: null }, eventOf(aTicketType()))).toBe(false);
  });
});

describe('the lines of a booking', () => {
  test('say nothing for seats at one price, and name the tickets of all others', () => {
    expect(shownLines(aBooking())).toEqual([]);
    expect(shownLines({})).toEqual([]);
    expect(shownLines({ tickets: [line(adult, 2)] })).toHaveLength(1);
    expect(shownLines({ tickets: [line(aTicketType({ seats: 4 }), 1)] })).toHaveLength(1);
    expect(shownLines({ tickets: [line(aTicketType(), 2), line(parking, 1)] })).toHaveLength(2);
  });

  test('are cheaper by what a voucher took off each of their tickets', () => {
    expect(takenOff([line(adult, 2), line(child, 1)])).toEqual(euros(0));
    const reduced = [
      { ...line(adult, 2), discount: euros(660) },
      { ...line(child, 1), discount: euros(330) },
    ];
    expect(takenOff([...reduced, line(parking, 1)])).toEqual(euros(1_650));
  });

  test('are cancelled one by one where they differ', () => {
    expect(isOfTypes({ tickets: [line(adult, 2)] })).toBe(false);
    expect(isOfTypes({ tickets: [line(adult, 2), line(child, 1)] })).toBe(true);
    expect(isOfTypes({ tickets: [line(aTicketType({ seats: 4 }), 1)] })).toBe(true);
    expect(isOfTypes({})).toBe(false);
  });
});

describe('instead of a request for which too little is left', () => {
  const types = [adult, child, parking];
  const request = (...tickets: [string, number][]) => ({
    tickets: tickets.map(([type, count]) => ({ type, count })),
    voucher: null,
    seats: 0,
    total: euros(0),
  });
  const left = (more: object) => ({ ticketType: null, ticketsLeft: 0, seatsLeft: 0, ...more });

  test('there are the seats or the tickets of the one type that are left', () => {
    expect(lessOf({ seats: 3, price: euros(1) }, left({ seatsLeft: 2 }), types)).toEqual({ seats: 2, price: euros(1) });
    expect(lessOf(request(['t1', 3]), left({ seatsLeft: 2 }), types)).toMatchObject({
      tickets: [{ type: 't1', count: 2 }],
      seats: 2,
      total: euros(8_000),
    });
    const byType = left({ ticketType: 't2', ticketsLeft: 1 });
    expect(lessOf(request(['t1', 1], ['t2', 2]), byType, types)).toMatchObject({
      tickets: [
        { type: 't1', count: 1 },
        { type: 't2', count: 1 },
      ],
      total: euros(5_200),
    });
  });

  test('there is nothing where nothing is left, or where the buyer has to say what to leave out', () => {
    expect(lessOf({ seats: 3, price: euros(1) }, left({}), types)).toBeNull();
    expect(lessOf(request(['t1', 1], ['t2', 2]), left({ seatsLeft: 2 }), types)).toBeNull();
    expect(lessOf(request(['t2', 2], ['t4', 1]), left({ ticketType: 't2' }), types)).toBeNull();
  });
});

describe('the same tickets again', () => {
  const voucher = (types: TicketType[] = []) => ({ types, codeFor: () => (types.length > 0 ? 'CODE' : null) });

  test('have today’s prices', () => {
    const ended = { seats: 2, tickets: [line(adult, 1), line(child, 1)] };
    expect(requestAgain(ended, eventOf({ ...adult, price: euros(5_000) }, child), voucher())).toEqual({
      tickets: [
        { type: 't1', count: 1 },
        { type: 't2', count: 1 },
      ],
      voucher: null,
      seats: 2,
      total: euros(6_200),
    });
    const plain = { seats: 2, tickets: [line(aTicketType(), 2)] };
    expect(requestAgain(plain, eventOf(aTicketType()), voucher())).toEqual({ seats: 2, price: euros(2_000) });
  });

  test('are not to be had where one is hidden now', () => {
    const ended = { seats: 1, tickets: [line(hidden, 1)] };
    expect(requestAgain(ended, eventOf(adult, child), voucher())).toBeNull();
    expect(requestAgain(ended, eventOf(adult, child), voucher([hidden]))).toMatchObject({ voucher: 'CODE' });
  });
});

test('a choice is kept by event, and anything else in the storage is no choice', () => {
  const storage = memoryStorage();
  const { id } = anEvent();
  expect(keptChoice(storage, id)).toBeNull();
  keepChoice(storage, id, { t1: 2, t2: 0 });
  expect(keptChoice(storage, id)).toEqual({ t1: 2 });
  expect(keptChoice(storage, 'another')).toBeNull();
  for (const text of ['{', '3', 'null', '{"t1":-1,"t2":1.5,"t3":"x"}'])
    expect(Object.keys(keptChoice({ ...storage, getItem: () => text }, id) ?? {})).toEqual([]);
});
