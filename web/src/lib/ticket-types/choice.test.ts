import { describe, expect, test } from 'vitest';
import type { Availability } from '#shared/event.ts';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import { anAvailability, anEvent } from '#lib/live/fixtures.ts';
import {
  choiceProblem,
  chosenTickets,
  fewer,
  firstChoice,
  isOfChoice,
  more,
  mostOf,
  seatsOf,
  totalOf,
  type ChoiceBounds,
  type ChoiceProblem,
  type ChosenCounts,
} from './choice.ts';

const NOW_MS = Date.parse('2026-10-01T12:00:00.000Z');
const euros = (amount: number) => ({ amount, currency: 'EUR' });

const adult = aTicketType({ id: 't1', name: 'Adult', price: euros(4_000) });
const child = aTicketType({ id: 't2', name: 'Child', price: euros(1_200) });
const family = aTicketType({ id: 't3', name: 'Family', price: euros(9_000), seats: 4 });
const early = aTicketType({ id: 't4', name: 'Early bird', price: euros(3_000), limit: 10, available: 10 });
const parking = aTicketType({ id: 't5', name: 'Parking', price: euros(500), seats: 0, limit: 5, available: 5 });
const group = aTicketType({ id: 't6', name: 'Group', minPerBooking: 3, maxPerBooking: 5 });
const types = [adult, child, family, early, parking, group];

function bounds(seats: Partial<Availability> = {}, more: Partial<ChoiceBounds> = {}): ChoiceBounds {
  return { types, event: anEvent(), seats: anAvailability(seats), nowMs: NOW_MS, ...more };
}

const left = (type: string, available: number) => ({ ticketsLeft: [{ type, available }] });
const kindOf = (problem: ChoiceProblem | null) => problem?.kind ?? null;

test('the seats and the total of a choice are the sums of its types', () => {
  const counts = { t1: 1, t3: 1, t5: 2 };
  expect([seatsOf(types, counts), totalOf(types, counts)]).toEqual([5, euros(14_000)]);
  expect(chosenTickets(types, { ...counts, t2: 0, unknown: 3 })).toEqual([
    { type: 't1', count: 1 },
    { type: 't3', count: 1 },
    { type: 't5', count: 2 },
  ]);
});

describe('the most tickets that a control offers', () => {
  test('share the event’s seats with the other chosen types', () => {
    expect(mostOf(adult, {}, bounds())).toBe(10);
    expect(mostOf(adult, { t3: 2 }, bounds())).toBe(2);
    expect(mostOf(family, { t1: 3 }, bounds())).toBe(1);
    expect(mostOf(adult, { t2: 1 }, bounds({ availableSeats: 4 }))).toBe(3);
    const event = anEvent({ maxSeatsPerUser: 6 });
    expect(mostOf(adult, { t3: 1 }, bounds({}, { event }))).toBe(2);
  });

  test('are bound by the type’s own limit, as it was pushed last', () => {
    expect(mostOf(early, {}, bounds(left('t4', 2)))).toBe(2);
    expect(mostOf(early, {}, bounds(left('t4', 0)))).toBe(0);
    expect(mostOf(parking, { t1: 1 }, bounds())).toBe(5);
  });

  test('of a type with seats have no bound that the organiser has not set, and of an extra that of the server', () => {
    const event = anEvent({ maxSeatsPerBooking: 500 });
    const seats = { totalSeats: 600, availableSeats: 600 };
    expect(mostOf(adult, {}, bounds(seats, { event }))).toBe(500);
    const programme = aTicketType({ id: 't7', name: 'Programme', seats: 0 });
    expect(mostOf(programme, { t1: 1 }, bounds(seats, { event }))).toBe(100);
    expect(mostOf({ ...programme, maxPerBooking: 300 }, { t1: 1 }, bounds(seats, { event }))).toBe(300);
  });

  test('are never fewer than are chosen, whatever a live change leaves', () => {
    expect(mostOf(early, { t4: 2 }, bounds(left('t4', 0)))).toBe(2);
    expect(mostOf(adult, { t1: 3 }, bounds({ availableSeats: 1 }))).toBe(3);
    const over = { ...early, salesUntil: '2026-10-01T11:00:00.000Z' };
    expect(mostOf(over, { t4: 2 }, bounds())).toBe(2);
  });

  test('keep the type’s own numbers in one booking', () => {
    expect(mostOf(group, {}, bounds())).toBe(5);
    expect(mostOf(group, {}, bounds({ availableSeats: 2 }))).toBe(0);
  });

  test('of a type that is not on sale are those that a hold has', () => {
    const soon = { ...adult, salesFrom: '2026-10-02T12:00:00.000Z' };
    expect(mostOf(soon, {}, bounds())).toBe(0);
    expect(mostOf(soon, { t1: 1 }, bounds({}, { own: { t1: 2 } }))).toBe(2);
  });
});

test('a step leads over the numbers that one booking may not have', () => {
  expect([more(group, 0), more(group, 3), fewer(group, 4), fewer(group, 3)]).toEqual([3, 4, 3, 0]);
  expect([more(adult, 0), fewer(adult, 1)]).toEqual([1, 0]);
});

describe('a choice that cannot be booked says why', () => {
  const over = (type: typeof adult) => ({ ...type, salesUntil: '2026-10-01T11:00:00.000Z' });

  test.each<[string, ChoiceProblem['kind'] | null, ChosenCounts, ChoiceBounds]>([
    ['two adults', null, { t1: 2 }, bounds()],
    ['nothing', 'nothing', { t1: 0 }, bounds()],
    ['an extra alone', 'needs_seat', { t5: 1 }, bounds()],
    ['an extra beside a seat', null, { t1: 1, t5: 1 }, bounds()],
    ['fewer of a type than it demands', 'least', { t6: 2 }, bounds()],
    ['more of a type than it allows', 'most', { t6: 6 }, bounds()],
    ['a type whose window is over', 'window', { t1: 1 }, bounds({}, { types: [over(adult)] })],
    ['what a hold has of such a type', null, { t1: 1 }, bounds({}, { types: [over(adult)], own: { t1: 1 } })],
    ['more of a type than are left', 'left', { t4: 3 }, bounds(left('t4', 2))],
    ['more seats than one booking has', 'per_booking', { t3: 3 }, bounds()],
    ['more seats than are free', 'seats', { t1: 3 }, bounds({ availableSeats: 2 })],
    ['more tickets than a voucher is for', 'uses', { t1: 2 }, bounds({}, { voucher: { types: ['t1'], usesLeft: 1 } })],
    [
      'others beside those of the voucher',
      null,
      { t1: 1, t2: 3 },
      bounds({}, { voucher: { types: ['t1'], usesLeft: 1 } }),
    ],
  ])('%s: %s', (_what, kind, counts, of) => {
    expect(kindOf(choiceProblem(counts, of))).toBe(kind);
  });

  test('and only another choice helps, where no live change has brought it about', () => {
    const ofChoice = (kind: ChoiceProblem['kind']) => isOfChoice({ kind } as ChoiceProblem);
    expect((['nothing', 'needs_seat', 'least', 'most', 'per_booking'] as const).map(ofChoice)).not.toContain(false);
    expect((['window', 'left', 'seats', 'uses'] as const).map(ofChoice)).not.toContain(true);
  });
});

test('two tickets are chosen at first where one type takes seats, and none where there are several', () => {
  expect(firstChoice(bounds())).toEqual({});
  expect(firstChoice(bounds({}, { types: [adult, parking] }))).toEqual({ t1: 2 });
  expect(firstChoice(bounds({ availableSeats: 1 }, { types: [adult, parking] }))).toEqual({ t1: 1 });
  expect(firstChoice(bounds({}, { types: [group] }))).toEqual({ t6: 3 });
});
