import { expect, it } from 'vitest';
import { ok, refuse } from '#shared/protocol/errors.ts';
import { idsOf, idsWith } from './logged-ids.ts';

const REQUEST = '7b1f4d0e-6f1c-4a53-9f0e-0f5a1f9c7a11';
const EVENT = 'a'.repeat(24);

it('the ids of an input are its ids alone: no text of a person, no password, no made-up id', () => {
  const input = { requestId: REQUEST, eventId: EVENT, seats: 2, name: 'Alice', password: 'correct horse' };
  expect(idsOf(input)).toEqual({ requestId: REQUEST, eventId: EVENT });
  for (const made of ['alice@example.org', 'x'.repeat(24), { $ne: null }, 7, `${EVENT} password`])
    expect(idsOf({ bookingId: made })).toEqual({});
  for (const odd of [null, undefined, 'text', 7, []]) expect(idsOf(odd)).toEqual({});
});

it('the ids of a booking include the id of what it made, once it is made', () => {
  const input = { requestId: REQUEST, eventId: EVENT, seats: 2 };
  const made = ok({ id: 'b'.repeat(24), code: 'ABC' });
  expect(idsWith(made, 'book', input)).toEqual({ requestId: REQUEST, eventId: EVENT, bookingId: 'b'.repeat(24) });
  expect(idsWith(refuse('SOLD_OUT'), 'book', input)).toEqual({ requestId: REQUEST, eventId: EVENT });
  expect(idsWith(made, 'getEvent', { eventId: EVENT })).toEqual({ eventId: EVENT });
});
