import type { Edit } from '#server/booking/rules/command.ts';
import type { Answer } from './answer.ts';
import { DONE, refused } from './answer.ts';
import type { ModelState } from './state.ts';
import { closesAt, seatsWhile } from './state.ts';
import { contradicts, editTypes, lockedType, lowestAmount } from './tickets/edits.ts';

export function edit(state: ModelState, { revision, changes }: Edit, now: number): Answer {
  const before = state.settings;
  if (before.status === 'cancelled') return refused('INVALID_STATE', { status: 'cancelled' });
  if (revision !== state.revision) return refused('INVALID_STATE', { revision: state.revision });
  const booked = state.bookings.length > 0;
  if (changes.status === 'draft' && before.status === 'published' && booked) {
    return refused('INVALID_STATE', { status: 'published', reason: 'has_bookings' });
  }
  const { currency } = before.price;
  const { totalSeats = state.totalSeats, price, ticketTypes: list, ...settings } = changes;
  const newPrice = price ?? list?.[0]?.price;
  if (newPrice && newPrice.currency !== currency && booked) return refused('INVALID_STATE', { currency });
  const minimum = seatsWhile(state, 'held') + seatsWhile(state, 'confirmed');
  if (totalSeats < minimum) return refused('SEATS_IN_USE', { minimum });
  const locked = list ? lockedType(state, list) : null;
  if (locked) return locked;
  const after = { ...state, settings: { ...before, ...settings } };
  const { salesOpenAt, startsAt, venue } = after.settings;
  if (salesOpenAt && salesOpenAt.getTime() >= closesAt(after)) return refused('INVALID_INPUT');
  if (list && contradicts(state, list)) return refused('INVALID_INPUT');
  if (price && state.types.filter(({ archived }) => !archived).length !== 1) return refused('INVALID_INPUT');
  const isNew = startsAt.getTime() !== before.startsAt.getTime() || before.status === 'draft';
  if (after.settings.status === 'published' && isNew && startsAt.getTime() <= now) return refused('INVALID_INPUT');
  if (startsAt.getTime() !== before.startsAt.getTime() || venue !== before.venue) state.movedAt = now;
  if (list) editTypes(state, list);
  else if (price) for (const type of state.types) if (!type.archived) type.amount = price.amount;
  after.settings.price = { amount: lowestAmount(state), currency: newPrice?.currency ?? currency };
  Object.assign(state, { settings: after.settings, totalSeats, revision: state.revision + 1 });
  return DONE;
}

/** Cancels the event; a repeat changes nothing. */
export function cancelEvent(state: ModelState): Answer {
  if (state.settings.status !== 'cancelled') state.revision += 1;
  state.settings = { ...state.settings, status: 'cancelled' };
  return DONE;
}
