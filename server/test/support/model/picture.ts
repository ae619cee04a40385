import type { BookingState } from '#server/booking/rules/state/booking-state.ts';
import type { EventState } from '#server/booking/rules/state/event-state.ts';
import type { VoucherState } from '#server/booking/rules/vouchers/voucher-state.ts';
import type { WaitlistEntryState } from '#server/booking/rules/waitlist/entry-state.ts';
import { linesText, partText } from './answer.ts';
import type { ModelBooking, ModelState } from './state.ts';
import { freeSeats, offerKey, seatsWhile, showsOf, ticketsWhile } from './state.ts';
import { usesWhile } from './vouchers/rules.ts';

/** The visible state of an event in the model's terms, so that model and database can be compared. */
export interface Picture {
  seats: { total: number; available: number; held: number; sold: number };
  /** Each type with its tickets. */
  types: string[];
  /** Each voucher with its uses. */
  vouchers: string[];
  waitingCount: number;
  holdsUntil: number | null;
  status: string;
  revision: number;
  waiting: string[];
  bookings: Record<string, unknown>;
  entries: Record<string, unknown>;
}

export function pictureOfModel(state: ModelState): Picture {
  const ends = state.bookings.flatMap(({ status, endsAt }) => (status === 'held' && endsAt !== null ? [endsAt] : []));
  const entries = [...state.waiting, ...state.answered];
  return {
    seats: {
      total: state.totalSeats,
      available: freeSeats(state),
      held: seatsWhile(state, 'held'),
      sold: seatsWhile(state, 'confirmed'),
    },
    types: state.types.map(({ id, seats, limit, archived }) =>
      [id, seats, limit, archived, ticketsWhile(state, 'held', id), ticketsWhile(state, 'confirmed', id)].join(' '),
    ),
    vouchers: state.vouchers
      .map((voucher) => {
        const [held, used] = [usesWhile(state, voucher, 'held'), usesWhile(state, voucher, 'confirmed')];
        return [voucher.code, held, used].join(' ');
      })
      .sort(),
    waitingCount: state.waiting.length,
    holdsUntil: ends.length > 0 ? Math.max(...ends) : null,
    status: state.settings.status,
    revision: state.revision,
    waiting: state.waiting.map(({ key }) => key),
    bookings: Object.fromEntries(
      state.bookings.map((booking) => {
        const { key, user, lines, voucher, status, version, inside, own, endsAt, settling, parts } = booking;
        const owner = [user, booking.provisional, booking.adoptedFrom];
        const tickets = [linesText(lines), voucher, ...parts];
        return [
          key,
          [...owner, ...tickets, status, version, inside, ownText(own), endsAt, settling, showsOf(booking)].join(' '),
        ];
      }),
    ),
    entries: Object.fromEntries(
      entries.map(({ key, user, wants, status, version, booking }) => [
        key,
        [user, linesText(wants), status, version, booking].join(' '),
      ]),
    ),
  };
}

/** The own tickets of seats as one text, in the order of their names. */
function ownText(own: ModelBooking['own']): string {
  const texts = [...own].map(([seat, { revoked, isSent, isInside }]) =>
    [seat, revoked, isSent && 'sent', isInside && 'inside'].join(' '),
  );
  return texts.sort().join(', ');
}

/** An event's stored documents as states. */
export interface Stored {
  event: EventState;
  bookings: readonly BookingState[];
  entries: readonly WaitlistEntryState[];
  vouchers: readonly VoucherState[];
}

/** Maps stored booking ids to the model's keys, and back. */
export function namesOf({ bookings, entries }: Pick<Stored, 'bookings' | 'entries'>) {
  const offers = new Set(bookings.flatMap(({ id, source }) => (source === 'waitlist' ? [id] : [])));
  const entryOf = new Map(entries.flatMap(({ id, bookingId }) => (bookingId ? [[bookingId, id] as const] : [])));
  const offerOf = new Map([...entryOf].map(([bookingId, entry]) => [offerKey(entry), bookingId]));
  return {
    name: (bookingId: string) => (offers.has(bookingId) ? offerKey(entryOf.get(bookingId) ?? 'no entry') : bookingId),
    idOf: (key: string) => offerOf.get(key) ?? key,
  };
}

export function pictureOfStored(stored: Stored): Picture {
  const { event, bookings, entries, vouchers } = stored;
  const { name } = namesOf(stored);
  const { totalSeats, availableSeats, heldSeats, soldSeats } = event.counters;
  const waiting = entries.filter(({ status }) => status === 'waiting').sort((a, b) => a.place - b.place);
  return {
    seats: { total: totalSeats, available: availableSeats, held: heldSeats, sold: soldSeats },
    types: event.ticketTypes.map(({ id, seats, limit, archived, held, sold }) =>
      [id, seats, limit, archived, held, sold].join(' '),
    ),
    vouchers: vouchers.map(({ code, held, used }) => [code, held, used].join(' ')).sort(),
    waitingCount: event.waitingCount,
    holdsUntil: event.holdsUntil?.getTime() ?? null,
    status: event.settings.status,
    revision: event.revision,
    waiting: waiting.map(({ id }) => id),
    bookings: Object.fromEntries(
      bookings.map((booking) => {
        const { id, userId, tickets, voucher, status, version, checkedInSeats: inside, personalTickets } = booking;
        const own = personalTickets.map(({ type, number, issue, sharedAt, checkedInAt }) => {
          const facts = { revoked: issue, isSent: sharedAt !== null, isInside: checkedInAt !== null };
          return [`${type} ${number}`, facts] as const;
        });
        const parts = booking.cancelledParts.map(({ by, amount, at, tickets: lines }) =>
          partText({ by, amount: amount ?? 0, at: at.getTime(), lines }),
        );
        const owner = [userId, booking.provisional, booking.adoptedFrom];
        const shown = [linesText(tickets), voucher?.id, ...parts];
        const endsAt = 'holdExpiresAt' in booking ? booking.holdExpiresAt.getTime() : null;
        const settling = 'settling' in booking && booking.settling;
        const shows = booking.payment ? `${booking.payment.status} ${booking.payment.amount}` : 'nothing';
        return [
          name(id),
          [...owner, ...shown, status, version, inside, ownText(new Map(own)), endsAt, settling, shows].join(' '),
        ];
      }),
    ),
    entries: Object.fromEntries(
      entries.map(({ id, userId, tickets, status, version, bookingId }) => [
        id,
        [userId, linesText(tickets), status, version, bookingId && name(bookingId)].join(' '),
      ]),
    ),
  };
}
