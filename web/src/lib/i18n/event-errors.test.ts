import { expect, test } from 'vitest';
import type { Failure } from '#lib/live/connection/connection.svelte.ts';
import { emptyType } from '#lib/organiser/ticket-type-form.ts';
import { eventErrors } from './event-errors.ts';

const archived = { ...emptyType(), key: 't1', isArchived: true };
const sent = {
  currency: 'EUR',
  ticketTypes: [archived, { ...emptyType(), key: 't2' }, { ...emptyType(), key: 'new-1' }],
};
const failure = (more: Partial<Failure>): Failure => ({ code: 'INVALID_INPUT', message: '', ...more });
const issue = (path: (string | number)[], code = 'too_big') => ({ path, code, message: '' });

test('an issue of a ticket type belongs to its field, by the position of the type among those on sale', () => {
  const issues = [
    issue(['changes', 'ticketTypes', 0, 'limit']),
    issue(['changes', 'ticketTypes', 1, 'price', 'amount']),
    issue(['changes', 'ticketTypes', 1, 'salesUntil'], 'custom'),
    issue(['changes', 'ticketTypes', 1, 'price', 'currency'], 'custom'),
    issue(['changes', 'ticketTypes', 0, 'maxPerBooking'], 'custom'),
    issue(['changes', 'title']),
  ];
  expect(eventErrors(failure({ issues }), sent)).toEqual({
    title: 'Too long.',
    currency: 'This does not fit.',
    't2.limit': 'Too large.',
    't2.maxPerBooking': 'This has to be at least as many as the minimum.',
    'new-1.price': 'Please enter an amount such as 12.50.',
    'new-1.salesUntil': 'This has to be after the start of the sale of this type.',
  });
});

test('an issue of the whole list of ticket types belongs to the list', () => {
  const words = 'These ticket types do not fit together. At least one of them has to take a seat.';
  for (const path of [['ticketTypes'], ['changes', 'ticketTypes', 1, 'id']])
    expect(eventErrors(failure({ issues: [issue(path, 'custom')] }), sent)).toEqual({ ticketTypes: words });
});

test('an issue of the one price belongs to the price of the type on sale', () => {
  expect(eventErrors(failure({ issues: [issue(['changes', 'price', 'amount'])] }), sent)).toEqual({
    't2.price': 'Please enter an amount such as 12.50.',
  });
});

test('a limit below what is held and sold is refused at its type, too few seats at the seats', () => {
  const inUse = (details: object) => eventErrors(failure({ code: 'SEATS_IN_USE', details: { ...details } }), sent);
  expect(inUse({ ticketType: 't2', minimum: 5 })).toEqual({
    't2.limit': 'At least 5: that many tickets of this type are held or sold.',
  });
  expect(inUse({ minimum: 12 })).toEqual({ totalSeats: 'At least 12: that many are held or sold.' });
});

test('another number of seats for a booked ticket type is refused at its seats', () => {
  const details = { reason: 'has_bookings', ticketType: 't2', seats: 4 };
  expect(eventErrors(failure({ code: 'INVALID_STATE', details }), sent)).toEqual({
    't2.seats': 'This type has been booked, so its tickets keep their seats: 4.',
  });
});

test('a price that the payment provider does not take is refused at its type', () => {
  const refused = (details: object) =>
    eventErrors(failure({ code: 'INVALID_STATE', details: { payments: 'stripe', ...details } }), sent);
  expect(refused({ minimum: 50 })).toEqual({ 't2.price': 'The payment provider charges €0.50 at least.' });
  expect(refused({ step: 100, ticketType: 'new-1' })).toEqual({
    'new-1.price': 'The payment provider charges in steps of €1.00.',
  });
});

test('a failure without a field has no errors', () => {
  expect(eventErrors(failure({ code: 'UNAVAILABLE' }), sent)).toEqual({});
  expect(eventErrors(failure({ code: 'INVALID_STATE', details: { revision: 3 } }), sent)).toEqual({});
});
