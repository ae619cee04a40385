import { expect, test } from 'vitest';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import { anAvailability, anEvent } from '../fixtures.ts';
import type { ChosenCounts } from '#lib/ticket-types/choice.ts';
import { TicketChoice } from './ticket-choice.svelte.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const adult = aTicketType({ name: 'Adult', price: euros(4_000) });
const early = aTicketType({ id: 't2', name: 'Early bird', price: euros(3_000), limit: 5, available: 3 });
const group = aTicketType({ id: 't3', name: 'Group', price: euros(1_000), minPerBooking: 4 });

function choosing() {
  const state = { types: [adult, early, group], seats: anAvailability() };
  const kept: ChosenCounts[] = [];
  const bounds = () => ({ ...state, event: anEvent(), nowMs: Date.parse('2026-10-01T12:00:00.000Z') });
  return { state, kept, choice: new TicketChoice(bounds, {}, (counts) => kept.push(counts)) };
}

test('a choice stays within what is left and what one booking may have, and is kept at each step', () => {
  const { choice, kept } = choosing();
  choice.set(early, 5);
  choice.set(group, 2);
  choice.set(adult, 1);
  expect([choice.count(early), choice.count(group), choice.count(adult)]).toEqual([3, 0, 1]);
  choice.set(group, 4);
  expect(choice.request('CODE')).toEqual({
    tickets: [
      { type: 't1', count: 1 },
      { type: 't2', count: 3 },
      { type: 't3', count: 4 },
    ],
    voucher: 'CODE',
    seats: 8,
    total: euros(17_000),
  });
  expect(kept).toHaveLength(4);
});

test('a live change never moves a choice: it says what is wrong, and an early bird that returns is bookable at once', () => {
  const { state, choice } = choosing();
  choice.set(early, 2);
  state.seats = anAvailability({ version: 2, ticketsLeft: [{ type: 't2', available: 0 }] });
  expect([choice.count(early), choice.most(early)]).toEqual([2, 2]);
  expect(choice.problem).toMatchObject({ kind: 'left', left: 0 });
  state.seats = anAvailability({ version: 3, ticketsLeft: [{ type: 't2', available: 4 }] });
  expect([choice.problem, choice.most(early)]).toEqual([null, 4]);
});

test('a kept choice is taken as far as it is bookable, and waits for types that a voucher brings', () => {
  const { state, choice } = choosing();
  choice.take({ t1: 2, t2: 9, t3: 2, t9: 1 });
  expect(choice.tickets).toEqual([
    { type: 't1', count: 2 },
    { type: 't2', count: 3 },
  ]);
  state.types = [...state.types, aTicketType({ id: 't9', access: 'voucher' })];
  expect(choice.seats).toBe(6);
});
