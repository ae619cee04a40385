import { expect, test } from 'vitest';
import { memoryStorage } from '../fixtures.ts';
import { atPrice, bookInput, isForTickets, joinInput, owedFor, type SeatsRequest } from './seats-request.ts';
import { StoredSlot } from './stored-slot.ts';

const eventId = 'e'.repeat(24);
const euros = (amount: number) => ({ amount, currency: 'EUR' });
const bySeats: SeatsRequest = { seats: 2, price: euros(2_000) };
const tickets = [
  { type: 't1', count: 2 },
  { type: 't2', count: 1 },
];
const byTypes: SeatsRequest = { tickets, voucher: 'HALF', seats: 3, total: euros(4_600) };

test('a booking is asked for in the form in which it was chosen', () => {
  expect(bookInput(eventId, 'r', bySeats)).toEqual({ requestId: 'r', eventId, seats: 2, price: euros(2_000) });
  expect(bookInput(eventId, 'r', byTypes)).toEqual({
    requestId: 'r',
    eventId,
    tickets,
    voucher: 'HALF',
    total: euros(4_600),
  });
  expect(bookInput(eventId, 'r', { ...byTypes, voucher: null })).not.toHaveProperty('voucher');
  expect(joinInput(eventId, 'r', bySeats)).toEqual({ requestId: 'r', eventId, seats: 2 });
  expect(joinInput(eventId, 'r', byTypes)).toEqual({ requestId: 'r', eventId, tickets });
});

test('the whole choice survives a reload, in the format that earlier versions read where it is one of seats', () => {
  const storage = memoryStorage();
  const slot = () => new StoredSlot({ storage, kind: 'book', userId: 'u', eventId });
  for (const input of [bySeats, byTypes, { ...byTypes, voucher: null }]) {
    const request = { requestId: 'r', input, startedMs: 1, isStopped: false };
    slot().keep(request);
    expect(slot().read()).toEqual(request);
  }
  slot().keep({ requestId: 'r', input: bySeats, startedMs: 1, isStopped: false });
  expect(JSON.parse([...storage.kept.values()][0] ?? '')).toEqual({
    requestId: 'r',
    eventId,
    ...bySeats,
    startedMs: 1,
    isStopped: false,
  });
});

test('a request at a new price is the same request, if the refusal has the price that it needs', () => {
  expect(atPrice(bySeats, { price: euros(1), total: euros(2) })).toEqual({ seats: 2, price: euros(1) });
  expect(atPrice(byTypes, { price: euros(1), total: euros(2) })).toEqual({ ...byTypes, total: euros(2) });
  expect(atPrice(byTypes, { price: euros(1), total: null })).toBeNull();
  expect(atPrice(bySeats, { price: null, total: euros(2) })).toBeNull();
  expect([owedFor(bySeats).amount, owedFor(byTypes).amount]).toEqual([2_000, 4_600]);
});

test('a waitlist entry is the outcome of a request for just its tickets', () => {
  const entry = { seats: 3, tickets: tickets.toReversed() };
  expect(isForTickets(entry, byTypes)).toBe(true);
  expect(isForTickets({ ...entry, tickets: [{ type: 't1', count: 3 }] }, byTypes)).toBe(false);
  expect(isForTickets({ seats: 2, tickets: [{ type: 't1', count: 2 }] }, bySeats)).toBe(true);
  expect(isForTickets(entry, bySeats)).toBe(false);
});
