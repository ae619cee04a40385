import { expect, test } from 'vitest';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import { emptyType, isOnePrice, parseType, typeFieldsOf, type TicketTypeFields } from './ticket-type-form.ts';

const context = { currency: 'EUR', timeZone: 'Europe/Berlin' };

test('a stored ticket type is parsed to what it is', () => {
  const type = aTicketType({
    name: 'Family',
    description: 'Two and two',
    price: { amount: 4_850, currency: 'EUR' },
    seats: 4,
    limit: 20,
    salesFrom: '2026-09-01T08:00:00.000Z',
    salesUntil: '2026-10-25T01:15:00.000Z',
    minPerBooking: 1,
    maxPerBooking: 2,
    access: 'voucher',
  });
  const { archived: _, available: _a, held: _h, sold: _s, ...input } = type;
  expect(parseType(typeFieldsOf(type, 'Europe/Berlin'), context)).toEqual({ input, issues: {} });
});

test('all invalid fields of a ticket type have an issue at once', () => {
  const type: TicketTypeFields = {
    ...emptyType(),
    name: ' ',
    price: 'free',
    seats: '',
    limit: 'some',
    salesFrom: 'soon',
    maxPerBooking: '-1',
  };
  expect(parseType(type, context).issues).toEqual({
    name: 'required',
    price: 'amount',
    seats: 'required',
    limit: 'number',
    salesFrom: 'time',
    maxPerBooking: 'number',
  });
});

test('an empty limit, window and maximum of a ticket type are null', () => {
  const { input } = parseType({ ...emptyType(), name: 'Adult' }, context);
  expect(input).toMatchObject({ limit: null, salesFrom: null, salesUntil: null, maxPerBooking: null });
  expect(input).not.toHaveProperty('id');
});

test('one price is enough for a single type with nothing but a name and a price', () => {
  const fields = (more = {}) => typeFieldsOf(aTicketType({ name: 'Adult', ...more }), 'UTC');
  expect(isOnePrice([fields()])).toBe(true);
  for (const more of [
    { limit: 5 },
    { seats: 2 },
    { description: 'Seated' },
    { minPerBooking: 2 },
    { access: 'voucher' },
  ])
    expect(isOnePrice([fields(more)]), JSON.stringify(more)).toBe(false);
  expect(isOnePrice([fields(), fields()])).toBe(false);
});

test('a new ticket type has a key that no other type of the form has', () => {
  const first = emptyType();
  const second = emptyType([first]);
  expect([first.key, second.key, emptyType([second]).key]).toEqual(['new-1', 'new-2', 'new-3']);
});
