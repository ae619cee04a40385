import { expect, test } from 'vitest';
import { anEvent } from '#lib/live/fixtures.ts';
import { isFewLeft, isGoingOn, largestPartySize, offeredPartySize, saleState } from './sale-state.ts';

const event = anEvent({
  salesOpenAt: '2026-10-01T10:00:00.000Z',
  salesCloseAt: '2026-10-14T17:00:00.000Z',
  startsAt: '2026-10-14T18:00:00.000Z',
  endsAt: '2026-10-14T21:00:00.000Z',
});
const at = (iso: string, seats = 5, changed = event) => saleState(changed, seats, Date.parse(iso));

test('a sale changes its state (before, open, closed, over) at its exact times', () => {
  expect(at('2026-10-01T09:59:59.999Z')).toBe('before');
  expect(at('2026-10-01T10:00:00.000Z')).toBe('open');
  expect(at('2026-10-14T16:59:59.999Z')).toBe('open');
  expect(at('2026-10-14T17:00:00.000Z')).toBe('closed');
  expect(at('2026-10-14T21:00:00.000Z')).toBe('over');
});

test('an open sale without seats is sold out, a sale that has not opened is not', () => {
  expect(at('2026-10-02T00:00:00.000Z', 0)).toBe('sold_out');
  expect(at('2026-10-01T00:00:00.000Z', 0)).toBe('before');
});

test('the sale of a draft and of a cancelled event does not depend on the time', () => {
  expect(at('2026-10-02T00:00:00.000Z', 5, anEvent({ status: 'draft' }))).toBe('draft');
  expect(at('2027-10-02T00:00:00.000Z', 5, anEvent({ status: 'cancelled' }))).toBe('cancelled');
});

test('a sale has few seats left from ten or a twentieth of all seats downwards, never before it opens', () => {
  expect(isFewLeft(10, 100)).toBe(true);
  expect(isFewLeft(11, 100)).toBe(false);
  expect(isFewLeft(50, 1000)).toBe(true);
  expect(isFewLeft(51, 1000)).toBe(false);
  expect(isFewLeft(8, 8)).toBe(false);
  expect(isFewLeft(0, 100)).toBe(false);
});

test('a party size is limited by the limits per booking and per user and by the free seats', () => {
  expect(largestPartySize(anEvent({ maxSeatsPerBooking: 6 }), 100)).toBe(6);
  expect(largestPartySize(anEvent({ maxSeatsPerBooking: 6, maxSeatsPerUser: 4 }), 100)).toBe(4);
  expect(largestPartySize(anEvent(), 3)).toBe(3);
});

test('a control offers the free seats, but leaves a larger number alone that was chosen before', () => {
  const limited = anEvent({ totalSeats: 100, maxSeatsPerBooking: 6 });
  expect(offeredPartySize(limited, 1, 1)).toBe(1);
  expect(offeredPartySize(limited, 1, 3)).toBe(3);
  expect(offeredPartySize(limited, 0, 2)).toBe(2);
  expect(offeredPartySize(limited, 50, 2)).toBe(6);
  expect(offeredPartySize(limited, 1, 9)).toBe(6);
});

test('an event goes on from its start until its end, if it has one and takes place', () => {
  const goesOn = (iso: string, changed = event) => isGoingOn(changed, Date.parse(iso));
  expect(
    ['2026-10-14T17:59:59.999Z', event.startsAt, '2026-10-14T20:59:59.999Z', event.endsAt ?? ''].map((iso) =>
      goesOn(iso),
    ),
  ).toEqual([false, true, true, false]);
  expect(goesOn(event.startsAt, { ...event, endsAt: null })).toBe(false);
  expect(goesOn(event.startsAt, { ...event, status: 'cancelled' })).toBe(false);
});
